import type { AccountId } from '@stopgap/core';

/** RFC 1939 4: one session at a time has a maildrop open. Of this process, which is the only one that serves a data directory. */
export class Locks {
  readonly #held = new Set<AccountId>();

  /** Undefined: somebody has it. Otherwise what gives it back; a second call is harmless. */
  take(account: AccountId): (() => void) | undefined {
    if (this.#held.has(account)) return undefined;
    this.#held.add(account);
    let isHeld = true;
    return () => {
      if (isHeld) this.#held.delete(account);
      isHeld = false;
    };
  }
}
