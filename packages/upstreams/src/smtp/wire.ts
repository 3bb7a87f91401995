/*
 * The bytes of one SMTP connection. Each command awaits its replies through one expectation; a reply that nobody expects is a fault of
 * the server (a 250 before the dot must never pass for an answer to the dot), except 421, with which a server may
 * close at any time (RFC 5321 3.8). The first failure is final: the socket is destroyed and every later call rejects with it.
 */
import type { Socket } from 'node:net';
import { classify, type Verb } from './classify.ts';
import { SmtpFailure } from './failure.ts';
import { quote, ReplyParser, type SmtpReply } from './reply.ts';
import { reasonOfNetworkError } from '../net/network-reason.ts';

/** A server that does not close after our QUIT is left. */
const LAST_WORDS_MS = 5000;

interface Expectation {
  readonly verb: Verb;
  readonly replies: SmtpReply[];
  readonly count: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (replies: readonly SmtpReply[]) => void;
  readonly reject: (failure: SmtpFailure) => void;
}

export class SmtpWire {
  readonly #host: string;
  #socket: Socket;
  readonly #parser = new ReplyParser();
  #expected: Expectation | undefined;
  #failure: SmtpFailure | undefined;
  #onFailure: (() => void) | undefined;
  #heardNothing = true;

  constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    this.#attach(socket);
  }

  get failure(): SmtpFailure | undefined {
    return this.#failure;
  }

  /** Called once, when the wire has failed; for a pool that holds it idle. */
  onFailure(listener: () => void): void {
    this.#onFailure = listener;
  }

  write(bytes: string | Buffer): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#socket.write(bytes);
  }

  /** Since the last commands were written, not one reply has come, but perhaps a 421. */
  get heardNothing(): boolean {
    return this.#heardNothing;
  }

  /** Closes after what was written has left. */
  end(): void {
    if (this.#failure !== undefined) return;
    this.#failure = this.#closedFailure();
    this.#socket
      .off('error', this.#onError)
      .on('error', () => undefined)
      .end();
    this.#socket.setTimeout(LAST_WORDS_MS, () => this.#socket.destroy());
  }

  /** The pieces in one system call. */
  writeAll(pieces: readonly Buffer[]): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (pieces.length > 1) this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    if (pieces.length > 1) this.#socket.uncork();
  }

  get needsDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Resolves when all that was written has been handed to the operating system. */
  async flushed(timeoutMs: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#socket.writableLength === 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.fail(this.#timeoutFailure('data', timeoutMs)), timeoutMs);
    const socket = this.#socket;
    const onClose = () => reject(this.#failure ?? this.#closedFailure());
    // An empty write is answered after everything before it.
    socket.write('', () => resolve());
    socket.once('close', onClose);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      socket.off('close', onClose);
    }
    this.throwIfFailed();
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The next `count` replies. Only one call at a time. */
  replies(count: number, verb: Verb, timeoutMs: number): Promise<readonly SmtpReply[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.fail(this.#timeoutFailure(verb, timeoutMs)), timeoutMs);
      this.#expected = { verb, replies: [], count, timer, resolve, reject };
      this.#heardNothing = true;
    });
  }

  async reply(verb: Verb, timeoutMs: number): Promise<SmtpReply> {
    const [reply] = await this.replies(1, verb, timeoutMs);
    if (reply === undefined) throw this.#closedFailure();
    return reply;
  }

  /** Takes the socket out to put TLS on it, in the very tick of the reply: nothing received in clear may be read as if it came inside. */
  async upgrade(toTls: (socket: Socket) => Promise<Socket>): Promise<void> {
    this.throwIfFailed();
    const plain = this.#socket;
    plain.off('data', this.#onData).off('error', this.#onError).off('close', this.#onClose);
    if (!this.#parser.isBetweenReplies || plain.readableLength > 0) {
      plain.on('error', () => {}).destroy();
      const text = `${this.#host} sent more in clear behind its answer to STARTTLS`;
      this.#failure = new SmtpFailure({ class: 'tls', text, host: this.#host });
      throw this.#failure;
    }
    try {
      this.#socket = await toTls(plain);
    } catch (error) {
      this.#failure = new SmtpFailure(reasonOfNetworkError(error, this.#host), { cause: error });
      throw this.#failure;
    }
    this.#attach(this.#socket);
  }

  /** Ends it without a word. */
  fail(failure: SmtpFailure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#socket.destroy();
    const expected = this.#expected;
    this.#expected = undefined;
    if (expected !== undefined) {
      clearTimeout(expected.timer);
      expected.reject(failure);
    }
    this.#onFailure?.();
  }

  #attach(socket: Socket): void {
    socket.on('data', this.#onData).on('error', this.#onError).on('close', this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#failure !== undefined) return;
    const { replies, nonsense } = this.#parser.feed(chunk);
    for (const reply of replies) this.#take(reply);
    if (nonsense !== undefined) this.fail(this.#protocolFailure(`${this.#host} sent ${nonsense}`));
  };

  #take(reply: SmtpReply): void {
    const expected = this.#expected;
    if (this.#failure !== undefined) return;
    if (expected === undefined) {
      this.fail(this.#unexpected(reply));
      return;
    }
    // A goodbye is no answer: the server has had enough of this connection, not of the message.
    if (reply.code !== 421) this.#heardNothing = false;
    expected.replies.push(reply);
    const isComplete = expected.replies.length === expected.count;
    if (isComplete) {
      this.#expected = undefined;
      clearTimeout(expected.timer);
      expected.resolve(expected.replies);
    }
    // RFC 5321 3.8: the server closes now; a complete answer still counts as one.
    if (reply.code === 421) this.fail(this.#closing(reply, expected.verb));
  }

  #unexpected(reply: SmtpReply): SmtpFailure {
    // In the middle of a body, or on an idle connection. What it speaks of (`552 too big`, `421 timeout`) is judged as at MAIL: never final.
    if (reply.code >= 400) return this.#closing(reply, 'mail');
    return this.#protocolFailure(`${this.#host} answered before it was asked: ${quote(reply)}`);
  }

  #closing(reply: SmtpReply, verb: Verb): SmtpFailure {
    const { reason, retryAfterMs } = classify(reply, verb, this.#host);
    return new SmtpFailure(reason, { retryAfterMs });
  }

  #protocolFailure(text: string): SmtpFailure {
    return new SmtpFailure({ class: 'protocol', text, host: this.#host });
  }

  #timeoutFailure(verb: Verb, timeoutMs: number): SmtpFailure {
    const text = `${this.#host} did not answer within ${Math.round(timeoutMs / 1000)} s (${verb})`;
    return new SmtpFailure({ class: 'connect', text, host: this.#host });
  }

  #closedFailure(): SmtpFailure {
    return new SmtpFailure({ class: 'connect', text: `${this.#host} closed the connection`, host: this.#host });
  }

  readonly #onError = (error: Error): void => {
    this.fail(new SmtpFailure(reasonOfNetworkError(error, this.#host), { cause: error }));
  };

  readonly #onClose = (): void => {
    this.fail(this.#closedFailure());
  };
}
