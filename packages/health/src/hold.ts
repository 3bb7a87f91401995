/** A time in which something waits. */
export interface Hold {
  readonly sinceMs: number;
  readonly forMs: number;
}

/** A clock that was set back ends the hold: too early once is better than stuck until the old time comes round again. */
export function isOver(hold: Hold, nowMs: number): boolean {
  return nowMs < hold.sinceMs || nowMs - hold.sinceMs >= hold.forMs;
}
