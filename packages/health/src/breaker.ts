import { assertNever, type AccountId, type ProbeSettings, type Reason } from '@stopgap/core';
import { isOver, type Hold } from './hold.ts';

/*
 * The breaker of one path.
 *
 *   closed     traffic flows. `failures` counts those in a row; any success ends the row. `downAfter` of them, or refused log-ins of two
 *              accounts with no success between them (law 14), open it.
 *   open       no traffic. A probe that works makes it half open. Where log-ins were refused a probe proves nothing, and the way out is one
 *              canary an interval. Whatever happens, `hold` ends and lets a canary out: a probe that fails for its own reasons, or never
 *              comes, must not keep a path shut.
 *   half-open  one canary at a time. `upAfter` successes in a row close it: probes and canaries count alike, but while a canary is out only it
 *              can close. One failure opens it again.
 *
 *   closed -> open -> half-open -> closed | open.   The outage lasts from the first failure of the row until closed.
 */

/** Open for so long without a probe that works: one canary all the same. */
export const BLIND_CANARY_AFTER_MS = 300_000;
/** A canary that has not come back by then is given up; longer than any attempt may take. */
export const CANARY_LOST_AFTER_MS = 1_500_000;
/** Two refused log-ins further apart than this are two people's affair, not the path's. */
const REFUSALS_TOGETHER_MS = 3_600_000;

export interface Refusal {
  readonly account: AccountId;
  readonly atMs: number;
}

export interface Closed {
  readonly kind: 'closed';
  /** False until something has worked. */
  readonly seen: boolean;
  readonly failures: number;
  readonly firstFailureMs?: number;
  readonly refused?: Refusal;
}

export interface Open {
  readonly kind: 'open';
  readonly startMs: number;
  readonly reason: Reason;
  /** Only a log-in that works is a success. */
  readonly needsLogin: boolean;
  /** No canary before it is over. */
  readonly hold: Hold;
  readonly canary?: Hold;
}

export interface HalfOpen {
  readonly kind: 'half-open';
  readonly startMs: number;
  readonly reason: Reason;
  readonly successes: number;
  readonly canary?: Hold;
  readonly refused?: Refusal;
}

export type Breaker = Closed | Open | HalfOpen;

export type BreakerEvent =
  | { readonly kind: 'probe-worked' }
  /** An attempt or a log-in. */
  | { readonly kind: 'attempt-worked' }
  | { readonly kind: 'failed'; readonly reason: Reason }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly account: AccountId | undefined }
  | { readonly kind: 'canary-left' }
  /** Comes before the event that says what the canary found, if it found anything. */
  | { readonly kind: 'canary-back' };

export interface StepContext {
  readonly settings: Pick<ProbeSettings, 'everyMs' | 'downAfter' | 'upAfter'>;
  readonly nowMs: number;
}

export const FRESH_BREAKER: Closed = { kind: 'closed', seen: false, failures: 0 };
/** What nearly every step returns; one object, so that steady traffic allocates nothing. */
const HEALTHY: Closed = { kind: 'closed', seen: true, failures: 0 };

export function step(breaker: Breaker, event: BreakerEvent, context: StepContext): Breaker {
  switch (breaker.kind) {
    case 'closed':
      return stepClosed(breaker, event, context);
    case 'open':
      return stepOpen(breaker, event, context);
    case 'half-open':
      return stepHalfOpen(breaker, event, context);
    default:
      return assertNever(breaker);
  }
}

/** Open or half open: may one attempt go and look? */
export function canaryMayLeave(breaker: Open | HalfOpen, nowMs: number): boolean {
  if (canaryIsOut(breaker, nowMs)) return false;
  return breaker.kind === 'half-open' || isOver(breaker.hold, nowMs);
}

