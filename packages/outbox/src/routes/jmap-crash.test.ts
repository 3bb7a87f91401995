import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { asId, systemClock, type Route, type UrlPath } from '@stopgap/core';
import { startFakeJmap, type FakeJmap, type FakeJmapSwitches, type JmapRefusal } from '@stopgap/testkit';
import {
  deliver,
  findSent,
  jobOf,
  letter,
  newSubmission,
  openTap,
  PASS,
  type HttpTap,
  type TestJob,
} from '@stopgap/testkit/roundcube-contract';
import { createGuard } from '@stopgap/upstreams';
import { createJmapRoute } from './jmap.ts';

const ACCOUNTS = [{ address: 'alice@provider.test', password: 'secret-alice' }];
const ME = 'alice@provider.test';
const [GOOD, BAD, MORE] = ['good@far.test', 'bad@far.test', 'more@far.test'];

const ALL_WELL = { isReadOnly: false, tiesCalls: true };

let fake: FakeJmap;
let tap: HttpTap;
let arrived: string[];
let refusals: number;
let refuse: (to: readonly string[]) => JmapRefusal | undefined;

beforeAll(async () => {
  fake = await startFakeJmap({
    accounts: ACCOUNTS,
    async onSend({ to }) {
      const refusal = refuse(to);
      if (refusal === undefined) arrived.push(...to);
      else refusals += 1;
      return refusal;
    },
  });
  tap = await openTap(fake.url);
});

beforeEach(() => {
  arrived = [];
  refusals = 0;
});

afterAll(async () => {
  await tap.close();
  await fake.close();
});

/** As a new start of the program has it. */
async function withRoute<Result>(work: (route: Route) => Promise<Result>): Promise<Result> {
  const path: UrlPath = {
    id: asId.path('t'),
    provider: asId.provider('t'),
    direction: 'outgoing',
    connections: 4,
    kind: 'jmap',
    url: tap.url,
  };
  const route = createJmapRoute({ path, guard: createGuard({ allowPrivate: true }), clock: systemClock, settleMs: 0 });
  try {
    return await work(route);
  } finally {
    await route.close();
  }
}

/** The program is gone when so many requests are done, before or after it has seen the last answer. `wasRefused`: that was a refusal. */
async function dieIn(job: TestJob, done: number, sawLast: boolean): Promise<{ readonly wasRefused: boolean; readonly requests: number }> {
  let isDead = false;
  let refusedBefore = 0;
  tap.setRule(({ number }) => {
    isDead ||= number > done || (number === done && !sawLast);
    if (number === done) refusedBefore = refusals;
    if (number < done || (number === done && sawLast)) return PASS;
    return { kind: number === done ? 'lose-answer' : 'lose-request' };
  });
  const mark: TestJob['mark'] = (left) => (isDead ? Promise.reject(new Error('gone')) : job.mark(left));
  await withRoute((route) => deliver(route, { ...job, mark }));
  const requests = tap.seen().length;
  tap.setRule(() => PASS);
  return { wasRefused: requests >= done && refusals > refusedBefore, requests };
}

const momentsOf = (requests: number) =>
  Array.from({ length: requests }, (_, index) => index + 1).flatMap((done) => [
    { done, sawLast: false },
    { done, sawLast: true },
  ]);

interface Odds {
  readonly switches?: Partial<FakeJmapSwitches>;
  /** The request that only says that it begins. */
  readonly begins?: number;
}

describe.each<[string, number, readonly string[], (to: readonly string[]) => JmapRefusal | undefined, Odds?]>([
  ['a message that is taken', 8, [GOOD, MORE], () => undefined],
  [
    'one bad recipient of three',
    10,
    [GOOD, BAD, MORE],
    (to) => (to.includes(BAD) ? { type: 'invalidRecipients', invalidRecipients: [BAD] } : undefined),
  ],
  ['nobody knows who is refused', 12, [GOOD, BAD, MORE], (to) => (to.includes(BAD) ? { type: 'forbiddenToSend' } : undefined)],
  ['a message that is refused', 9, [BAD], () => ({ type: 'invalidRecipients', invalidRecipients: [BAD] })],
  ['a mail server that is down', 9, [GOOD], () => ({ type: 'serverFail' })],
  ['a draft that can not say that it was begun', 8, [GOOD], () => undefined, { switches: { isReadOnly: true } }],
  ['a server that has to be asked twice', 9, [GOOD, MORE], () => undefined, { switches: { tiesCalls: false }, begins: 8 }],
])('%s, and the program dies', (_, total, to, answer, { switches = {}, begins } = {}) => {
  test.for(momentsOf(total))('when %j', async ({ done, sawLast }) => {
    refuse = answer;
    Object.assign(fake.switches, switches);
    const mail = letter(ME, '\r\nhello\r\n');
    const submission = newSubmission();
    const first = jobOf({ world: { accounts: ACCOUNTS }, letter: mail, to, submission });
    const { wasRefused, requests } = await dieIn(first, done, sawLast);
    expect(requests).toBeLessThanOrEqual(total);
    if (done === total) expect(requests).toBe(total);
    const doubtful = first.marks() === 0 ? [] : first.markedFor();
    const verdict = doubtful.length === 0 ? 'not-sent' : await withRoute((route) => findSent(route, first));
    const arrivedFirst = [...arrived];
    if (verdict === 'sent') expect(arrivedFirst).toEqual(doubtful);
    if (verdict === 'not-sent') expect(arrivedFirst).toEqual([]);
    // Until the refusal is noted there, too, nobody can know; nor between the two requests of a server that has to be asked twice.
    expect(verdict === 'unknown').toBe(wasRefused || done === begins);

    refuse = () => undefined;
    Object.assign(fake.switches, ALL_WELL);
    const rest = to.filter((address) => !doubtful.includes(address) || verdict === 'not-sent');
    const second = jobOf({ world: { accounts: ACCOUNTS }, letter: mail, to: rest, submission });
    const unsettled = verdict === 'unknown' ? [first.witness] : [];
    if (rest.length > 0) await withRoute((route) => deliver(route, { ...second, unsettled: () => unsettled }));
    expect(arrived.toSorted()).toEqual([...(verdict === 'unknown' ? [] : arrivedFirst), ...rest].toSorted());
  });
});
