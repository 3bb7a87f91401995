import { isOver, type Hold } from './hold.ts';

/*
 * How many attempts may run at once on one path, all accounts together: a congestion window (RFC 5681 3.1). Up to `ceiling` each success adds one,
 * so it doubles with every round trip; above it, where it was told to slow down before, a whole window of successes adds one.
 */

/** On a path of which nothing is known yet. */
const FRESH_SIZE = 4;

export interface Window {
  readonly limit: number;
  readonly size: number;
  readonly ceiling: number;
  /** Permits with a lower number left before the last cut and do not cut again: one wave, one cut. */
  readonly cutAt: number;
  /** Slow-downs in a row. */
  readonly slowDowns: number;
  readonly pause?: Hold;
}

export function freshWindow(limit: number): Window {
  return { limit, size: Math.min(FRESH_SIZE, limit), ceiling: limit, cutAt: 0, slowDowns: 0 };
}

/** After an outage; a pause that was asked for stays. */
export function recoveredWindow(window: Window): Window {
  return { ...window, size: 1, ceiling: window.limit };
}

export function grown(window: Window): Window {
  if (window.size >= window.limit) return window.slowDowns === 0 ? window : { ...window, slowDowns: 0 };
  const step = window.size < window.ceiling ? 1 : 1 / Math.floor(window.size);
  return { ...window, size: Math.min(window.limit, window.size + step), slowDowns: 0 };
}

/** @param permit the number of the attempt that failed; @param lastPermit the highest number given out so far */
export function shrunk(window: Window, permit: number, lastPermit: number): Window {
  if (permit < window.cutAt) return window;
  return { ...window, size: Math.max(1, Math.floor(window.size / 2)), cutAt: lastPermit + 1 };
}

/** Told to slow down: half the window, and above that only slowly. Nothing more until `pause` is over. */
export function slowedDown(window: Window, pause: Hold, permit: number, lastPermit: number): Window {
  const cut = shrunk(window, permit, lastPermit);
  const isNewWave = cut !== window;
  return {
    ...cut,
    ceiling: isNewWave ? cut.size : window.ceiling,
    slowDowns: isNewWave ? window.slowDowns + 1 : window.slowDowns,
    pause: longer(window.pause, pause),
  };
}

export function isPaused(window: Window, nowMs: number): boolean {
  return window.pause !== undefined && !isOver(window.pause, nowMs);
}

export interface Use {
  readonly inUse: number;
  /** Of the whole provider: all its paths, all its accounts. */
  readonly providerInUse: number;
  readonly providerLimit: number;
}

/** How many more may start now. */
export function roomIn(window: Window, use: Use, nowMs: number): number {
  if (isPaused(window, nowMs)) return 0;
  return Math.max(0, Math.min(Math.floor(window.size) - use.inUse, providerRoom(use)));
}

export function providerRoom(use: Pick<Use, 'providerInUse' | 'providerLimit'>): number {
  return Math.max(0, use.providerLimit - use.providerInUse);
}

function longer(one: Hold | undefined, other: Hold): Hold {
  if (!one || isOver(one, other.sinceMs)) return other;
  return one.sinceMs + one.forMs > other.sinceMs + other.forMs ? one : other;
}
