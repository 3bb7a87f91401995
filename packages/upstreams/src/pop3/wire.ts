/*
 * The octets of one POP3 connection, taken in as they are asked for: a server can not fill this process, and who reads slowly slows it down. The first
 * failure is final: the socket is destroyed and every later call rejects with it.
 */
import type { Socket } from 'node:net';
import { MailError } from '@stopgap/core';
import { reasonOfNetworkError } from '../net/network-reason.ts';
import { sessionEnded } from './failures.ts';

/** RFC 1939 3 says 512 for an answer; a UIDL of 70 and a greeting are shorter. A longer one is no POP3. */
const LONGEST_LINE = 4096;
/** More than this waits in the kernel until it is wanted. */
const MOST_UNREAD_BYTES = 256 * 1024;
/** Without an octet for so long, the server is taken for dead. */
const SILENCE_MS = 60_000;
/** Until the other side has closed, too: what it locks for a session is free then. */
const FAREWELL_MS = 2000;

const LF = 0x0a;
const CR = 0x0d;

export interface WireLine {
  /** One character for each octet; without its line end. */
  readonly text: string;
  /** It ended in LF without CR. */
  readonly isBare: boolean;
}

export class Pop3Wire {
  readonly #host: string;
  #socket: Socket;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #failure: MailError | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Socket, host: string) {
    this.#host = host;
    this.#socket = socket;
    this.#attach(socket);
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Octets have come that nobody has asked for yet. */
  get hasUnread(): boolean {
    return this.#unreadBytes > 0;
  }

  write(text: string): void {
    this.#throwIfFailed();
    this.#socket.write(text);
  }

  /** The next line. Rejects with the failure of the wire. */
  async line(): Promise<WireLine> {
    for (;;) {
      const line = this.#takeLine();
      if (line !== undefined) return line;
      if (this.#unreadBytes > LONGEST_LINE) throw this.#protocolFailure('sent a line without end');
      await this.#more();
    }
  }

  /** What has come, at least one octet. */
  async octets(): Promise<Buffer> {
    for (;;) {
      const chunk = this.#unread.shift();
      if (chunk !== undefined) {
        this.#unreadBytes -= chunk.length;
        this.#socket.resume();
        return chunk;
      }
      await this.#more();
    }
  }

  /** Puts back what was read too far. */
  putBack(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#unread.unshift(rest);
    this.#unreadBytes += rest.length;
  }

  /** Takes the socket out to put TLS on it. Nothing that was received in clear may be read as if it came inside. */
  async upgrade(toTls: (socket: Socket) => Promise<Socket>): Promise<void> {
    this.#throwIfFailed();
    const plain = this.#socket;
    if (this.#unreadBytes > 0 || plain.readableLength > 0) {
      const text = `${this.#host} sent more in clear behind its answer to STLS`;
      throw this.fail(new MailError('transient', text, { code: 'tls', reason: { class: 'tls', text, host: this.#host } }));
    }
    this.#detach(plain);
    try {
      this.#socket = await toTls(plain);
    } catch (error) {
      throw this.fail(error instanceof MailError ? error : sessionEnded(reasonOfNetworkError(error, this.#host), error));
    }
    this.#attach(this.#socket);
  }

  /** Ends it without a word. Returns the failure that all calls get from now on: the first one. */
  fail(failure: MailError): MailError {
    if (this.#failure === undefined) {
      this.#failure = failure;
      this.#socket.destroy();
      this.#wake();
    }
    return this.#failure;
  }

  /** Ends it without a word, and forgets what has come and was not read. */
  drop(failure: MailError): MailError {
    this.#unread = [];
    this.#unreadBytes = 0;
    return this.fail(failure);
  }

  /** Closes in good order and waits a little for the other side to close. Never rejects. */
  async end(): Promise<void> {
    if (this.#failure !== undefined) return;
    this.#failure = this.#closed();
    const socket = this.#socket;
    this.#detach(socket);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FAREWELL_MS);
      socket
        .on('error', () => undefined)
        .once('close', () => {
          clearTimeout(timer);
          resolve();
        })
        .resume()
        .end();
    });
    socket.destroy();
  }

  /** While it is not called off, `signal` ends the connection. */
  endOn(signal: AbortSignal): () => void {
    const onAbort = () => {
      const text = `the talk with ${this.#host} was broken off`;
      this.drop(new MailError('transient', text, { code: 'cancelled', reason: { class: 'cancelled', text }, cause: signal.reason }));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  #takeLine(): WireLine | undefined {
    const [first] = this.#unread;
    if (first === undefined) return undefined;
    // A line seldom lies in two chunks; then they are joined, and the bound on lines bounds that.
    const joined = first.includes(LF) || this.#unread.length === 1 ? first : Buffer.concat(this.#unread);
    if (joined !== first) this.#unread = [joined];
    const end = joined.indexOf(LF);
    if (end === -1) return undefined;
    if (end > LONGEST_LINE) throw this.#protocolFailure('sent a line without end');
    const isBare = joined[end - 1] !== CR;
    const rest = joined.subarray(end + 1);
    if (rest.length > 0) this.#unread[0] = rest;
    else this.#unread.shift();
    this.#unreadBytes -= end + 1;
    return { text: joined.toString('latin1', 0, isBare ? end : end - 1), isBare };
  }

  async #more(): Promise<void> {
    this.#throwIfFailed();
    const before = this.#unreadBytes;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.fail(this.#silence()), SILENCE_MS);
    this.#wake = resolve;
    this.#socket.resume();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#wake = () => undefined;
    }
    // What has come before the end still counts.
    if (this.#unreadBytes === before) this.#throwIfFailed();
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #attach(socket: Socket): void {
    socket.on('data', this.#onData).on('error', this.#onError).on('end', this.#onClose).on('close', this.#onClose);
  }

  #detach(socket: Socket): void {
    socket.off('data', this.#onData).off('error', this.#onError).off('end', this.#onClose).off('close', this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.length;
    if (this.#unreadBytes >= MOST_UNREAD_BYTES) this.#socket.pause();
    this.#wake();
  };

  readonly #onError = (error: Error): void => {
    this.fail(sessionEnded(reasonOfNetworkError(error, this.#host), error));
  };

  readonly #onClose = (): void => {
    this.fail(this.#closed());
  };

  #closed(): MailError {
    return sessionEnded({ class: 'connect', text: `${this.#host} closed the connection`, host: this.#host });
  }

  #silence(): MailError {
    const text = `${this.#host} said nothing for ${SILENCE_MS / 1000} s`;
    return sessionEnded({ class: 'connect', text, host: this.#host });
  }

  #protocolFailure(what: string): MailError {
    const text = `${this.#host} ${what}`;
    return this.fail(new MailError('transient', text, { code: 'void', reason: { class: 'protocol', text, host: this.#host } }));
  }
}
