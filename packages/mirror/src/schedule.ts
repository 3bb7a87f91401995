import { backoffMs, type Backoff, type Path, type PathHealth } from '@stopgap/core';

/** What the board says of one path now. */
export interface PathOutlook {
  readonly path: Path;
  readonly health: PathHealth;
  /** How many attempts may start. */
  readonly room: number;
  /** When to ask again; undefined: at the next change. */
  readonly nextChanceMs: number | undefined;
}

/** `isDown`: every path is; else the best one that works is busy. */
export type PathChoice =
  | { readonly kind: 'go'; readonly path: Path }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly isDown: boolean };

/** Nothing says when: look again soon, or at the next change of the board. */
const LOOK_AGAIN_MS = 5000;
/** Two rounds of one account are so far apart, whatever asks for the second. */
const GAP_MS = 1000;

/**
 * By which path next. Best first; one that is down is passed over, unless the board wants a canary on it; one that only has no room now is waited for, so
 * that accounts do not flee to a worse path because a better one is busy.
 */
export function choosePath(outlooks: readonly PathOutlook[], nowMs: number): PathChoice {
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
  /** Failures in a row, this one among them. */
  readonly failures: number;
}

/** When an account's next round is due, if nothing asks for it sooner. */
export function nextRoundMs({ nowMs, pollEveryMs, retry, random, failures }: Pace): number {
  if (failures > 0) return nowMs + backoffMs(retry, failures, random);
  return nowMs + Math.round(pollEveryMs * (0.9 + 0.2 * random));
}

/** Something asks for a round: at once, but not without a pause after the last one. */
export function soonerMs(dueMs: number, { nowMs, lastEndMs }: { readonly nowMs: number; readonly lastEndMs: number }): number {
  return Math.min(dueMs, Math.max(nowMs, lastEndMs + GAP_MS));
}
