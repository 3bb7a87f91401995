import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBench, type Bench } from '../test-bench.ts';
import { changeSomething, randomFrom } from './test-changes.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  await bench.mailbox('INBOX', { role: 'inbox' });
});
afterAll(() => bench[Symbol.asyncDispose]());

type Args = Readonly<Record<string, unknown>>;
const inbox = async () => ({ inMailbox: `m${await bench.mailbox('INBOX')}` });
const SEEN = { property: 'hasKeyword', keyword: '$seen', isAscending: false };

const QUERIES: readonly (readonly [string, string, () => Promise<Args>])[] = [
  ['a mailbox', 'Email', async () => ({ filter: await inbox() })],
  ['its conversations', 'Email', async () => ({ filter: await inbox(), collapseThreads: true })],
  ['everything, the oldest first', 'Email', async () => ({ sort: [{ property: 'receivedAt' }] })],
  ['what was not seen', 'Email', async () => ({ filter: { notKeyword: '$seen' }, collapseThreads: true })],
  ['what was seen first', 'Email', async () => ({ sort: [SEEN, { property: 'subject' }] })],
  [
    'threads that nobody saw all of',
    'Email',
    async () => ({
      filter: { operator: 'NOT', conditions: [{ allInThreadHaveKeyword: '$seen' }] },
      sort: [{ property: 'someInThreadHaveKeyword', keyword: '$seen' }, { property: 'size' }],
      collapseThreads: true,
    }),
  ],
  ['a text', 'Email', async () => ({ filter: { operator: 'OR', conditions: [{ text: '1' }, { subject: '7' }] } })],
  ['mailboxes', 'Mailbox', async () => ({ sort: [{ property: 'name' }] })],
  ['mailboxes as a tree', 'Mailbox', async () => ({ filter: { hasAnyRole: false }, sort: [{ property: 'sortOrder' }], sortAsTree: true })],
];

/** RFC 8620 5.6: take out what is removed, then put in what is added, in its order. */
function applied(before: readonly string[], { removed, added }: Args): readonly string[] {
  const list = before.filter((id) => !(removed as readonly string[]).includes(id));
  for (const { id, index } of added as readonly { id: string; index: number }[]) list.splice(index, 0, id);
  return list;
}

describe('who follows a result by what changed in it has the result (RFC 8620 5.6)', () => {
  test.each([3, 11, 29])('seed %i', async (seed) => {
    const random = randomFrom(seed);
    const followed = await Promise.all(
      QUERIES.map(async ([name, type, argsOf]) => {
        const args = await argsOf();
        const { queryState, ids } = await bench.one(`${type}/query`, args);
        return { name, type, args, state: queryState, ids: ids as readonly string[] };
      }),
    );
    for (let round = 0; round < 15; round++) {
      for (let change = 0; change < 4; change++) await changeSomething(bench, random);
      for (const one of followed) {
        const since = { ...one.args, sinceQueryState: one.state, calculateTotal: true };
        // The last one that a client holds leaves out nothing that it may not leave out.
        const upToId = one.ids[1] ?? null;
        const changes = await bench.one(`${one.type}/queryChanges`, { ...since, upToId });
        expect(changes, one.name).toMatchObject({ oldQueryState: one.state });
        const now = await bench.one(`${one.type}/query`, { ...one.args, calculateTotal: true });
        expect(applied(one.ids, changes), one.name).toEqual(now['ids']);
        expect([changes['newQueryState'], changes['total']], one.name).toEqual([now['queryState'], now['total']]);
        const count = (changes['removed'] as unknown[]).length + (changes['added'] as unknown[]).length;
        if (count > 1) {
          expect(await bench.one(`${one.type}/queryChanges`, { ...since, maxChanges: count - 1 })).toMatchObject({
            type: 'tooManyChanges',
          });
          expect(await bench.one(`${one.type}/queryChanges`, { ...since, maxChanges: count })).toMatchObject({ total: now['total'] });
        }
        one.ids = now['ids'] as readonly string[];
        one.state = now['queryState'];
      }
    }
  });
});

test('of another query nothing is known, though its state has the same name', async () => {
  const filter = await inbox();
  const { queryState } = await bench.one('Email/query', { filter });
  await bench.deliver(await bench.mailbox('INBOX'), 'Subject: new\n\nx\n');
  expect(await bench.one('Email/queryChanges', { filter, sinceQueryState: queryState })).toMatchObject({ removed: [] });
  const others = [
    { filter: { ...filter, minSize: 1 } },
    { filter, sort: [{ property: 'size' }] },
    { filter, sort: [SEEN], collapseThreads: true },
  ];
  for (const other of others) {
    expect(await bench.one('Email/queryChanges', { ...other, sinceQueryState: queryState })).toMatchObject({
      type: 'cannotCalculateChanges',
    });
  }
});
