/*
 * The brake against guessing passwords, one for all doors. Three counts of failed log-ins, each over the configured time:
 *
 *   from one network         whoever it asks for; an IPv6 /64 is one network
 *   for one account          wherever it comes from
 *   for one account from one network, different passwords only: a phone that repeats an old one is no guesser
 *
 * A network from which the account has logged in before feels only the third: a guesser elsewhere, or a noisy neighbour behind the same address,
 * locks nobody out. Any other network that asks for an account under attack gets one password weighed; if it is wrong the answer is the same
 * `throttled` as for those that were not weighed, so the guesser learns nothing and a traveller still gets in.
 *
 * Failures are counted when they are known, not ahead: an office that logs in at nine must not look like an attack. So that a hundred guesses at
 * once do not all slip through, admission is asked for again right before each costly step, of which few run at a time.
 */
import { networkOf, type AccountId } from '@stopgap/core';
import { WindowCounter } from './window-counter.ts';

/** How long a network stays known to an account after a log-in. */
const KNOWN_MS = 30 * 24 * 3_600_000;

export interface GuessLimits {
  readonly perAccount: number;
  readonly perAddress: number;
  readonly withinMs: number;
}

export type Admission =
  | { readonly kind: 'admitted' }
  /** Weigh it, but answer a wrong one as throttled. */
  | { readonly kind: 'last-chance'; readonly retryAfterMs: number }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number };

export interface Asker {
  readonly account: AccountId;
  readonly remoteAddress: string;
}

export class GuessBrake {
  readonly #limits: GuessLimits;
  readonly #failures: WindowCounter;
  readonly #known: WindowCounter;

  constructor(limits: GuessLimits, elapsedMs: () => number) {
    this.#limits = limits;
    this.#failures = new WindowCounter({ withinMs: limits.withinMs, elapsedMs });
    this.#known = new WindowCounter({ withinMs: KNOWN_MS, elapsedMs });
  }

  /** Changes nothing. */
  admit(asker: Asker): Admission {
    const { network, account, pair } = keysOf(asker);
    const { perAccount, perAddress } = this.#limits;
    const throttled = (key: string): Admission => ({ kind: 'throttled', retryAfterMs: this.#failures.leftMs(key) });
    if (this.#failures.count(pair) >= perAccount) return throttled(pair);
    if (this.#known.count(pair) > 0) return { kind: 'admitted' };
    if (this.#failures.count(network) >= perAddress) return throttled(network);
    if (this.#failures.count(account) < perAccount) return { kind: 'admitted' };
    if (this.#failures.count(pair) > 0) return throttled(account);
    return { kind: 'last-chance', retryAfterMs: this.#failures.leftMs(account) };
  }

  failed(asker: Asker, passwordKey: string): void {
    const { network, account, pair } = keysOf(asker);
    this.#failures.add(network);
    this.#failures.add(account);
    if (this.#failures.add(`${pair} ${passwordKey}`) === 1) this.#failures.add(pair);
  }

  succeeded(asker: Asker): void {
    const { pair } = keysOf(asker);
    this.#failures.delete(pair);
    this.#known.delete(pair);
    this.#known.add(pair);
  }
}

function keysOf(asker: Asker): { readonly network: string; readonly account: string; readonly pair: string } {
  const network = networkOf(asker.remoteAddress);
  return { network: `n ${network}`, account: `a ${asker.account}`, pair: `p ${asker.account} ${network}` };
}
