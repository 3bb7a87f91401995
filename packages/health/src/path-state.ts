import { assertNever, type PathState, type Reason } from '@stopgap/core';
import type { Breaker } from './breaker.ts';

export interface Shown {
  readonly state: PathState;
  /** Kept from the state before when it is the same one. */
  readonly sinceMs: number;
  readonly reason?: Reason;
}

export interface Signs {
  readonly breaker: Breaker;
  /** Why the path asked us to slow down, while we do. */
  readonly slowedDownBy?: Reason | undefined;
  readonly refusesSome: boolean;
  readonly nowMs: number;
}

/** What a person is shown of a path: a pure function of everything the board knows. */
export function shownState(signs: Signs, before: Shown | undefined): Shown {
  const { breaker, nowMs } = signs;
  switch (breaker.kind) {
    case 'open':
      return { state: 'down', sinceMs: breaker.startMs, reason: breaker.reason };
    case 'half-open':
      return lasting({ state: 'impaired', sinceMs: nowMs, reason: breaker.reason }, before);
    case 'closed':
      break;
    default:
      return assertNever(breaker);
  }
  if (signs.slowedDownBy) return lasting({ state: 'impaired', sinceMs: nowMs, reason: signs.slowedDownBy }, before);
  if (!breaker.seen) return lasting({ state: 'unknown', sinceMs: nowMs }, before);
  if (signs.refusesSome) {
    const reason: Reason = { class: 'auth', text: 'Some accounts are refused, others are not.' };
    return lasting({ state: 'impaired', sinceMs: nowMs, reason }, before);
  }
  return lasting({ state: 'up', sinceMs: nowMs }, before);
}

export function looksSame(a: Shown, b: Shown): boolean {
  return a.state === b.state && a.sinceMs === b.sinceMs && a.reason?.class === b.reason?.class;
}

function lasting(now: Shown, before: Shown | undefined): Shown {
  return before?.state === now.state ? { ...now, sinceMs: Math.min(before.sinceMs, now.sinceMs) } : now;
}
