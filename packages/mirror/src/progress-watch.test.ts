/* What the log is told of a mailbox that takes long, and how often. */
import type { IncomingSession, RemoteMailbox } from '@stopgap/core';
import { addMessage, createMailbox } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, findMirror } from '@stopgap/store';
import { expect, test } from 'vitest';
import { ProgressWatch } from './progress-watch.ts';
import { progressOfPlaces, type MirrorProgress } from './progress.ts';
import { ReportBook } from './report.ts';
import type { Place } from './round.ts';
import { newTended, type Tended } from './tended.ts';
import { ALICE, letter, openBench, type Bench } from './test-bench.ts';
import { LIMIT_MS, running } from './test-running.ts';

const MINUTE_MS = 60_000;

/** An account whose provider shows so many messages in INBOX. */
async function watched(bench: Bench, total: number) {
  const path = bench.provider.paths.imap.path.id;
  const inbox = await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'INBOX', isSubscribed: true, by: 'upstream' }).id);
  const [remote] = [{ id: 'INBOX', path: ['INBOX'], isSelectable: true, isSubscribed: true }];
  const places = [{ remote, mailbox: inbox, total, candidates: [] }] as unknown as readonly Place[];
  const one: Tended = newTended(ALICE, bench.provider.provider, 0);
  const report = new ReportBook(undefined, bench.clock.nowMs());
  const written: MirrorProgress[] = [];
  let number = 0;
  return {
    one,
    written,
    begin: (isFirst: boolean) =>
      new ProgressWatch(one, bench.deps, { path, report, isFirst, write: async (progress) => void written.push(progress) }),
    /** A batch is here. */
    async batch(watch: ProgressWatch, messages: number): Promise<void> {
      await bench.mailboxes.write(ALICE, (mail) => {
        for (let i = 0; i < messages; i += 1) {
          const digest = digestOf(letter((number += 1)));
          addMessage(mail, { mailbox: inbox, digest, completeness: 'headers', receivedAtMs: 0, flags: [], by: 'upstream' });
        }
      });
      report.found({ messages });
      await watch.progressed(places);
    },
    told: () => bench.told.filter(({ name }) => name === 'caughtUp').map(({ event }) => event as MirrorProgress & { state: string }),
  };
}

test('at its beginning, at most once a minute, and at its end; a round that was cut off begins nothing anew', async () => {
  await using bench = await openBench();
  const at = await watched(bench, 1000);
  const first = at.begin(true);
  for (let i = 0; i < 4; i += 1) {
    await at.batch(first, 100);
    bench.clock.jump(MINUTE_MS / 4);
  }
  expect(at.told()).toMatchObject([{ state: 'begun', messages: 100, total: 1000, leftS: expect.any(Number) }]);
  await at.batch(first, 100);
  bench.clock.jump(MINUTE_MS);
  const second = at.begin(true);
  await at.batch(second, 300);
  await at.batch(second, 200);
  expect(second.finish()).toMatchObject({ messages: 1000, total: 1000, leftS: 0 });
  expect(at.told().map(({ state, messages }) => [state, messages])).toEqual([
    ['begun', 100],
    ['under way', 500],
    ['under way', 800],
    ['done', 1000],
  ]);
});

test('nothing of what happens all day', async () => {
  await using bench = await openBench();
  const at = await watched(bench, 1000);
  await at.batch(at.begin(false), 998);
  at.begin(false).finish();
  expect(at.told()).toEqual([]);
  for (let i = 0; i < 3; i += 1) {
    bench.clock.jump(2 * MINUTE_MS);
    const round = at.begin(false);
    await at.batch(round, 1);
    round.finish();
  }
  expect(at.told()).toEqual([]);
});

test('of messages that never come nothing is told again and again', async () => {
  await using bench = await openBench();
  const at = await watched(bench, 500);
  await at.batch(at.begin(false), 1);
  at.begin(false).finish();
  const before = at.told().length;
  for (let i = 0; i < 3; i += 1) {
    bench.clock.jump(2 * MINUTE_MS);
    const round = at.begin(false);
    await at.batch(round, 0);
    round.finish();
  }
  expect(at.told()).toHaveLength(before);
});

test('a clock that was set back silences nobody', async () => {
  await using bench = await openBench();
  const at = await watched(bench, 1000);
  const round = at.begin(true);
  await at.batch(round, 100);
  bench.clock.jump(-24 * 60 * MINUTE_MS);
  await at.batch(round, 100);
  expect(at.told().map(({ state }) => state)).toEqual(['begun', 'under way']);
});

test.each([
  { rate: 50, total: 1000, leftS: 18 },
  { rate: 0, total: 1000, leftS: null },
  { rate: 50, total: 0, leftS: 0 },
])('how long the rest takes: $total shown, $rate a second', async ({ rate, total, leftS }) => {
  await using bench = await openBench();
  const at = await watched(bench, total);
  await at.batch(at.begin(true), 100);
  const inbox = bench.store.read((reader) => findMailboxByName(reader, ALICE, 'INBOX'))?.id;
  const places = [{ mailbox: inbox, remote: {}, total }] as unknown as readonly Place[];
  const progress = bench.store.read((reader) => progressOfPlaces(reader, ALICE, { places, ratePerS: rate }));
  expect(progress).toMatchObject({ messages: 100, total: Math.max(100, total), ratePerS: rate, leftS });
});

test(
  'a first mirror by a path that counts nothing beforehand knows what is left from its listings',
  { timeout: 2 * LIMIT_MS },
  async () => {
    const bench = await openBench({ kinds: ['roundcube'] });
    for (let i = 0; i < 350; i += 1) bench.there.deliver('INBOX', letter(i));
    const { upstream } = bench.provider.paths.roundcube;
    const open: typeof upstream.open = async (...to) => withoutCounts(await upstream.open?.(...to));
    const upstreams = { ...bench.deps.upstreams, roundcube: { ...upstream, open } };
    await using mirror = running({ ...bench, deps: { ...bench.deps, upstreams } });
    await mirror.becomes(() => mirror.state() === 'idle');
    const told = bench.told.filter(({ name }) => name === 'caughtUp').map(({ event }) => event);
    expect(told).toMatchObject([
      { state: 'begun', messages: 100, total: 350 },
      { state: 'done', messages: 350, total: 350, leftS: 0 },
    ]);
    const row = bench.store.read((reader) => findMirror(reader, ALICE));
    expect(JSON.parse(row?.progress ?? '{}')).toMatchObject({ messages: 350, total: 350, leftS: 0 });
  },
);

/** As a real Roundcube lists mailboxes. */
function withoutCounts(session: IncomingSession | undefined): IncomingSession {
  if (!session) throw new Error('there is no session');
  const list = session.list.bind(session);
  const without = ({ id, path, isSelectable, isSubscribed, state }: RemoteMailbox): RemoteMailbox => ({
    id,
    path,
    isSelectable,
    isSubscribed,
    ...(state === undefined ? {} : { state }),
  });
  return Object.assign(session, { list: async (signal: AbortSignal) => (await list(signal)).map(without) });
}
