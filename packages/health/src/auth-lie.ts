import type { AccountId, PathId } from '@stopgap/core';
import { isOver } from './hold.ts';

/*
 * Law 14: a provider whose store is broken answers "wrong password". Who was refused, and who got in, at one provider lately.
 *
 * A refusal counts against the provider until the same account gets in again or the window has passed. With many thousand accounts somebody's
 * password is always outdated, so others' refusals cast doubt only when they are more than a small share of all that tried.
 */

/** How long a refusal, or a log-in that worked, is remembered. */
const REMEMBERED_MS = 3_600_000;
/** Accounts remembered, of each sort; the oldest go first. */
const REFUSED_KEPT = 1024;
const WORKED_KEPT = 4096;
/** Up to this share of accounts may be refused in ordinary times. */
const ORDINARY_SHARE = 0.05;
/** So many refused accounts on one path make it `impaired`. One may simply have a new password. */
const REFUSED_TO_IMPAIR = 2;

interface Refused {
  readonly path: PathId;
  readonly atMs: number;
}

export class LoginLedger {
  /** Both in order of time, oldest first. */
  readonly #refused = new Map<AccountId, Refused>();
  readonly #worked = new Map<AccountId, number>();

  refused(path: PathId, account: AccountId, nowMs: number): void {
    this.#worked.delete(account);
    this.#refused.delete(account);
    this.#refused.set(account, { path, atMs: nowMs });
    if (this.#refused.size > REFUSED_KEPT) dropFirst(this.#refused);
  }

  /** True when it takes back a refusal. */
  worked(account: AccountId, nowMs: number): boolean {
    this.#worked.delete(account);
    this.#worked.set(account, nowMs);
    if (this.#worked.size > WORKED_KEPT) dropFirst(this.#worked);
    return this.#refused.delete(account);
  }

  /** Are others than this account being refused, too many to be chance? */
  doubts(account: AccountId | undefined, nowMs: number): boolean {
    this.#forget(nowMs);
    const others = this.#refused.size - (account !== undefined && this.#refused.has(account) ? 1 : 0);
    return this.#isTooMany(others);
  }

  /** Some get in and some do not. */
  impairs(path: PathId, nowMs: number): boolean {
    if (this.#refused.size < REFUSED_TO_IMPAIR) return false;
    this.#forget(nowMs);
    let here = 0;
    for (const refused of this.#refused.values()) if (refused.path === path) here += 1;
    return here >= REFUSED_TO_IMPAIR && this.#isTooMany(here);
  }

  #isTooMany(refused: number): boolean {
    return refused > 0 && refused / (refused + this.#worked.size) > ORDINARY_SHARE;
  }

  #forget(nowMs: number): void {
    for (const [account, { atMs }] of this.#refused) {
      if (!isOver({ sinceMs: atMs, forMs: REMEMBERED_MS }, nowMs)) break;
      this.#refused.delete(account);
    }
    for (const [account, atMs] of this.#worked) {
      if (!isOver({ sinceMs: atMs, forMs: REMEMBERED_MS }, nowMs)) break;
      this.#worked.delete(account);
    }
  }
}

function dropFirst(map: Map<AccountId, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
