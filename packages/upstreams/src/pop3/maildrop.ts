import { MailError, type LoginCredential } from '@stopgap/core';
import { Pop3Connection, type Pop3ConnectionOptions } from './connection.ts';
import { sessionEnded } from './failures.ts';
import { readSizes, takeSnapshot, type Snapshot } from './snapshot.ts';

export interface MaildropOptions extends Pop3ConnectionOptions {
  readonly credential: () => Promise<LoginCredential | undefined>;
}

/**
 * A mailbox as POP3 shows it: one log-in is one look. It is as it was at the log-in as long as that lasts, so who wants to see what is new gets a new
 * log-in; so does who comes after the server has ended the last one. What is asked for by name goes on over log-ins, numbers do not.
 */
export class Maildrop {
  readonly #options: MaildropOptions;
  #connection: Pop3Connection | undefined;
  #offers: ReadonlyMap<string, readonly string[]> = new Map();
  #loggedInAtMs = 0;
  #snapshot: Snapshot | undefined;
  #sizes: ReadonlyMap<number, number> | undefined;
  readonly #shownBy = new Set<'list' | 'changes'>();
  #hasTaken = false;
  #isClosed = false;

  constructor(options: MaildropOptions) {
    this.#options = options;
  }

  get host(): string {
    return this.#options.path.host;
  }

  offers(capability: string): boolean {
    return this.#offers.has(capability);
  }

  /** `job` with the connection ended when `signal` aborts. */
  async during<T>(signal: AbortSignal, job: () => Promise<T>): Promise<T> {
    const stopWatching = this.endOn(signal);
    try {
      return await job();
    } finally {
      stopWatching();
    }
  }

  endOn(signal: AbortSignal): () => void {
    const onAbort = () => this.#connection?.drop(cancelled(this.host, signal));
    if (signal.aborted) throw cancelled(this.host, signal);
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  async logIn(signal: AbortSignal): Promise<Pop3Connection> {
    if (this.#isClosed) throw sessionEnded({ class: 'cancelled', text: `the session with ${this.host} was closed here` });
    this.#throwIfTooSoon();
    await this.#leave();
    const { path, guard, credential } = this.#options;
    const opened = await credential();
    if (opened === undefined) throw withoutCredential();
    const connection = await Pop3Connection.open({ path, guard }, signal);
    this.#connection = connection;
    try {
      const verdict = await connection.logIn(opened);
      if (verdict.kind !== 'accepted') throw unaccepted(verdict);
      this.#loggedInAtMs = performance.now();
      // After the log-in: some servers tell more then (RFC 2449 5).
      this.#offers = await connection.capabilities();
    } catch (error) {
      connection.drop();
      throw error;
    }
    this.#snapshot = undefined;
    this.#sizes = undefined;
    this.#shownBy.clear();
    this.#hasTaken = false;
    return connection;
  }

  /** One that this use has not seen yet: two listings of one log-in would prove nothing twice. */
  async unseen(use: 'list' | 'changes', signal: AbortSignal): Promise<Snapshot> {
    if (this.#shownBy.has(use)) await this.logIn(signal);
    const snapshot = await this.current(signal);
    this.#shownBy.add(use);
    return snapshot;
  }

  /** With a new log-in. Undefined: the server does not allow one yet. */
  async lookAgain(signal: AbortSignal): Promise<Snapshot | undefined> {
    if (this.#waitMs() > 0) return undefined;
    await this.logIn(signal);
    return this.current(signal);
  }

  async current(signal: AbortSignal): Promise<Snapshot> {
    const connection = await this.connection(signal);
    this.#snapshot ??= await takeSnapshot(connection, this.host, this.offers('UIDL'));
    return this.#snapshot;
  }

  /** Of the current snapshot, by number. */
  async sizes(signal: AbortSignal): Promise<ReadonlyMap<number, number>> {
    const { numbers } = await this.current(signal);
    this.#sizes ??= await readSizes(await this.connection(signal), this.host, numbers.size);
    return this.#sizes;
  }

  async connection(signal: AbortSignal): Promise<Pop3Connection> {
    return this.#connection === undefined || this.#connection.hasEnded ? this.logIn(signal) : this.#connection;
  }

  /** From now on the connection is not ended with QUIT. */
  noteTaken(): void {
    this.#hasTaken = true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close({ hasTaken: this.#hasTaken });
  }

  /** RFC 2449 6.5: so long must it be between two log-ins. Asked sooner, the server refuses, and some then refuse for longer. */
  #waitMs(): number {
    const [seconds = '0'] = this.#offers.get('LOGIN-DELAY') ?? [];
    const delayMs = Number(seconds) * 1000;
    return delayMs > 0 ? this.#loggedInAtMs + delayMs - performance.now() : 0;
  }

  #throwIfTooSoon(): void {
    const waitMs = this.#waitMs();
    if (waitMs <= 0) return;
    const text = `${this.host} allows the next log-in in ${Math.ceil(waitMs / 1000)} s`;
    throw new MailError('transient', text, { code: 'busy', reason: { class: 'greylist', text, host: this.host } });
  }
}

function unaccepted(verdict: Exclude<Awaited<ReturnType<Pop3Connection['logIn']>>, { kind: 'accepted' }>): MailError {
  const { reason } = verdict;
  if (verdict.kind === 'refused') return new MailError('auth', reason.text, { code: 'auth', reason });
  return new MailError('transient', reason.text, { code: reason.class === 'greylist' ? 'busy' : 'login', reason });
}

function withoutCredential(): MailError {
  const text = 'The account has no password here that can be opened; it has to log in once more.';
  return new MailError('auth', text, { code: 'no-credential', reason: { class: 'auth', text } });
}

function cancelled(host: string, signal: AbortSignal): MailError {
  const text = `the talk with ${host} was broken off`;
  return new MailError('transient', text, { code: 'cancelled', reason: { class: 'cancelled', text }, cause: signal.reason });
}
