/*
 * The one loop that tends all accounts. It wakes when a round ends, a path changes, news come by IDLE, or somebody asks, and at least every TICK_MS, because
 * doors and commands of other processes leave intents and requests in the store. Rounds run side by side, bounded by `rounds` and by the board's permits.
 */
import type { AccountId, IntentId, Provider } from '@stopgap/core';
import {
  accountsWithNewIntents,
  askedMirrors,
  deleteMirror,
  isStaying,
  lastIntentId,
  listAccounts,
  newestAccounts,
  restBegunIntents,
  shortenIntentWaits,
} from '@stopgap/store';
import type { Deps } from './deps.ts';
import { isResting, soonerMs, SPREAD_MS } from './schedule.ts';
import { newTended, type Tended } from './tended.ts';
import { letGo, takeTurn } from './turn.ts';
import { watchForNews } from './watch-for-news.ts';

const TICK_MS = 250;
/** New accounts are seen at the next tick; those that went or were proven meanwhile, so often. */
const ACCOUNTS_EVERY_MS = 15_000;

export class Worker {
  readonly #deps: Deps;
  readonly #tended = new Map<AccountId, Tended>();
  readonly #running = new Set<Promise<void>>();
  #wake: () => void = () => undefined;
  #isAwake = false;
  #accountsAtMs = -Infinity;
  #noticedAtMs = -Infinity;
  #newest = '';
  #lastIntent: IntentId | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Something may be due now. */
  readonly wake = (): void => {
    this.#isAwake = true;
    this.#wake();
  };

