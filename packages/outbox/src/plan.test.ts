import { asId, type ReasonClass } from '@stopgap/core';
import { describe, expect, test } from 'vitest';
import { plan, type Plan, type PlanInput, type RouteState } from './plan.ts';

const smtp = asId.path('p outgoing smtp a');
const webmail = asId.path('p outgoing roundcube b');
const smarthost = asId.path('p outgoing smarthost c');
const NOW = 1_000_000;
const SECOND = 1000;

function route(path = smtp, more: Partial<RouteState> = {}): RouteState {
  return { path, state: 'up', sinceMs: 0, room: 5, afterMs: 0, ...more };
}

function input(more: Partial<PlanInput>): PlanInput {
  return {
    acceptedAtMs: NOW - 60 * SECOND,
    failures: [],
    routes: [route(smtp), route(webmail)],
    nowMs: NOW,
    backoff: { firstMs: 30 * SECOND, factor: 2, longestMs: 1800 * SECOND },
    random: 0.5,
    ...more,
  };
}

const failed = (path: typeof smtp, agoSeconds: number, reasonClass: ReasonClass = 'connect') => ({
  route: path,
  endedAtMs: NOW - agoSeconds * SECOND,
  reasonClass,
});

const rows: readonly [name: string, input: Partial<PlanInput>, expected: Plan][] = [
  ['the best route is taken when all are up', {}, { kind: 'try', route: smtp }],
  [
    'a path that is down is passed over',
    { routes: [route(smtp, { state: 'down', room: 0 }), route(webmail)] },
    { kind: 'try', route: webmail },
  ],
  [
    'a path that is down may let this message be its canary',
    { routes: [route(smtp, { state: 'down', room: 1 }), route(webmail)] },
    { kind: 'try', route: smtp },
  ],
  [
    'while the canary is out the next route is taken',
    { routes: [route(smtp, { state: 'impaired', room: 0 }), route(webmail)] },
    { kind: 'try', route: webmail },
  ],
  ['a path that is up but full is waited for', { routes: [route(smtp, { room: 0 }), route(webmail)] }, { kind: 'busy' }],
  [
    'a path not seen yet and full is waited for',
    { routes: [route(smtp, { state: 'unknown', room: 0 }), route(webmail)] },
    { kind: 'busy' },
  ],
  [
    'a throttled path is passed over',
    { routes: [route(smtp, { room: 0, nextChanceMs: NOW + 1 }), route(webmail)] },
    { kind: 'try', route: webmail },
  ],
  [
    'all paths down: nothing to do until one changes',
    { routes: [route(smtp, { state: 'down', room: 0 }), route(webmail, { state: 'down', room: 0 })] },
    { kind: 'idle' },
  ],
  ['no path at all', { routes: [] }, { kind: 'idle' }],
  ['a route that just failed rests while the next one is tried', { failures: [failed(smtp, 1)] }, { kind: 'try', route: webmail }],
  ['a rested route is tried again', { failures: [failed(smtp, 31)] }, { kind: 'try', route: smtp }],
  ['the second failure rests twice as long', { failures: [failed(smtp, 31), failed(smtp, 100)] }, { kind: 'try', route: webmail }],
  [
    'all routes rest: the earliest decides',
    { failures: [failed(smtp, 10), failed(webmail, 5)] },
    { kind: 'wait', untilMs: NOW + 20 * SECOND },
  ],
  [
    'a failure before the path came back does not count',
    { failures: [failed(smtp, 5)], routes: [route(smtp, { sinceMs: NOW - 2 * SECOND })] },
    { kind: 'try', route: smtp },
  ],
  [
    'what a route said of this very message counts even after it came back',
    { failures: [failed(smtp, 5, 'too-big')], routes: [route(smtp, { sinceMs: NOW - 2 * SECOND }), route(webmail)] },
    { kind: 'try', route: webmail },
  ],
  [
    'a smarthost waits its time',
    { routes: [route(smtp, { state: 'down', room: 0 }), route(smarthost, { afterMs: 120 * SECOND })] },
    { kind: 'wait', untilMs: NOW + 60 * SECOND },
  ],
  [
    'a smarthost takes over after its time',
    { routes: [route(smtp, { state: 'down', room: 0 }), route(smarthost, { afterMs: 60 * SECOND })] },
    { kind: 'try', route: smarthost },
  ],
];

describe('plan', () => {
  test.each(rows)('%s', (_, given, expected) => {
    expect(plan(input(given))).toEqual(expected);
  });
});
