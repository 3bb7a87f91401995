import { backoffMs, type Backoff, type Path, type PathHealth } from '@stopgap/core';

/** What the board says of one path now. */
export interface PathOutlook {
  readonly path: Path;
  readonly health: PathHealth;
  /** How many attempts may start. */
  readonly room: number;
  /** When to ask again; undefined: at the next change. */
  readonly nextChanceMs: number | undefined;
  /** Of this account, by this path. */
  readonly trouble?: Trouble | undefined;
}

/** Rounds that failed in a row, the last one at `sinceMs`: the next one is due `forMs` later. */
export interface Trouble {
  readonly failures: number;
  readonly sinceMs: number;
  readonly forMs: number;
}

/** `isDown`: every path is; else the best one that works is busy. */
export type PathChoice =
  | { readonly kind: 'go'; readonly path: Path }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly isDown: boolean };

/** Nothing says when: look again soon, or at the next change of the board. */
const LOOK_AGAIN_MS = 5000;
/** Two rounds of one account are so far apart, whatever asks for the second. */
const GAP_MS = 1000;
/** After a start, or when a path comes or goes, rounds of all accounts are spread over so long. */
export const SPREAD_MS = 10_000;
/** A session may end by chance, once. */
const REST_AFTER = 2;

/**
 * By which path next. Best first; one that is down is passed over, unless the board wants a canary on it; one that only has no room now is waited for, so
 * that accounts do not flee to a worse path because a better one is busy. One that rests is for those who have no other.
 */
export function choosePath(outlooks: readonly PathOutlook[], nowMs: number): PathChoice {
  const choice = bestOf(
    outlooks.filter((one) => !isResting(one, nowMs)),
    nowMs,
  );
  return choice.kind === 'wait' && choice.isDown ? bestOf(outlooks, nowMs) : choice;
}

/**
 * A server may greet whoever probes it, and do no more for this account: it is up, and its rounds fail. When it comes back from having been down, that is
 * over; and so it is for a clock that was set back.
 */
export function isResting({ trouble, health }: Pick<PathOutlook, 'trouble' | 'health'>, nowMs: number): boolean {
  if (!trouble || trouble.failures < REST_AFTER) return false;
  if (health.state === 'up' && health.sinceMs > trouble.sinceMs) return false;
  return nowMs >= trouble.sinceMs && nowMs - trouble.sinceMs < trouble.forMs;
}

function bestOf(outlooks: readonly PathOutlook[], nowMs: number): PathChoice {
  let untilMs = nowMs + LOOK_AGAIN_MS;
  for (const { path, health, room, nextChanceMs } of outlooks) {
    if (room > 0) return { kind: 'go', path };
    if (nextChanceMs !== undefined) untilMs = Math.min(untilMs, Math.max(nextChanceMs, nowMs + GAP_MS));
    if (health.state !== 'down') return { kind: 'wait', untilMs, isDown: false };
  }
  return { kind: 'wait', untilMs, isDown: true };
}

export interface Pace {
  readonly nowMs: number;
  readonly pollEveryMs: number;
  readonly retry: Backoff;
  /** In [0, 1). */
  readonly random: number;
}

/** When an account's next round is due, if nothing asks for it sooner. */
export function nextRoundMs({ nowMs, pollEveryMs, random }: Pace): number {
  return nowMs + Math.round(pollEveryMs * (0.9 + 0.2 * random));
}

/** One more failure in a row. */
export function troubled(before: Trouble | undefined, { nowMs, retry, random }: Pace): Trouble {
  const failures = (before?.failures ?? 0) + 1;
  return { failures, sinceMs: nowMs, forMs: backoffMs(retry, failures, random) };
}

/** Something asks for a round: at once, but not without a pause after the last one. */
export function soonerMs(dueMs: number, { nowMs, lastEndMs }: { readonly nowMs: number; readonly lastEndMs: number }): number {
  return Math.min(dueMs, Math.max(nowMs, lastEndMs + GAP_MS));
}
