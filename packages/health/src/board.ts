import {
  backoffMs,
  type AccountId,
  type Backoff,
  type Clock,
  type Outage,
  type PathHealth,
  type PathId,
  type PathState,
  type ProbeResult,
  type Provider,
  type Reason,
} from '@stopgap/core';
import { listOutages, loadPathHealth, type Store } from '@stopgap/store';
import { isTroubled, nextChanceOf, roomOf } from './allowance.ts';
import { beginOutageOf, endOutageOf, entriesOf, openOutageOf, type Entry } from './board-entry.ts';
import { BoardWriter, type BoardLog } from './board-writer.ts';
import { step, type BreakerEvent } from './breaker.ts';
import { textOfBreaker } from './breaker-text.ts';
import { grown, isPaused, recoveredWindow, shrunk, slowedDown } from './budget.ts';
import { evidenceOfAttempt, evidenceOfProbe, type Evidence, type PermitResult } from './evidence.ts';
import { countedMs } from './outage-clock.ts';
import { looksSame, shownState } from './path-state.ts';

/** Told to slow down without being told for how long. */
const SLOW_DOWN: Backoff = { firstMs: 5000, factor: 2, longestMs: 300_000 };
/** Longest Retry-After that is honoured: nobody's typing error may shut a path for a week. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
/** Outages are loaded from so far back; the store keeps all. */
const LOOK_BACK_MS = 90 * 24 * 3_600_000;

export interface Permit {
  readonly path: PathId;
  /** Call exactly once. */
  done(result: PermitResult): void;
}

export interface BoardEvents {
  pathMoved(health: PathHealth, before: PathState): void;
  outageStarted(outage: Outage): void;
  outageEnded(outage: Outage): void;
}

export interface BoardOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** In [0, 1) */
  readonly random: () => number;
  readonly providers: readonly Provider[];
  readonly events?: BoardEvents | undefined;
  readonly log?: BoardLog | undefined;
}

/** The one place that knows what state each path is in and who may use it now. */
export class Board {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #events: BoardEvents | undefined;
  readonly #writer: BoardWriter;
  readonly #entries: ReadonlyMap<PathId, Entry>;
  readonly #listeners = new Set<() => void>();
  #willNotify = false;

  /** Loads what was saved. Probes and attempts feed it from then on; it runs nothing by itself. */
  static async open(options: BoardOptions): Promise<Board> {
    const nowMs = options.clock.nowMs();
    const rows = options.store.read((reader) => loadPathHealth(reader));
    const outages = options.store.read((reader) => listOutages(reader, nowMs - LOOK_BACK_MS));
    const board = new Board(options, entriesOf(options.providers, { rows, outages }, nowMs));
    board.#reconcile(outages, nowMs);
    return board;
  }

