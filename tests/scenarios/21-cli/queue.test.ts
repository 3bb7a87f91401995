import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until as soon, type Lab } from '../../lab/index.ts';
import type { QueueDetail, QueueEntry } from '@stopgap/outbox';
import { detailOf, untilPath, type Relay } from '../../relay/index.ts';
import { sentenceOf, startWorld, type World } from './world.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

/** A path that comes back is trusted step by step, and the machine may be busy. */
const LIMIT_MS = 60_000;
const until = <T>(what: string, probe: () => T | Promise<T>) => soon(what, probe, LIMIT_MS);

let world: World;
let lab: Lab;
let relay: Relay;

beforeAll(async () => {
  world = await startWorld();
  ({ lab, relay } = world);
});

afterEach(async () => {
  for (const { id } of await list()) await relay.cli(['queue', 'cancel', id]);
  await lab.edge.set('submission', { mode: 'pass' });
  await relay.cli(['queue', 'retry', '--all']);
});

afterAll(() => world?.[Symbol.asyncDispose]());

const list = (...args: string[]) => relay.json<QueueEntry[]>(['queue', 'list', ...args]);
/** As `queue show` tells, without a process for each look. */
const now = async (id: string) => (await detailOf(relay, id)).recipients[0];
const recipientOf = async (id: string) => (await relay.json<QueueDetail>(['queue', 'show', id])).recipients[0];
const has = async (user: string, id: string) => (await lab.inbox(user)).some((raw) => raw.includes(`Message-ID: <${id}@provider.test>`));
const pathIs = (state: string) => untilPath(relay, 'outgoing', 'smtp', state);

