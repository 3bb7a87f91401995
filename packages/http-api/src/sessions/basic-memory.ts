import { createHash } from 'node:crypto';
import type { AccountId, Clock } from '@stopgap/core';

/** A client that sends its password with each request is asked for it again after so long. */
const KEPT_MS = 60_000;
const MOST = 2000;

interface Entry {
  readonly account: AccountId;
  readonly mark: string;
  readonly untilMs: number;
}

/**
 * Log-ins by HTTP Basic that were right a moment ago, so that a client with ten requests is one log-in in the log and for the brakes. Only hashes are kept. An
 * entry is worth nothing once the account's password is another one.
 */
export class BasicMemory {
  readonly #clock: Clock;
  readonly #markOf: (account: AccountId) => string | undefined;
  readonly #entries = new Map<string, Entry>();

  /** @param markOf another text when the account's password is another one; undefined: there is no such account */
  constructor(clock: Clock, markOf: (account: AccountId) => string | undefined) {
    this.#clock = clock;
    this.#markOf = markOf;
  }

  find(header: string): AccountId | undefined {
    const entry = this.#entries.get(keyOf(header));
    if (entry === undefined || entry.untilMs < this.#clock.nowMs() || this.#markOf(entry.account) !== entry.mark) return undefined;
    return entry.account;
  }

  remember(header: string, account: AccountId): void {
    const mark = this.#markOf(account);
    if (mark === undefined) return;
    const key = keyOf(header);
    this.#entries.delete(key);
    this.#entries.set(key, { account, mark, untilMs: this.#clock.nowMs() + KEPT_MS });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST && oldest !== undefined) this.#entries.delete(oldest);
  }
}

function keyOf(header: string): string {
  return createHash('sha256').update(header).digest('base64url');
}
