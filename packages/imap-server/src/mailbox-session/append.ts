import { createReadStream } from 'node:fs';
import { MailError, normalFlags, type BlobWriter, type Flag, type MailboxId, type StagedBlob, type Uid } from '@stopgap/core';
import { addMessage, changeFlags, mailboxIn, type MailTx } from '@stopgap/mailbox';
import { createDigester, type MessageDigest } from '@stopgap/message';
import { findMessage, type MailboxRow } from '@stopgap/store';
import type { Append, NewMessage } from '../session.ts';
import type { Owner } from './deps.ts';
import { mailboxNamed } from './mailbox-rows.ts';
import { findSentTwin } from './sent-twin.ts';

interface Taken {
  readonly blob: StagedBlob;
  readonly digest: MessageDigest;
  readonly flags: readonly Flag[];
  readonly receivedAtMs: number;
}

/** Bytes -> staged blob and digest, as they come; then one transaction for all messages of the command. */
export class MailboxAppend implements Append {
  readonly #owner: Owner;
  readonly #mailbox: MailboxRow;
  #taken: Taken[] = [];

  constructor(owner: Owner, mailbox: MailboxRow) {
    this.#owner = owner;
    this.#mailbox = mailbox;
  }

  async add({ flags, receivedAtMs, sizeBytes, bytes }: NewMessage): Promise<void> {
    const { store, clock, roomFor } = this.#owner.deps;
    if (!roomFor(sizeBytes)) throw noRoom();
    this.#refuseIfOverQuota(sizeBytes);
    const writer = store.blobs.stage();
    const digester = createDigester();
    try {
      await readInto(bytes, { writer, digester });
      this.#taken.push({
        digest: digester.finish(),
        blob: await writer.finish(),
        flags: normalFlags(flags),
        receivedAtMs: receivedAtMs ?? clock.nowMs(),
      });
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  async commit(): ReturnType<Append['commit']> {
    const { deps, account } = this.#owner;
    const twins = await this.#twins();
    const result = await deps.mailboxes.write(account, (mail) => {
      const { id, uidValidity } = mailboxIn(mail, this.#mailbox.id) ?? mailboxNamed(mail.tx, account, this.#mailbox.name);
      const uids = this.#taken.map(
        ({ blob, digest, flags, receivedAtMs }, index) =>
          unified(mail, twins[index], { mailbox: id, flags }) ??
          addMessage(mail, { mailbox: id, blob, digest, completeness: 'raw', receivedAtMs, flags, by: 'here' }).uid,
      );
      return { uidValidity, uids };
    });
    this.#taken = [];
    deps.changed(account);
    return result;
  }

  /** Big ones are files already, which the store removes when nobody has named them. */
  async abort(): Promise<void> {
    this.#taken = [];
  }

  /** Before the bytes are read in vain; what counts is counted in the transaction. */
  #refuseIfOverQuota(sizeBytes: number): void {
    const { deps, account } = this.#owner;
    if (deps.quotaBytes === undefined) return;
    const waiting = this.#taken.reduce((sum, { blob }) => sum + blob.sizeBytes, 0);
    const used = deps.mailboxes.list(account).reduce((sum, row) => sum + row.sizeBytes, 0);
    if (used + waiting + sizeBytes > deps.quotaBytes) throw overQuota();
  }

  /** What left through a webmail is in Sent already, put there by it; the same message from the mail program is that one. */
  async #twins(): Promise<readonly (MailTwin | undefined)[]> {
    if (this.#mailbox.role !== 'sent') return [];
    const twins: (MailTwin | undefined)[] = [];
    for (const { blob, digest } of this.#taken) {
      const id = await findSentTwin(this.#owner, this.#mailbox, { messageId: digest.envelope.messageId, open: () => bytesOf(blob) });
      // Two equal messages of one command are two.
      twins.push(id === undefined || twins.some((twin) => twin?.id === id) ? undefined : { id });
    }
    return twins;
  }
}

type MailTwin = { readonly id: Parameters<typeof findMessage>[1] };

/** Undefined: it is none, or is not there any more, or not for long. */
function unified(
  mail: MailTx,
  twin: MailTwin | undefined,
  { mailbox, flags }: { readonly mailbox: MailboxId; readonly flags: readonly Flag[] },
): Uid | undefined {
  const row = twin && findMessage(mail.tx, twin.id);
  if (row?.mailbox !== mailbox || row.flags.includes('$deleted')) return undefined;
  changeFlags(mail, [row.id], { add: flags, remove: [] }, 'here');
  return row.uid;
}

async function readInto(
  bytes: AsyncIterable<Buffer>,
  { writer, digester }: { readonly writer: BlobWriter; readonly digester: ReturnType<typeof createDigester> },
): Promise<void> {
  for await (const chunk of bytes) {
    digester.write(chunk);
    await writer.write(chunk);
  }
}

async function* bytesOf(blob: StagedBlob): AsyncGenerator<Buffer> {
  if (blob.inline) yield blob.inline;
  else if (blob.file !== undefined) for await (const chunk of createReadStream(blob.file)) yield chunk as Buffer;
}

function noRoom(): MailError {
  return new MailError('transient', 'The disk that holds the data directory is nearly full.', {
    code: 'store-full',
    reply: 'insufficient system storage',
  });
}

function overQuota(): MailError {
  return new MailError('permanent', 'The account is over its quota.', { code: 'over-quota', reply: 'the mailbox is over its quota' });
}
