import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { AccountId, Reason, Secret } from '@stopgap/core';

const MOST_ENTRIES = 20_000;

export type KnownVerdict =
  /** For as long as this is the account's verifier: a changed password, an account that was removed or added meanwhile, ends it at once. */
  | { readonly kind: 'accepted'; readonly verifier: string }
  | { readonly kind: 'refused'; readonly verifier: string | undefined }
  | { readonly kind: 'undecided'; readonly reason: Reason };

/** How long what was found out about a password need not be found out again. */
const KEPT_MS: Readonly<Record<KnownVerdict['kind'], number>> = {
  /** argon2 costs 57 ms; a mail client logs in for each of its connections. */
  accepted: 5 * 60_000,
  /** A phone with the old password asks every minute; the provider need not hear of each. */
  refused: 2 * 60_000,
  /** Clients repeat at once; the paths need a moment. */
  undecided: 10_000,
};

/** Holds no password: entries are found by HMAC-SHA256 with a key that lives and dies with the process. */
export class VerdictCache {
  /** Bytes would be looked at and wrapped anew for each log-in. */
  readonly #key = createSecretKey(randomBytes(32));
  readonly #elapsedMs: () => number;
  readonly #entries = new Map<string, { readonly verdict: KnownVerdict; readonly endsAtMs: number }>();

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  keyOf(account: AccountId, password: Secret): string {
    return createHmac('sha256', this.#key).update(account).update('\0').update(password.open()).digest('base64');
  }

  get(key: string): KnownVerdict | undefined {
    const entry = this.#entries.get(key);
    if (entry && entry.endsAtMs > this.#elapsedMs()) return entry.verdict;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, verdict: KnownVerdict): void {
    // Last in, last out.
    this.#entries.delete(key);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < MOST_ENTRIES) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { verdict, endsAtMs: this.#elapsedMs() + KEPT_MS[verdict.kind] });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
