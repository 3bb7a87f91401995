import { asId, type Reason } from '@stopgap/core';
import { describe, expect, test } from 'vitest';
import {
  BLIND_CANARY_AFTER_MS,
  CANARY_LOST_AFTER_MS,
  canaryMayLeave,
  FRESH_BREAKER,
  step,
  type Breaker,
  type BreakerEvent,
} from './breaker.ts';

const settings = { everyMs: 15_000, downAfter: 2, upAfter: 2 };
const refusedConnection: Reason = { class: 'connect', text: 'refused the connection' };
const wrongPassword: Reason = { class: 'auth', text: 'wrong password' };
const ann = asId.account('ann@alice.test');
const ben = asId.account('ben@alice.test');

const probeWorked: BreakerEvent = { kind: 'probe-worked' };
const attemptWorked: BreakerEvent = { kind: 'attempt-worked' };
const failed: BreakerEvent = { kind: 'failed', reason: refusedConnection };
const refusedAnn: BreakerEvent = { kind: 'refused', reason: wrongPassword, account: ann };
const refusedBen: BreakerEvent = { kind: 'refused', reason: wrongPassword, account: ben };
const refusedNobody: BreakerEvent = { kind: 'refused', reason: wrongPassword, account: undefined };
const canaryLeft: BreakerEvent = { kind: 'canary-left' };
const canaryBack: BreakerEvent = { kind: 'canary-back' };

/** One event a second, from time 1000 on. */
function after(...events: readonly BreakerEvent[]): Breaker {
  return events.reduce<Breaker>((breaker, event, i) => step(breaker, event, { settings, nowMs: 1000 * (i + 1) }), FRESH_BREAKER);
}

describe('the breaker', () => {
  test.each<[name: string, events: readonly BreakerEvent[], kind: Breaker['kind']]>([
    ['one failure is not an outage', [attemptWorked, failed], 'closed'],
    ['a success ends the row of failures', [failed, attemptWorked, failed], 'closed'],
    ['a probe that works ends the row of failures', [failed, probeWorked, failed], 'closed'],
    ['failures in a row open it', [failed, failed], 'open'],
    ['further failures keep it open', [failed, failed, failed, failed], 'open'],
    ['one probe that works is not enough to close it', [failed, failed, probeWorked], 'half-open'],
    ['a failure while half open opens it again', [failed, failed, probeWorked, failed], 'open'],
    ['probes alone close it', [failed, failed, probeWorked, probeWorked], 'closed'],
    ['a probe and a canary close it', [failed, failed, probeWorked, canaryLeft, canaryBack, attemptWorked], 'closed'],
    ['probes do not close it while a canary is out', [failed, failed, probeWorked, canaryLeft, probeWorked, probeWorked], 'half-open'],
    ['a canary that says nothing leaves it as it was', [failed, failed, probeWorked, canaryLeft, canaryBack], 'half-open'],
    ['a blind canary that works makes it half open', [failed, failed, canaryLeft, canaryBack, attemptWorked], 'half-open'],
    ['one account refused twice is not a lie', [refusedAnn, refusedAnn], 'closed'],
    ['two accounts refused are a lie', [refusedAnn, refusedBen], 'open'],
    ['two accounts refused with a probe between are a lie', [refusedAnn, probeWorked, refusedBen], 'open'],
    ['two accounts refused with a success between are not a lie', [refusedAnn, attemptWorked, refusedBen], 'closed'],
    ['refusals without a name prove nothing', [refusedNobody, refusedNobody, refusedAnn], 'closed'],
    ['a probe does not end a lie', [refusedAnn, refusedBen, probeWorked, probeWorked, probeWorked], 'open'],
    ['a canary that is refused does not end a lie', [refusedAnn, refusedBen, canaryLeft, canaryBack, refusedAnn], 'open'],
    ['a log-in that works ends a lie', [refusedAnn, refusedBen, canaryLeft, canaryBack, attemptWorked, probeWorked], 'closed'],
    ['a lie that goes on behind a canary opens it again', [failed, failed, probeWorked, refusedAnn, refusedBen], 'open'],
  ])('%s', (_name, events, kind) => {
    expect(after(...events).kind).toBe(kind);
  });

  test('dates the outage back to the first failure of the row', () => {
    expect(after(failed, attemptWorked, failed, failed)).toMatchObject({ kind: 'open', startMs: 3000, reason: refusedConnection });
    expect(after(refusedAnn, refusedBen)).toMatchObject({ kind: 'open', startMs: 1000, needsLogin: true });
  });

  test('keeps the start of the outage when it opens again', () => {
    expect(after(failed, failed, probeWorked, failed, probeWorked)).toMatchObject({ kind: 'half-open', startMs: 1000 });
  });

  test('lets one canary at a time out while half open, and forgets one that never comes back', () => {
    const half = after(failed, failed, probeWorked);
    if (half.kind === 'closed') throw new Error('not an outage');
    expect(canaryMayLeave(half, 4000)).toBe(true);
    const out = step(half, canaryLeft, { settings, nowMs: 4000 });
    if (out.kind === 'closed') throw new Error('not an outage');
    expect(canaryMayLeave(out, 4000 + CANARY_LOST_AFTER_MS - 1)).toBe(false);
    expect(canaryMayLeave(out, 4000 + CANARY_LOST_AFTER_MS)).toBe(true);
  });

  test('a canary that is out while the path is probed back to life stays the only one', () => {
    const half = after(failed, failed, canaryLeft, probeWorked);
    expect(half.kind).toBe('half-open');
    if (half.kind === 'closed') throw new Error('not an outage');
    expect(canaryMayLeave(half, 5000)).toBe(false);
  });

  test('lets a canary out after a long time without a probe that works', () => {
    const open = after(failed, failed);
    if (open.kind !== 'open') throw new Error('not open');
    expect(canaryMayLeave(open, 2000 + BLIND_CANARY_AFTER_MS - 1)).toBe(false);
    expect(canaryMayLeave(open, 2000 + BLIND_CANARY_AFTER_MS)).toBe(true);
  });

  test('lets one canary an interval out while log-ins are refused', () => {
    const open = after(refusedAnn, refusedBen);
    if (open.kind !== 'open') throw new Error('not open');
    expect(canaryMayLeave(open, 2000 + settings.everyMs - 1)).toBe(false);
    expect(canaryMayLeave(open, 2000 + settings.everyMs)).toBe(true);
  });

  test('refusals hours apart are not a lie', () => {
    const once = step(FRESH_BREAKER, refusedAnn, { settings, nowMs: 0 });
    expect(step(once, refusedBen, { settings, nowMs: 3_600_000 }).kind).toBe('closed');
    expect(step(once, refusedBen, { settings, nowMs: 3_599_999 }).kind).toBe('open');
  });

  test('a clock that is set back neither starts an outage in the future nor holds a canary longer', () => {
    const once = step(FRESH_BREAKER, failed, { settings, nowMs: 9_000_000 });
    const open = step(once, failed, { settings, nowMs: 1000 });
    expect(open).toMatchObject({ kind: 'open', startMs: 1000 });
    const later = step(step(FRESH_BREAKER, failed, { settings, nowMs: 9_000_000 }), failed, { settings, nowMs: 9_000_000 });
    if (later.kind !== 'open') throw new Error('not open');
    expect(canaryMayLeave(later, 1000)).toBe(true);
  });

  test('steady success makes no new object', () => {
    const healthy = after(attemptWorked);
    expect(step(healthy, attemptWorked, { settings, nowMs: 1 })).toBe(healthy);
    expect(step(healthy, probeWorked, { settings, nowMs: 1 })).toBe(healthy);
  });
});