const countOf = async (decision: string) => {
  const metrics = await (await fetch(`http://127.0.0.1:${relay.ports.http}/metrics`)).text();
  return Number(new RegExp(`^stopgap_decisions_total\\{decision="${decision}"\\} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0);
};

/** A message that has met a refused connection and rests for an hour. */
async function waiting(id: string, to?: readonly string[]): Promise<string> {
  await lab.edge.set('submission', { mode: 'refuse' });
  const submission = await world.send(id, to);
  await until('it rests', async () => {
    const one = await recipientOf(submission);
    return one?.state === 'queued' && one.reason !== null;
  });
  return submission;
}

describe('queue list', () => {
  test('has every field that others read, and is an empty list when nothing waits', async () => {
    const id = await waiting('fields', ['bob', 'far@outside.test']);
    const recipient = {
      state: 'queued',
      reason: expect.any(String) as string,
      nextAttemptAt: TIME,
    };
    expect(await list()).toMatchObject([
      {
        id,
        account: lab.address('alice'),
        from: lab.address('alice'),
        acceptedAt: TIME,
        sizeBytes: expect.any(Number) as number,
        recipients: [
          { ...recipient, address: lab.address('bob') },
          { ...recipient, address: 'far@outside.test' },
        ],
      },
    ]);
    for (const { route } of (await list())[0]?.recipients ?? []) expect(route === null || route.includes('smtp')).toBe(true);
    const table = await relay.cli(['queue', 'list']);
    expect(table.stdout).toMatch(/^ID +ACCEPTED \(UTC\) +FROM +TO +STATE +NEXT TRY +REASON\n/);
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(3);
    await relay.cli(['queue', 'cancel', id]);
    expect(await list()).toEqual([]);
    expect((await relay.cli(['queue', 'list'])).stdout).toBe('Nothing waits.\n');
  });

  test('can be asked for one account, one state, the first few', async () => {
    const [one, two] = [await waiting('filter-1'), await waiting('filter-2')];
    await relay.cli(['queue', 'hold', two]);
    const ids = async (...args: string[]) => (await list(...args)).map(({ id }) => id);
    expect(await ids('--account', lab.address('alice').toUpperCase())).toEqual([one, two]);
    expect(await ids('--account', lab.address('bob'))).toEqual([]);
    expect(await ids('--state', 'held')).toEqual([two]);
    expect(await ids('--state', 'unsure')).toEqual([]);
    expect(await ids('--limit', '1')).toEqual([one]);
  });
});

describe('what a person does while serve runs', () => {
  test('retry: it leaves at once, though it would have rested for an hour', async () => {
    await pathIs('up');
    // About the recipient alone: the path stays up, so nothing but a person ends the rest.
    await lab.edge.set('submission', { mode: 'reject', replies: { RCPT: '450 4.2.0 try later' } });
    const id = await world.send('retried');
    await until('it rests', async () => (await now(id))?.reason?.includes('try later') === true);
    await lab.edge.set('submission', { mode: 'pass' });
    const { state, nextAttemptAt } = (await recipientOf(id)) ?? {};
    expect(state).toBe('queued');
    expect(Date.parse(nextAttemptAt ?? '')).toBeGreaterThan(Date.now() + 15 * 60_000);
    expect(await relay.cli(['queue', 'retry', id])).toMatchObject({ code: 0, stderr: '' });
    await until('bob has it', () => has('bob', 'retried'));
    await until('it is delivered', async () => (await now(id))?.state === 'delivered');
    expect((await relay.cli(['queue', 'retry', id])).stdout).toContain('Nothing to try');
  });

  test('hold keeps it when the path comes back, release lets it go', async () => {
    // The first one meets a refusal and rests, the second one nothing at all.
    await pathIs('up');
    const id = await waiting('held');
    const later = await waiting('not-held');
    expect((await relay.cli(['queue', 'hold', id])).stdout).toBe('1 recipient held.\n');
    await lab.edge.set('submission', { mode: 'pass' });
    await until('the other one left', async () => (await now(later))?.state === 'delivered');
    expect(await recipientOf(id)).toMatchObject({ state: 'queued', held: true, nextAttemptAt: null });
    expect((await relay.cli(['queue', 'list'])).stdout).toContain('queued, held');
    expect((await relay.cli(['queue', 'release', id])).stdout).toBe('1 recipient released.\n');
    await until('bob has it', () => has('bob', 'held'));
    expect((await relay.cli(['queue', 'release', id])).stdout).toContain('Nothing changed');
  });

  test('one that is to leave later says when and why; release lets it go before', async () => {
    await pathIs('up');
    const id = await world.send('later', ['bob'], 'HOLDFOR=7200');
    const shown = await relay.json<QueueDetail>(['queue', 'show', id]);
    expect(Date.parse(shown.sendAt ?? '') - Date.parse(shown.acceptedAt)).toBeGreaterThan(7_190_000);
    expect(shown.recipients).toMatchObject([{ state: 'queued', held: true, nextAttemptAt: shown.sendAt }]);
    const { stdout } = await relay.cli(['queue', 'show', id]);
    expect(stdout).toMatch(/queued, later +.*is to leave at that time, as its sender asked/);
    expect((await relay.cli(['queue', 'release', id])).stdout).toBe('1 recipient released.\n');
    await until('bob has it', () => has('bob', 'later'));
    expect(await relay.json(['queue', 'show', id])).toMatchObject({ sendAt: null });
  });

  test('cancel: it never leaves', async () => {
    const id = await waiting('cancelled');
    await waiting('not-cancelled');
    expect((await relay.cli(['queue', 'cancel', id])).stdout).toBe('1 recipient cancelled.\n');
    await lab.edge.set('submission', { mode: 'pass' });
    await until('the other one arrived', () => has('bob', 'not-cancelled'));
    expect(await has('bob', 'cancelled')).toBe(false);
    expect(await recipientOf(id)).toMatchObject({ state: 'cancelled', reason: 'Cancelled before it left.' });
  });

  test.each([
    ['delivered', 1],
    ['cancelled', 1],
    ['resend', 2],
  ])('resolve --as %s ends what nobody can know; bob then has %d', async (how, copies) => {
    await pathIs('up');
    await lab.edge.set('submission', { mode: 'cutAfterDot', delivered: true, times: 1 });
    const id = await world.send(`resolved-${how}`);
    await until('it is unsure', async () => (await now(id))?.state === 'unsure');
    expect((await relay.cli(['queue', 'show', id])).stdout).toContain(`stopgap queue resolve ${id} --as delivered`);
    expect((await relay.json<{ queue: { unsure: number } }>(['status'])).queue.unsure).toBe(1);
    expect((await relay.cli(['queue', 'cancel', id])).stdout).toContain(`"stopgap queue resolve ${id} --as delivered" ends it`);
    expect(sentenceOf(await relay.cli(['queue', 'cancel', id]))).toContain('will not get it again by itself');
    expect((await now(id))?.state).toBe('unsure');
    expect(await relay.cli(['queue', 'resolve', id, '--as', how])).toMatchObject({ code: 0, stderr: '' });
    const end = how === 'cancelled' ? 'cancelled' : 'delivered';
    await until(`it counts as ${end}`, async () => (await now(id))?.state === end);
    await until('bob has them', async () => {
      const inbox = await lab.inbox('bob');
      return inbox.filter((raw) => raw.includes(`<resolved-${how}@provider.test>`)).length === copies;
    });
    expect(sentenceOf(await relay.cli(['queue', 'resolve', id, '--as', how]))).toContain('nothing to decide');
  });

  test('each decision is told once in the mail log of serve, and counted', async () => {
    const id = await waiting('decided');
    const before = await countOf('hold');
    expect((await relay.cli(['queue', 'hold', id])).code).toBe(0);
    expect((await relay.cli(['queue', 'hold', id])).stdout).toContain('Nothing changed');
    expect((await relay.cli(['queue', 'cancel', id])).code).toBe(0);
    const told = async () => {
      const lines = (await relay.log()).split('\n').filter((line) => line.includes('"decided"') && line.includes(id));
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    await until('both are told', async () => (await told()).length >= 2);
    expect(await told()).toMatchObject([
      { scope: 'mail', decision: 'hold', recipients: 1, account: lab.address('alice'), at: TIME },
      { scope: 'mail', decision: 'cancel', recipients: 1 },
    ]);
    expect(await countOf('hold')).toBe(before + 1);
  });

  test('an unknown id fails with a sentence, whatever is to be done to it', async () => {
    for (const name of ['show', 'retry', 'hold', 'release', 'cancel', 'resolve']) {
      const args = ['queue', name, 'nosuchid', ...(name === 'resolve' ? ['--as', 'resend'] : [])];
      const sentence = 'stopgap: There is no submission nosuchid. "stopgap queue list" shows those that wait.';
      expect(sentenceOf(await relay.cli(args)), name).toBe(sentence);
    }
  });
});

test('queue show tells the attempts, for people and for programs', async () => {
  // Refused for now by the recipient's server: the path stays up, so the attempt is made whatever the probes see meanwhile.
  await pathIs('up');
  await lab.edge.set('submission', { mode: 'reject', replies: { RCPT: '450 4.2.1 Try again later' } });
  const id = await world.send('shown');
  await until('it was tried', async () => (await now(id))?.reason !== null);
  const detail = await relay.json<QueueDetail>(['queue', 'show', id]);
  expect(detail.attempts[0]).toMatchObject({ startedAt: TIME, endedAt: TIME, markedAt: null, outcome: expect.any(String) as string });
  const { stdout } = await relay.cli(['queue', 'show', id]);
  expect(stdout).toContain(id);
  expect(stdout).toMatch(/\d+ attempts?, times in UTC/);
});
