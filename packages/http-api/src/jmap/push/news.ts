import type { AccountId } from '@stopgap/core';

/**
 * Word that something besides mail is different: the queue of an account, or, without one, the ways to a provider. Whoever waits looks for himself what it
 * is; a number says whether there was any since he last looked.
 */
export class News {
  readonly #waiting = new Map<AccountId, Set<() => void>>();
  readonly #numbers = new Map<AccountId, number>();
  #forAll = 0;

  readonly changed = (account?: AccountId): void => {
    if (account === undefined) {
      this.#forAll++;
      for (const all of this.#waiting.values()) for (const wake of all) wake();
    } else if (this.#waiting.has(account)) {
      this.#numbers.set(account, (this.#numbers.get(account) ?? 0) + 1);
      for (const wake of this.#waiting.get(account) ?? []) wake();
    }
  };

  /** Counted only while somebody listens. */
  listen(account: AccountId): Listener {
    const wakes = this.#waiting.get(account) ?? new Set();
    this.#waiting.set(account, wakes);
    let wake = (): void => undefined;
    const onNews = (): void => wake();
    wakes.add(onNews);
    return {
      number: () => (this.#numbers.get(account) ?? 0) + this.#forAll,
      wait: (since, signal) =>
        new Promise((resolve) => {
          const isNew = (this.#numbers.get(account) ?? 0) + this.#forAll !== since;
          if (isNew || signal.aborted) return resolve();
          const end = (): void => {
            wake = () => undefined;
            signal.removeEventListener('abort', end);
            resolve();
          };
          wake = end;
          signal.addEventListener('abort', end, { once: true });
        }),
      end: () => {
        wakes.delete(onNews);
        if (wakes.size > 0 || this.#waiting.get(account) !== wakes) return;
        this.#waiting.delete(account);
        this.#numbers.delete(account);
      },
    };
  }
}

export interface Listener {
  number(): number;
  /** Resolves when the number is another one than `since`, or the signal aborts. One wait at a time. */
  wait(since: number, signal: AbortSignal): Promise<void>;
  end(): void;
}
