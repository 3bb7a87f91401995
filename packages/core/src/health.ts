import type { PathId } from './ids.ts';
import type { Reason } from './outcome.ts';

/**
 * `up` works; `impaired` works for some or slowly (a canary is out, the breaker is half open); `down` does not; `unknown` not seen yet.
 */
export type PathState = 'up' | 'impaired' | 'down' | 'unknown';

export interface PathHealth {
  readonly path: PathId;
  readonly state: PathState;
  readonly sinceMs: number;
  readonly reason?: Reason;
  /** When something was known of it for the first time: of what was before nobody knows. Undefined: nothing is known yet. */
  readonly watchedSinceMs?: number;
}

/** An interval in which a path is down. */
export interface Outage {
  readonly path: PathId;
  readonly startMs: number;
  /** Undefined: still going on. Never a forecast. */
  readonly endMs?: number;
  readonly reason: Reason;
}
