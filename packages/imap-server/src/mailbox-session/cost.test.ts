import { asId } from '@stopgap/core';
import { expect, test } from 'vitest';
import type { SearchCriteria } from '../search-criteria.ts';
import type { FlagStore, UidRange } from '../session.ts';
import { TestServer } from '../test-server.ts';
import { openMailboxSession } from './mailbox-session.ts';
import { countingReads } from './test-reads.ts';
import { ALICE, ALL, fetched, TestSession } from './test-session.ts';

const adding = (...flags: string[]): FlagStore => ({ kind: 'change', change: { add: flags, remove: [] } });

async function scene(messages: number) {
  const at = await TestSession.open();
  await at.arrive(Array.from({ length: messages }, () => 'Subject: one\r\n\r\n'));
  await at.session.create('Other', undefined);
  const { deps, readsOf } = countingReads(at.deps);
  const session = await openMailboxSession({ account: ALICE }, deps);
  const { mailbox } = await session.open('INBOX', { isReadOnly: false });
  return { at, mailbox, readsOf, session };
}

test('flags of a few far apart cost what these few cost', async () => {
  const { at, mailbox, readsOf } = await scene(1200);
  await using _ = at;
  const ranges: UidRange[] = [
    [3, 3],
    [1199, 1199],
  ];
  expect((await readsOf(() => mailbox.store(ranges, adding('$seen'), {}))).rows).toBeLessThan(20);
  expect((await fetched(mailbox, { detail: 'flags' })).filter(({ flags }) => flags.includes('$seen')).map(({ uid }) => uid)).toEqual([
    3, 1199,
  ]);
});

test('flags that are there already are not written again, and what changed later is told all the same', async () => {
  const { at, mailbox, readsOf } = await scene(5);
  await using _ = at;
  const first = await mailbox.store([[1, 4]], adding('$seen'), {});
  expect((await readsOf(() => mailbox.store([[2, 3]], adding('$seen'), {}))).transactions).toBe(0);
  expect((await readsOf(() => mailbox.store([[2, 3]], { kind: 'replace', flags: ['$seen'] }, {}))).transactions).toBe(0);
  const before = asId.modSeq((first.changed[0]?.modSeq ?? 0) - 1);
  expect(await mailbox.store(ALL, adding('$seen'), { unchangedSince: before })).toMatchObject({
    changed: [{ uid: 5 }],
    modified: [1, 2, 3, 4],
  });
});

test.each(['copy', 'move'] as const)('a %s of many looks at all of them together', async (kind) => {
  const { at, mailbox, readsOf } = await scene(120);
  await using _ = at;
  const few = await readsOf(() => mailbox[kind]([[1, 20]], 'Other'));
  const many = await readsOf(() => mailbox[kind]([[21, 120]], 'Other'));
  // A message still costs what is looked up for itself: its view, or what upstream has still to be told of it.
  expect((many.statements - few.statements) / 80).toBeLessThanOrEqual(2);
});

test.each(['flags', 'view'] as const)('what changed since then (%s) costs what has changed, wherever it is', async (detail) => {
  const { at, mailbox, readsOf, session } = await scene(300);
  await using _ = at;
  const since = (await session.status('INBOX'))?.highestModSeq;
  const wanted = { detail, ...(since === undefined ? {} : { changedSince: since }) };
  expect(await readsOf(() => fetched(mailbox, wanted))).toMatchObject({ statements: 1, uids: 0 });
  for (const uid of [4, 5, 299]) await mailbox.store([[uid, uid]], adding('$seen'), {});
  expect((await readsOf(() => fetched(mailbox, wanted))).uids).toBeLessThan(10);
  expect((await fetched(mailbox, wanted)).map(({ uid }) => uid)).toEqual([4, 5, 299]);
  expect((await fetched(mailbox, wanted, [[5, 100]])).map(({ uid }) => uid)).toEqual([5]);
});

test('what changed since long ago is looked for in the mailbox alone, and all of it is found', async () => {
  const { at, mailbox } = await scene(2);
  await using _ = at;
  await at.arrive(
    Array.from({ length: 1000 }, () => 'Subject: one\r\n\r\n'),
    { name: 'Other' },
  );
  expect((await fetched(mailbox, { detail: 'flags', changedSince: asId.modSeq(1) })).map(({ uid }) => uid)).toEqual([1, 2]);
});

test('mail with holes between is sorted and threaded by as many statements as mail without', async () => {
  const at = await TestSession.open();
  await using _ = at;
  await at.arrive(Array.from({ length: 60 }, () => 'Subject: one\r\n\r\n'));
  const { deps, readsOf } = countingReads(at.deps);
  await using server = await TestServer.start({ openSession: (who) => openMailboxSession(who, deps) });
  const talk = await server.logIn('INBOX');
  const commands = ['UID SORT (ARRIVAL) UTF-8 ALL', 'UID THREAD REFERENCES UTF-8 ALL', 'UID SEARCH MODSEQ 1'];
  const costs = async (): Promise<number[]> => {
    const all: number[] = [];
    for (const command of commands) all.push((await readsOf(() => talk.command(command))).statements);
    return all;
  };
  const before = await costs();
  await talk.command(`UID STORE ${Array.from({ length: 20 }, (_, nth) => nth * 3 + 2).join(',')} +FLAGS.SILENT (\\Deleted)`);
  await talk.command('EXPUNGE');
  expect(await costs()).toEqual(before);
  expect((await talk.command('UID SORT (ARRIVAL) UTF-8 UID 1:8'))[0]).toBe('* SORT 1 3 4 6 7');
});

test('a search for what is unread reads UIDs alone, and of a header comes the header alone', async () => {
  const { at, mailbox, readsOf } = await scene(3);
  await using _ = at;
  await mailbox.store([[2, 2]], adding('$seen'), {});
  const isUnseen = { kind: 'not', of: { kind: 'flag', flag: '$seen' } } as const;
  const search = (criteria: SearchCriteria) => mailbox.search(criteria, AbortSignal.timeout(10_000));
  for (const criteria of [isUnseen, { kind: 'all', of: [isUnseen] } as const]) {
    expect(await search(criteria)).toEqual({ uids: [1, 3], isComplete: true });
    expect(await readsOf(() => search(criteria))).toMatchObject({ statements: 1, cells: 2 });
  }
  const head = 'Subject: one\r\n\r\n';
  await at.arrive([`${head}${'and a body\r\n'.repeat(100)}`, head]);
  const headers = await fetched(mailbox, { detail: 'flags', content: 'header' }, [[4, 5]]);
  expect(headers.map(({ content }) => content?.bytes?.toString())).toEqual([head, head]);
  expect(headers.map(({ content }) => content?.sizeBytes)).toEqual([head.length + 1200, head.length]);
  const wholes = await fetched(mailbox, { detail: 'flags', content: 'whole' }, [[4, 5]]);
  expect(wholes.map(({ content }) => content?.bytes?.length)).toEqual([head.length + 1200, head.length]);
});