  notify(account: AccountId): void {
    if (!this.#tended.has(account)) this.#readAccounts();
    const one = this.#tended.get(account);
    if (one) this.#sooner(one);
    this.wake();
  }

  /** Runs until `signal` aborts and every round has ended; then all sessions are closed. */
  async run(signal: AbortSignal): Promise<void> {
    const { board, log } = this.#deps;
    let isFirst = true;
    const unsubscribe = board.onChange(() => this.#pathsChanged());
    try {
      while (!signal.aborted) {
        this.#isAwake = false;
        try {
          if (isFirst) await this.#restBegun();
          isFirst = false;
          await this.#notice();
          this.#start(signal);
        } catch (error) {
          log.error('the mirror could not look for work; trying again', { error });
        }
        if (!this.#isAwake) await this.#sleep(signal);
      }
    } finally {
      unsubscribe();
      while (this.#running.size > 0) await Promise.allSettled(this.#running);
      await Promise.allSettled([...this.#tended.values()].map((one) => letGo(one)));
    }
  }

  /** By an earlier process, which may have ended a moment ago: what it asked for may still be under way upstream. */
  async #restBegun(): Promise<void> {
    await this.#shortenWaits(0);
    const { store, clock, settings } = this.#deps;
    await store.write((tx) => restBegunIntents(tx, clock.nowMs() + settings.settleMs));
  }

  async #notice(): Promise<void> {
    const { clock, store } = this.#deps;
    const nowMs = clock.nowMs();
    if (this.#noticedAtMs > nowMs) await this.#turnBack(this.#noticedAtMs - nowMs);
    this.#noticedAtMs = nowMs;
    const isOld = nowMs - this.#accountsAtMs >= ACCOUNTS_EVERY_MS || nowMs < this.#accountsAtMs;
    if (isOld || store.read(newestAccounts) !== this.#newest) this.#readAccounts();
    this.#partWith([...this.#tended.values()].filter((one) => one.isRunning || one.kept !== undefined));
    for (const account of this.#withNewIntents()) {
      const one = this.#tended.get(account);
      if (one?.canPush === true && !one.isFailing) this.#sooner(one);
    }
    for (const account of store.read((reader) => askedMirrors(reader))) {
      const one = this.#tended.get(account);
      if (one) this.#sooner(one);
    }
  }

  /** What was left before, each round has looked at: it knows when the next one is due. */
  #withNewIntents(): ReadonlySet<AccountId> {
    return this.#deps.store.read((reader) => {
      const before = this.#lastIntent;
      this.#lastIntent = lastIntentId(reader);
      return before === undefined ? new Set() : accountsWithNewIntents(reader, before);
    });
  }

  /** The clock was set back: what was due in a minute still is, and not when it is as late again. */
  async #turnBack(byMs: number): Promise<void> {
    for (const one of this.#tended.values()) {
      one.dueMs -= byMs;
      one.startMs -= byMs;
      one.lastEndMs -= byMs;
    }
    await this.#shortenWaits(byMs);
  }

  /** By how much the clock was set back is known only while somebody watches it. */
  async #shortenWaits(byMs: number): Promise<void> {
    const { store, clock, settings } = this.#deps;
    const longestMs = Math.max(settings.retry.longestMs, settings.settleMs);
    await store.write((tx) => shortenIntentWaits(tx, { byMs, nowMs: clock.nowMs(), longestMs }));
  }

  #start(signal: AbortSignal): void {
    const { clock, settings } = this.#deps;
    const nowMs = clock.nowMs();
    const due = [...this.#tended.values()].filter((one) => !one.isRunning && one.dueMs <= nowMs);
    this.#partWith(due);
    due.sort((one, other) => one.dueMs - other.dueMs);
    const staying = due.filter((one) => !one.gone.signal.aborted);
    for (const one of staying.slice(0, Math.max(0, settings.rounds - this.#running.size))) {
      one.isRunning = true;
      const turn = this.#turn(one, signal).finally(() => {
        one.isRunning = false;
        this.#running.delete(turn);
        this.wake();
      });
      this.#running.add(turn);
    }
  }

  async #turn(one: Tended, signal: AbortSignal): Promise<void> {
    const hasLooked = await takeTurn(one, this.#deps, AbortSignal.any([signal, one.gone.signal]));
    if (one.gone.signal.aborted) return this.#letGoFor(one);
    if (signal.aborted || !one.kept || !hasLooked) return;
    if (!this.#mayKeep(one)) return letGo(one);
    watchForNews(one, this.#deps, () => {
      this.#sooner(one);
      this.wake();
    });
  }

  /** Half of a path's connections may be kept open between rounds; the rest is for those whose turn it is. */
  #mayKeep({ kept }: Tended): boolean {
    if (!kept) return false;
    const open = [...this.#tended.values()].filter((one) => one.kept?.path.id === kept.path.id).length;
    return open <= kept.path.connections / 2;
  }

  #sooner(one: Tended): void {
    one.dueMs = soonerMs(one.dueMs, { nowMs: this.#deps.clock.nowMs(), lastEndMs: one.lastEndMs });
  }

  /** A path that is better than the one in use may be back; whoever waits for one may go on. Not all at once. */
  #pathsChanged(): void {
    const { board, clock, random } = this.#deps;
    const nowMs = clock.nowMs();
    for (const one of this.#tended.values()) {
      if (one.isRunning) continue;
      const best = one.provider.incoming.find(({ id }) => {
        const health = board.health(id);
        return health.state !== 'down' && !isResting({ health, trouble: one.troubles.get(id) }, nowMs);
      });
      if (best && best.id !== one.path?.id) one.dueMs = Math.min(one.dueMs, nowMs + Math.round(random() * SPREAD_MS));
    }
    this.wake();
  }

  #readAccounts(): void {
    const { store, clock, providers, random } = this.#deps;
    const nowMs = clock.nowMs();
    this.#accountsAtMs = nowMs;
    this.#newest = store.read(newestAccounts);
    const byName = new Map<string, Provider>(providers.map((provider) => [provider.name, provider]));
    const isFirst = this.#tended.size === 0;
    const accounts = store.read(listAccounts).filter((row) => !row.isLeaving && (row.hasCredential || row.state === 'active'));
    const there = new Set(accounts.map((row) => row.id));
    for (const { id, provider: name } of accounts) {
      const provider = byName.get(name);
      if (!provider || this.#tended.has(id)) continue;
      this.#tended.set(id, newTended(id, provider, isFirst && accounts.length > 1 ? nowMs + Math.round(random() * SPREAD_MS) : nowMs));
    }
    for (const [id, one] of this.#tended) if (!there.has(id) && !one.isRunning) this.#part(one);
  }

  /** With those that were removed or are being erased, by whatever process: a round ends at once, and does the rest at its end. */
  #partWith(some: readonly Tended[]): void {
    const gone = this.#deps.store.read((reader) => some.filter(({ account }) => !isStaying(reader, account)));
    for (const one of gone) {
      one.gone.abort('gone');
      if (!one.isRunning) this.#part(one);
    }
  }

  #part(one: Tended): void {
    const parting = this.#letGoFor(one).finally(() => this.#running.delete(parting));
    this.#running.add(parting);
  }

  /** Nothing of the account is open here any more: its row in `mirror` goes last, and whoever erases it waits for that. */
  async #letGoFor(one: Tended): Promise<void> {
    const { mailboxes, store, log } = this.#deps;
    const { account } = one;
    this.#tended.delete(account);
    // It may have been added again meanwhile.
    this.#accountsAtMs = -Infinity;
    try {
      await letGo(one);
      await mailboxes.forget(account);
      await store.write((tx) => deleteMirror(tx, account));
    } catch (error) {
      log.error('an account that was removed could not be let go of', { account, error });
    }
  }

  #sleep(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort('woken');
    return this.#deps.clock.wait(TICK_MS, AbortSignal.any([signal, woken.signal])).finally(() => {
      this.#wake = () => undefined;
    });
  }
}
