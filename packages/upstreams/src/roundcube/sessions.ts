import type { AccountId, Clock, LoginCredential } from '@stopgap/core';
import type { Dispatcher } from 'undici';
import { hasCode } from './errors.ts';
import { RoundcubeSession } from './session.ts';

/** A session that nobody used for so long is logged out; Roundcube's own limit is 10 minutes unless configured. */
const IDLE_MS = 5 * 60_000;
/** Past it the session that has been idle for the longest goes. */
const MOST_SESSIONS = 500;
const LOGOUT_MS = 10_000;

export interface UseSession {
  readonly account: AccountId;
  /** Called when a log-in is needed, and not otherwise. */
  readonly credential: () => Promise<LoginCredential | undefined>;
  readonly signal: AbortSignal;
}

interface Seat {
  readonly session: RoundcubeSession;
  /** Whoever comes next waits for it: one job at a time in a session. */
  queue: Promise<void>;
  waiting: number;
  /** Ends the wait for idleness. */
  idle: AbortController;
}

/** The sessions on one webmail, one for each account. Different accounts work side by side. */
export class RoundcubeSessions {
  readonly #base: URL;
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #seats = new Map<AccountId, Seat>();
  readonly #partings = new Set<Promise<void>>();

  /** The dispatcher stays the caller's. */
  constructor(options: { readonly base: URL; readonly dispatcher: Dispatcher; readonly clock: Clock }) {
    this.#base = options.base;
    this.#dispatcher = options.dispatcher;
    this.#clock = options.clock;
  }

  /** Runs `work` with the account's session, logged in, and with nobody else in it. */
  async use<T>(options: UseSession, work: (session: RoundcubeSession) => Promise<T>): Promise<T> {
    const seat = this.#seatOf(options.account);
    const before = seat.queue;
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => (leave = resolve));
    // Whoever gives up waiting must not let the next one in beside the one who is working.
    seat.queue = before.then(() => left);
    seat.waiting++;
    seat.idle.abort();
    try {
      await unlessAborted(before, options.signal);
      await seat.session.open(options.credential, options.signal);
      return await work(seat.session);
    } catch (error) {
      // Mailboxes may have come and gone since the log-in; the next one sees them as they are.
      if (hasCode(error, 'void')) this.#own(seat.session.close(AbortSignal.timeout(LOGOUT_MS)));
      throw error;
    } finally {
      seat.waiting--;
      leave();
      if (seat.waiting === 0) this.#waitForIdleness(seat);
    }
  }

  /** Logs out everywhere. */
  async close(): Promise<void> {
    for (const [account, seat] of this.#seats) {
      seat.idle.abort();
      this.#part(account, seat);
    }
    await Promise.all(this.#partings);
  }

  #seatOf(account: AccountId): Seat {
    const known = this.#seats.get(account);
    if (known !== undefined) return known;
    this.#makeRoom();
    const session = new RoundcubeSession({ base: this.#base, dispatcher: this.#dispatcher, nowMs: () => this.#clock.nowMs() });
    const seat: Seat = { session, queue: Promise.resolve(), waiting: 0, idle: new AbortController() };
    this.#seats.set(account, seat);
    return seat;
  }

  #makeRoom(): void {
    if (this.#seats.size < MOST_SESSIONS) return;
    for (const [account, seat] of this.#seats) {
      if (seat.waiting > 0) continue;
      seat.idle.abort();
      this.#part(account, seat);
      return;
    }
  }

  #waitForIdleness(seat: Seat): void {
    seat.idle = new AbortController();
    const { signal } = seat.idle;
    void this.#clock.wait(IDLE_MS, signal).then(() => {
      // The seat stays, with its memory of failed log-ins; only the session ends.
      if (!signal.aborted && seat.waiting === 0) this.#own(seat.session.close(AbortSignal.timeout(LOGOUT_MS)));
    });
  }

  #part(account: AccountId, seat: Seat): void {
    this.#seats.delete(account);
    this.#own(seat.session.close(AbortSignal.timeout(LOGOUT_MS)));
  }

  #own(parting: Promise<void>): void {
    const owned = parting.finally(() => this.#partings.delete(owned));
    this.#partings.add(owned);
  }
}

async function unlessAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([wait, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
}