  private constructor(options: BoardOptions, entries: ReadonlyMap<PathId, Entry>) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#events = options.events;
    this.#writer = new BoardWriter(options);
    this.#entries = entries;
  }

  /** A path that is not configured is `unknown`. */
  health(path: PathId): PathHealth {
    return this.#entries.get(path)?.health ?? { path, state: 'unknown', sinceMs: this.#clock.nowMs() };
  }

  all(): PathHealth[] {
    return [...this.#entries.values()].map((entry) => entry.health);
  }

  /** May one more attempt start on this path now? Undefined: not now. */
  permit(path: PathId): Permit | undefined {
    const entry = this.#entries.get(path);
    if (!entry || roomOf(entry, this.#clock.nowMs()) === 0) return undefined;
    entry.issued += 1;
    entry.inUse += 1;
    entry.group.inUse += 1;
    const number = entry.issued;
    const openings = entry.openings;
    if (entry.breaker.kind !== 'closed') {
      entry.canary = number;
      this.#feed(entry, { kind: 'canary-left' });
    }
    let isDone = false;
    return {
      path,
      done: (result) => {
        if (isDone) return;
        isDone = true;
        this.#done(entry, { number, isStale: openings !== entry.openings }, result);
      },
    };
  }

  /** How many permits would be granted right now. */
  room(path: PathId): number {
    const entry = this.#entries.get(path);
    return entry ? roomOf(entry, this.#clock.nowMs()) : 0;
  }

  /** When to ask again, always in the future; undefined: now, or at the next change. */
  nextChanceMs(path: PathId): number | undefined {
    const entry = this.#entries.get(path);
    return entry && nextChanceOf(entry, this.#clock.nowMs());
  }

  probed(path: PathId, result: ProbeResult): void {
    const entry = this.#entries.get(path);
    if (!entry) return;
    entry.lastProbeMs = this.#clock.nowMs();
    const evidence = evidenceOfProbe(result);
    if (evidence.kind === 'works') this.#feed(entry, { kind: 'probe-worked' });
    else if (evidence.kind === 'fails') this.#feed(entry, { kind: 'failed', reason: evidence.reason });
    else if (evidence.kind === 'slow-down') this.#slowDown(entry, evidence.reason, { number: entry.issued, retryAfterMs: undefined });
    this.#show(entry);
  }

  /**
   * A sealed credential was refused outside of a permit (a permit's own result says so itself). Never for what somebody typed at a door: anybody
   * could then make a path look like a liar.
   */
  authFailed(path: PathId, account: AccountId, reason: Reason): void {
    const entry = this.#entries.get(path);
    if (entry) this.#refused(entry, account, reason);
  }

  /** A log-in worked outside of a permit. */
  authWorked(path: PathId, account: AccountId): void {
    const entry = this.#entries.get(path);
    if (!entry) return;
    entry.group.ledger.worked(account, this.#clock.nowMs());
    this.#feed(entry, { kind: 'attempt-worked' });
    this.#show(entry);
  }

  /**
   * Law 14: is a refused log-in to be taken at its word now? Not while this provider is in an outage, on any path, or just after one, nor while
   * other accounts are refused too. Without an account: for an address that is not known yet.
   */
  believesAuthFailure(path: PathId, account?: AccountId): boolean {
    const entry = this.#entries.get(path);
    if (!entry) return false;
    const nowMs = this.#clock.nowMs();
    return !entry.group.entries.some((sibling) => isTroubled(sibling, nowMs)) && !entry.group.ledger.doubts(account, nowMs);
  }

  /** Those still going on after `sinceMs`, open ones too, newest first. */
  outages(sinceMs: number): Outage[] {
    return [...this.#entries.values()]
      .flatMap((entry) => entry.outages.filter((outage) => outage.endMs === undefined || outage.endMs > sinceMs))
      .sort((a, b) => b.startMs - a.startMs);
  }

  /** Milliseconds of [fromMs, toMs] that count for expiry: not those in which every one of `paths` was down. */
  countedMs(paths: readonly PathId[], fromMs: number, toMs: number): number {
    const outages = paths.map((path) => this.#entries.get(path)?.outages ?? []);
    return countedMs(outages, fromMs, toMs);
  }

  /** Called soon after some path's state or room changed; many changes may make one call. Returns the way to stop it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Waits until what is known is on disk, or has failed to get there. */
  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#writer.close();
  }

  #done(entry: Entry, permit: { readonly number: number; readonly isStale: boolean }, result: PermitResult): void {
    entry.inUse -= 1;
    entry.group.inUse -= 1;
    if (entry.canary === permit.number) {
      entry.canary = undefined;
      this.#feed(entry, { kind: 'canary-back' });
    }
    const evidence = evidenceOfAttempt(result);
    if (!permit.isStale || evidence.kind === 'refuses') this.#learn(entry, permit.number, { evidence, result });
    this.#notify();
  }

  #learn(entry: Entry, number: number, { evidence, result }: { readonly evidence: Evidence; readonly result: PermitResult }): void {
    const account = result.kind === 'neutral' ? undefined : result.account;
    const retryAfterMs = result.kind === 'failed' ? result.retryAfterMs : undefined;
    switch (evidence.kind) {
      case 'works': {
        const tookBack = account !== undefined && entry.group.ledger.worked(account, this.#clock.nowMs());
        const before = entry.breaker;
        this.#feed(entry, { kind: 'attempt-worked' });
        // The success that closes the breaker leaves the window at one.
        if (before.kind === 'closed') entry.window = grown(entry.window);
        if (tookBack || before !== entry.breaker || entry.slowedDownBy) this.#show(entry);
        return;
      }
      case 'fails':
        if (retryAfterMs !== undefined) this.#slowDown(entry, evidence.reason, { number, retryAfterMs });
        else entry.window = shrunk(entry.window, number, entry.issued);
        this.#feed(entry, { kind: 'failed', reason: evidence.reason });
        this.#show(entry);
        return;
      case 'refuses':
        this.#refused(entry, account, evidence.reason);
        return;
      case 'slow-down':
        this.#slowDown(entry, evidence.reason, { number, retryAfterMs });
        this.#show(entry);
        return;
      case 'nothing':
    }
  }

  #refused(entry: Entry, account: AccountId | undefined, reason: Reason): void {
    if (account !== undefined) entry.group.ledger.refused(entry.path.id, account, this.#clock.nowMs());
    this.#feed(entry, { kind: 'refused', reason, account });
    this.#show(entry);
  }

  #slowDown(entry: Entry, reason: Reason, told: { readonly number: number; readonly retryAfterMs: number | undefined }): void {
    const forMs = Math.min(told.retryAfterMs ?? backoffMs(SLOW_DOWN, entry.window.slowDowns + 1, this.#random()), LONGEST_RETRY_AFTER_MS);
    entry.window = slowedDown(entry.window, { sinceMs: this.#clock.nowMs(), forMs }, told.number, entry.issued);
    entry.slowedDownBy = reason;
  }

  #feed(entry: Entry, event: BreakerEvent): void {
    const before = entry.breaker;
    const nowMs = this.#clock.nowMs();
    const after = step(before, event, { settings: entry.settings, nowMs });
    if (after === before) return;
    entry.breaker = after;
    if (before.kind === 'closed' && after.kind === 'open') this.#beginOutage(entry, after.startMs, after.reason);
    if (before.kind !== 'closed' && after.kind === 'closed') this.#endOutage(entry, nowMs);
  }

  #beginOutage(entry: Entry, startMs: number, reason: Reason): void {
    entry.openings += 1;
    entry.window = recoveredWindow(entry.window);
    const outage = beginOutageOf(entry, startMs, reason);
    this.#writer.note({ kind: 'began', outage });
    this.#events?.outageStarted(outage);
  }

  #endOutage(entry: Entry, nowMs: number): void {
    entry.canary = undefined;
    const outage = endOutageOf(entry, nowMs);
    if (!outage) return;
    this.#writer.note({ kind: 'ended', path: outage.path, endMs: outage.endMs });
    this.#events?.outageEnded(outage);
  }

  /** Brings what is shown, saved and told in line with what is known. */
  #show(entry: Entry): void {
    const nowMs = this.#clock.nowMs();
    if (entry.slowedDownBy && !isPaused(entry.window, nowMs)) entry.slowedDownBy = undefined;
    const before = entry.health;
    const refusesSome = entry.group.ledger.impairs(entry.path.id, nowMs);
    const shown = shownState({ breaker: entry.breaker, slowedDownBy: entry.slowedDownBy, refusesSome, nowMs }, before);
    if (looksSame(shown, before)) return;
    const watchedSinceMs = before.watchedSinceMs ?? (shown.state === 'unknown' ? undefined : shown.sinceMs);
    entry.health = { path: entry.path.id, ...shown, ...(watchedSinceMs === undefined ? {} : { watchedSinceMs }) };
    this.#writer.save({ ...entry.health, breaker: textOfBreaker(entry.breaker) });
    if (before.state !== shown.state) this.#events?.pathMoved(entry.health, before.state);
    this.#notify();
  }

  /** The store's open outages and the breakers agree, unless the configuration changed or rows were lost. */
  #reconcile(outages: readonly Outage[], nowMs: number): void {
    for (const outage of outages) {
      if (outage.endMs === undefined && !this.#entries.has(outage.path))
        this.#writer.note({ kind: 'ended', path: outage.path, endMs: nowMs });
    }
    for (const entry of this.#entries.values()) {
      const open = openOutageOf(entry);
      if (entry.breaker.kind === 'open' && !open) this.#beginOutage(entry, nowMs, entry.breaker.reason);
      if (entry.breaker.kind === 'closed' && open) this.#endOutage(entry, nowMs);
      if (entry.breaker.kind !== 'closed') entry.window = recoveredWindow(entry.window);
    }
  }

  #notify(): void {
    if (this.#willNotify || this.#listeners.size === 0) return;
    this.#willNotify = true;
    queueMicrotask(() => {
      this.#willNotify = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
