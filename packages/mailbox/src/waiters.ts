import { MailError, type AccountId, type ModSeq } from '@stopgap/core';

/** Connections of one account that wait at once. */
const MOST_WAITERS = 1000;

interface Waiter {
  readonly since: ModSeq;
  readonly wake: (modSeq: ModSeq) => void;
}

/** Who waits for the next change of an account. */
export class Waiters {
  readonly #waiting = new Map<AccountId, Set<Waiter>>();

  /** Resolves with the number of a change after `since`, or with `since` when the signal aborts. */
  wait(account: AccountId, since: ModSeq, signal: AbortSignal): Promise<ModSeq> {
    const waiters = this.#waiting.get(account) ?? new Set();
    if (waiters.size >= MOST_WAITERS) {
      return Promise.reject(
        new MailError('transient', 'Too many wait for changes of one account.', {
          code: 'too-many-waiters',
          reply: 'too many connections',
        }),
      );
    }
    if (signal.aborted) return Promise.resolve(since);
    this.#waiting.set(account, waiters);
    return new Promise((resolve) => {
      const end = (modSeq: ModSeq): void => {
        signal.removeEventListener('abort', abort);
        waiters.delete(waiter);
        if (waiters.size === 0 && this.#waiting.get(account) === waiters) this.#waiting.delete(account);
        resolve(modSeq);
      };
      const abort = (): void => end(since);
      const waiter: Waiter = { since, wake: end };
      waiters.add(waiter);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  changed(account: AccountId, modSeq: ModSeq): void {
    for (const waiter of this.#waiting.get(account) ?? []) if (modSeq > waiter.since) waiter.wake(modSeq);
  }
}
