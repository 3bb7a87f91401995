/*
 * Which route now, or wait until when: a pure function of the work, what was tried, the state of the paths and the time.
 *
 * - Routes are taken in the order of the configuration, best first; a smarthost only for mail that has waited its time.
 * - A route that failed this submission rests for its backoff, then may be tried again; the next route in order is tried meanwhile.
 *   The rest ends at once when the path has recovered since.
 * - A path that is up but full is waited for: mail does not spill over to the next one because of a busy minute.
 * - A path that is down, resting or throttled is passed over; when it lets a canary through, this may be the canary.
 */
import { backoffMs, isPathFailure, type Backoff, type PathId, type PathState, type Reason, type ReasonClass } from '@stopgap/core';

export interface RouteState {
  readonly path: PathId;
  readonly state: PathState;
  /** Since when it has been in this state. */
  readonly sinceMs: number;
  /** Attempts that could start on it right now. */
  readonly room: number;
  /** When it makes sense to ask again; undefined: at its next change. */
  readonly nextChanceMs?: number;
  /** Only for mail that has waited this long; 0 for the provider's own paths. */
  readonly afterMs: number;
}

export interface PastAttempt {
  readonly route: PathId;
  readonly endedAtMs: number;
  readonly reasonClass: ReasonClass;
}

export interface PlanInput {
  readonly acceptedAtMs: number;
  /** Attempts on this submission that failed for a reason of the route, in any order. */
  readonly failures: readonly PastAttempt[];
  readonly routes: readonly RouteState[];
  readonly nowMs: number;
  readonly backoff: Backoff;
  /** In [0, 1). */
  readonly random: number;
}

export type Plan =
  | { readonly kind: 'try'; readonly route: PathId }
  /** The right route is up but full at the moment. */
  | { readonly kind: 'busy' }
  /** No route before then. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  /** No route until some path changes its state. */
  | { readonly kind: 'idle' };

export function plan(input: PlanInput): Plan {
  const { nowMs } = input;
  let untilMs: number | undefined;
  const notBefore = (atMs: number) => {
    untilMs = Math.min(untilMs ?? Infinity, atMs);
  };
  for (const route of input.routes) {
    // A message from the future: the clock was set back, nobody knows its age, and too early once is better than stuck.
    const isOfAgeAtMs = input.acceptedAtMs > nowMs ? 0 : input.acceptedAtMs + route.afterMs;
    const readyAtMs = Math.max(isOfAgeAtMs, restsUntilMs(route, input));
    if (readyAtMs > nowMs) {
      notBefore(readyAtMs);
    } else if (route.room > 0) {
      return { kind: 'try', route: route.path };
    } else if (isBusy(route, nowMs)) {
      return { kind: 'busy' };
    }
    // Otherwise it is the path that waits, not the message: when it changes, every message is looked at again.
  }
  return untilMs === undefined ? { kind: 'idle' } : { kind: 'wait', untilMs };
}

function isBusy(route: RouteState, nowMs: number): boolean {
  return (route.state === 'up' || route.state === 'unknown') && (route.nextChanceMs ?? nowMs) <= nowMs;
}

function restsUntilMs(route: RouteState, input: PlanInput): number {
  const hasRecoveredSince = (failure: PastAttempt) =>
    route.state === 'up' && route.sinceMs > failure.endedAtMs && isCuredByRecovery(failure);
  const failures = input.failures.filter((failure) => failure.route === route.path && !hasRecoveredSince(failure));
  if (failures.length === 0) return 0;
  const lastMs = failures.reduce((latest, failure) => Math.max(latest, failure.endedAtMs), 0);
  return lastMs + backoffMs(input.backoff, failures.length, input.random);
}

/** What this route said of this very message stays true when the path comes back. */
function isCuredByRecovery(failure: PastAttempt): boolean {
  return failure.reasonClass !== 'route' && failure.reasonClass !== 'too-big' && failure.reasonClass !== 'policy';
}

/** A failure that speaks of the route: it rests, and the next one is tried at once. The others speak of the recipient, who would hear the same anywhere. */
export function isAboutRoute(reason: Reason): boolean {
  return (
    isPathFailure(reason) ||
    reason.class === 'route' ||
    reason.class === 'too-big' ||
    reason.class === 'policy' ||
    reason.class === 'internal'
  );
}