function stepClosed(breaker: Closed, event: BreakerEvent, context: StepContext): Breaker {
  switch (event.kind) {
    case 'attempt-worked':
      return HEALTHY;
    case 'probe-worked':
      return breaker.refused ? { ...HEALTHY, refused: breaker.refused } : HEALTHY;
    case 'failed': {
      const failures = breaker.failures + 1;
      const firstFailureMs = Math.min(breaker.firstFailureMs ?? context.nowMs, context.nowMs);
      if (failures < context.settings.downAfter) return { ...breaker, failures, firstFailureMs };
      return opened({ startMs: firstFailureMs, reason: event.reason, needsLogin: false }, context);
    }
    case 'refused': {
      const liedSinceMs = lieSince(breaker.refused, event.account, context.nowMs);
      if (liedSinceMs !== undefined) return opened({ startMs: liedSinceMs, reason: event.reason, needsLogin: true }, context);
      return event.account === undefined ? breaker : { ...breaker, refused: { account: event.account, atMs: context.nowMs } };
    }
    case 'canary-left':
    case 'canary-back':
      return breaker;
    default:
      return assertNever(event);
  }
}

function stepOpen(breaker: Open, event: BreakerEvent, context: StepContext): Breaker {
  switch (event.kind) {
    case 'attempt-worked':
      return halfOpened(breaker);
    case 'probe-worked':
      return breaker.needsLogin ? breaker : halfOpened(breaker);
    case 'canary-left':
      return { ...breaker, hold: holdOf(breaker.needsLogin, context), canary: canaryLeaving(context) };
    case 'canary-back':
      return withoutCanary(breaker);
    case 'failed':
    case 'refused':
      return breaker;
    default:
      return assertNever(event);
  }
}

function stepHalfOpen(breaker: HalfOpen, event: BreakerEvent, context: StepContext): Breaker {
  switch (event.kind) {
    case 'attempt-worked':
    case 'probe-worked': {
      const successes = Math.min(breaker.successes + 1, context.settings.upAfter);
      if (successes >= context.settings.upAfter && !canaryIsOut(breaker, context.nowMs)) return HEALTHY;
      if (event.kind === 'probe-worked') return { ...breaker, successes };
      const { refused: _disproved, ...rest } = breaker;
      return { ...rest, successes };
    }
    case 'failed':
      return opened({ ...breaker, reason: event.reason, needsLogin: false }, context);
    case 'refused':
      if (lieSince(breaker.refused, event.account, context.nowMs) !== undefined) {
        return opened({ ...breaker, reason: event.reason, needsLogin: true }, context);
      }
      return event.account === undefined ? breaker : { ...breaker, refused: { account: event.account, atMs: context.nowMs } };
    case 'canary-left':
      return { ...breaker, canary: canaryLeaving(context) };
    case 'canary-back':
      return withoutCanary(breaker);
    default:
      return assertNever(event);
  }
}

function halfOpened({ startMs, reason, canary }: Open): HalfOpen {
  return { kind: 'half-open', startMs, reason, successes: 1, ...(canary && { canary }) };
}

function opened(what: Pick<Open, 'startMs' | 'reason' | 'needsLogin' | 'canary'>, context: StepContext): Open {
  const { startMs, reason, needsLogin, canary } = what;
  const hold = holdOf(needsLogin, context);
  return { kind: 'open', startMs: Math.min(startMs, context.nowMs), reason, needsLogin, hold, ...(canary && { canary }) };
}

function canaryIsOut(breaker: Open | HalfOpen, nowMs: number): boolean {
  return breaker.canary !== undefined && !isOver(breaker.canary, nowMs);
}

function canaryLeaving(context: StepContext): Hold {
  return { sinceMs: context.nowMs, forMs: CANARY_LOST_AFTER_MS };
}

function withoutCanary<Kind extends Open | HalfOpen>(breaker: Kind): Omit<Kind, 'canary'> {
  const { canary: _back, ...rest } = breaker;
  return rest;
}

/** Since when log-ins are being refused to more than one account; undefined: this refusal proves nothing yet. */
function lieSince(before: Refusal | undefined, account: AccountId | undefined, nowMs: number): number | undefined {
  if (!before || account === undefined || before.account === account) return undefined;
  if (isOver({ sinceMs: before.atMs, forMs: REFUSALS_TOGETHER_MS }, nowMs)) return undefined;
  return before.atMs;
}

function holdOf(needsLogin: boolean, context: StepContext): Hold {
  return { sinceMs: context.nowMs, forMs: needsLogin ? Math.min(context.settings.everyMs, BLIND_CANARY_AFTER_MS) : BLIND_CANARY_AFTER_MS };
}
