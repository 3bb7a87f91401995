import { randomUUID } from 'node:crypto';
import { MailError, type BlobWriter, type Envelope } from '@stopgap/core';
import { createSubmissionFilter, type SubmissionFacts, type SubmissionFilter } from '@stopgap/message';
import { faultOfHeader } from './author-rights.ts';
import { ClientHash } from './client-hash.ts';
import type { Client, LoggedIn, Transaction } from './client.ts';
import { endsConnection, replies, replyOf, type Reply } from './replies.ts';
import type { Settings } from './settings.ts';

/** A client that sends on past the limit is read out this many times over, so that it hears the 552; then it is cut. */
const PATIENCE = 2;

/**
 * One message from DATA to its answer: bytes through the filter into the blob writer, then `put`. Whatever goes wrong is remembered and told at the
 * final dot; the writer is aborted at once, so nothing is kept.
 */
export class IncomingMessage {
  readonly #settings: Settings;
  readonly #client: Client;
  readonly #login: LoggedIn;
  readonly #transaction: Transaction;
  readonly #filter: SubmissionFilter;
  readonly #writer: BlobWriter;
  readonly #hash = new ClientHash();
  #bytes = 0;
  #fault: { readonly reply: Reply; readonly error?: unknown } | undefined;

  constructor(from: { readonly client: Client; readonly login: LoggedIn; readonly transaction: Transaction }, settings: Settings) {
    this.#settings = settings;
    this.#client = from.client;
    this.#login = from.login;
    this.#transaction = from.transaction;
    this.#filter = createSubmissionFilter({
      nowMs: settings.clock.nowMs(),
      newMessageId: () => `<${randomUUID()}@${settings.hostname}>`,
    });
    this.#writer = settings.stageBlob();
  }

  /** A reply: give it at once and end the connection. A promise: wait. */
  write(content: Buffer): Reply | Promise<void> | undefined {
    this.#bytes += content.length;
    const limit = this.#settings.limits.messageBytes;
    if (this.#bytes > limit * PATIENCE) return this.#refuse({ reply: replies.farTooBig(limit) });
    if (this.#fault) return undefined;
    if (this.#bytes > limit) return void this.#refuse({ reply: replies.tooBig(limit) });
    const pieces = this.#filter.push(content);
    const { violation } = this.#filter;
    if (violation) return this.#violate(violation);
    this.#hash.sent(content);
    return this.#store(pieces);
  }

  /** The final dot. Never rejects. */
  async end(): Promise<Reply> {
    if (this.#fault) return this.#fault.reply;
    return await this.#finish();
  }

  async #finish(): Promise<Reply> {
    try {
      const { chunks, facts } = this.#filter.end();
      await this.#store(chunks);
      if (this.#fault) return this.#fault.reply;
      const own = this.#login.addresses;
      const fault = faultOfHeader(facts, { own, hostname: this.#settings.hostname, hops: this.#settings.limits.hops });
      return fault ? this.#refuse({ reply: fault }) : await this.#put(facts);
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** The client went away before the dot. */
  abort(): void {
    this.#fault ??= { reply: replies.tryLater };
    // The writer's own trouble in throwing away is nobody's: strays are swept at start.
    void this.#writer.abort().catch(() => undefined);
  }

  async #put(facts: SubmissionFacts): Promise<Reply> {
    const blob = await this.#writer.finish();
    const login = this.#login;
    const { from, recipients, sendLater } = this.#transaction;
    const { id, repeated } = await this.#settings.put({
      account: login.account,
      provider: login.provider,
      envelope: this.#envelope(facts),
      messageId: facts.messageId,
      blob,
      clientHash: this.#hash.digest(blob),
      generatedMessageId: facts.addedMessageId,
      helo: this.#client.helo,
      protocol: `${this.#transaction.smtpUtf8 ? 'UTF8SMTP' : 'ESMTP'}${this.#client.isSecure ? 'S' : ''}A`,
      ...(sendLater === undefined ? {} : { sendLater }),
    });
    const { remoteAddress } = this.#client;
    const { messageId } = facts;
    this.#settings.events.accepted({
      id,
      repeated,
      login,
      remoteAddress,
      from,
      recipients: recipients.size,
      sizeBytes: blob.sizeBytes,
      messageId,
    });
    return replies.queued(id);
  }

  #envelope(facts: SubmissionFacts): Envelope {
    const { recipients, sendLater: _, ...envelope } = this.#transaction;
    // Programs forget to declare it; the next hop has to know (RFC 6152 3).
    return { ...envelope, eightBitMime: envelope.eightBitMime || facts.hasEightBit, recipients: [...recipients.values()] };
  }

  #violate(violation: MailError): Reply | undefined {
    const reply = this.#refuse({ reply: replyOf(violation) });
    return endsConnection(violation) ? { ...reply, isLast: true } : undefined;
  }

  #store(pieces: readonly Buffer[]): Promise<void> | undefined {
    this.#hash.kept(pieces);
    let waiting: Promise<void> | undefined;
    for (const piece of pieces) {
      // Pieces are few: one, or header and rest.
      if (waiting) waiting = waiting.then(() => this.#writer.write(piece));
      else waiting = this.#writer.write(piece) ?? undefined;
    }
    return waiting?.catch((error: unknown) => void this.#fail(error));
  }

  /** A permanent error is the client's to mend; of ours the log hears more. */
  #fail(error: unknown): Reply {
    const isOurs = !(error instanceof MailError && error.kind === 'permanent');
    return this.#refuse({ reply: replyOf(error), ...(isOurs ? { error } : {}) });
  }

  #refuse(fault: { readonly reply: Reply; readonly error?: unknown }): Reply {
    if (!this.#fault) {
      this.#fault = fault;
      this.abort();
      const { remoteAddress } = this.#client;
      this.#settings.events.refused({ login: this.#login, remoteAddress, from: this.#transaction.from, ...fault });
    }
    return fault.reply;
  }
}
