import { expect, test } from 'vitest';
import { leavesAt, shownState } from './shown-state.ts';

const PAST = '2026-11-27T10:00:00Z';
const RECIPIENT = {
  address: 'b@x.test',
  state: 'queued',
  held: false,
  route: null,
  reason: null,
  reasonClass: null,
  tries: 0,
  nextAttemptAt: PAST,
} as const;

test('what waits for its time is not on hold, though that time has passed and the relay has not told yet', () => {
  const waits = { ...RECIPIENT, held: true };
  expect([shownState(waits), leavesAt(waits)]).toEqual(['queued', PAST]);
});

test('what somebody holds is on hold, and leaves at no time', () => {
  const held = { ...RECIPIENT, held: true, nextAttemptAt: null };
  expect([shownState(held), leavesAt(held)]).toEqual(['held', undefined]);
});

test.for(['queued', 'leased', 'delivered'] as const)('%s is what it is', (state) => {
  const one = { ...RECIPIENT, state };
  expect([shownState(one), leavesAt(one)]).toEqual([state, undefined]);
});
