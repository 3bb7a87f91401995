import type { AccountId } from '@stopgap/core';

/** How much of one kind is under way for each account. */
export class Busy {
  readonly #most: number;
  readonly #counts = new Map<AccountId, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Gives the place back when it is disposed of. @throws `full()` */
  take(account: AccountId, full: () => Error): Disposable {
    const count = this.#counts.get(account) ?? 0;
    if (count >= this.#most) throw full();
    this.#counts.set(account, count + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#counts.get(account) ?? 1) - 1;
        if (left > 0) this.#counts.set(account, left);
        else this.#counts.delete(account);
      },
    };
  }
}
