import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asId, type MailboxId } from '@stopgap/core';
import { changeFlags, expungeMessages } from '@stopgap/mailbox';
import { CORE, MAIL } from '@stopgap/jmap';
import { ALICE, ALICE_ID, postOf, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
let inbox: MailboxId;
let other: MailboxId;
const DAY = 24 * 60 * 60_000;
const ids = new Map<string, string>();

beforeAll(async () => {
  bench = await startBench();
  inbox = await bench.mailbox('INBOX');
  other = await bench.mailbox('Other');
  const start = Date.UTC(2026, 0, 1);
  const letters: [string, MailboxId, number, string, readonly string[]][] = [
    ['a', inbox, 1, 'From: Zoe <zoe@x.test>\nTo: a@x.test\nSubject: Re: apples\nMessage-ID: <a@x>\n\ngreen apples\n', ['$seen']],
    [
      'b',
      inbox,
      2,
      'From: Ann <ann@x.test>\nTo: b@x.test\nSubject: bananas\nMessage-ID: <b@x>\nX-Tag: yes\n\nyellow "fruit"\n',
      ['$flagged', 'work'],
    ],
    [
      'c',
      inbox,
      3,
      'From: Ann <ann@x.test>\nTo: c@x.test\nSubject: [fruit] Re: bananas (fwd)\nMessage-ID: <c@x>\nReferences: <b@x>\n\nmore yellow fruit here\n',
      [],
    ],
    [
      'd',
      other,
      4,
      `From: Max <max@x.test>\nTo: d@x.test\nSubject: dates\nMessage-ID: <d@x>\nContent-Type: multipart/mixed; boundary=q\n\n--q\n\nhello\n--q\nContent-Type: application/pdf; name=file.pdf\n\n${'x'.repeat(5000)}\n--q--\n`,
      [],
    ],
    ['e', inbox, 5, 'Subject: marked\nMessage-ID: <e@x>\n\ngone\n', ['$deleted']],
  ];
  for (const [name, mailbox, day, raw, flags] of letters) {
    const { id } = await bench.deliver(mailbox, raw, { flags, atMs: start + day * DAY });
    ids.set(`e${id}`, name);
  }
});
afterAll(() => bench[Symbol.asyncDispose]());

const names = (list: unknown) => (list as string[]).map((id) => ids.get(id) ?? id).join('');
const idOf = (name: string) => [...ids].find(([, one]) => one === name)?.[0] ?? '';
const query = (args: Record<string, unknown>) => bench.one('Email/query', args);
const found = async (filter: Record<string, unknown>) => names((await query({ filter }))['ids']);
const at = (day: number) => new Date(Date.UTC(2026, 0, 1) + day * DAY).toISOString();

describe('Email/query filters', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['nothing', {}, 'dcba'],
    ['inMailbox', { inMailbox: 'IN' }, 'cba'],
    ['a mailbox that is not there', { inMailbox: 'm999' }, ''],
    ['inMailboxOtherThan', { inMailboxOtherThan: ['IN'] }, 'd'],
    ['after and before', { after: at(2), before: at(4) }, 'cb'],
    ['minSize', { minSize: 5000 }, 'd'],
    ['maxSize', { maxSize: 5000 }, 'cba'],
    ['hasKeyword', { hasKeyword: '$flagged' }, 'b'],
    ['hasKeyword of the users own, in any case', { hasKeyword: 'WORK' }, 'b'],
    ['notKeyword', { notKeyword: '$seen' }, 'dcb'],
    ['hasAttachment', { hasAttachment: true }, 'd'],
    ['no attachment', { hasAttachment: false, inMailbox: 'IN' }, 'cba'],
    ['allInThreadHaveKeyword', { allInThreadHaveKeyword: '$flagged' }, ''],
    ['someInThreadHaveKeyword', { someInThreadHaveKeyword: '$flagged' }, 'cb'],
    ['noneInThreadHaveKeyword', { noneInThreadHaveKeyword: '$flagged' }, 'da'],
    ['text, each word', { text: 'fruit yellow' }, 'cb'],
    ['text, a phrase', { text: '"yellow fruit"' }, 'cb'],
    ['text, a phrase that is in one', { text: '"more yellow"' }, 'c'],
    ['from', { from: 'ann' }, 'cb'],
    ['to', { to: 'd@x.test' }, 'd'],
    ['subject', { subject: 'apples' }, 'a'],
    ['body', { body: 'green' }, 'a'],
    ['header', { header: ['X-Tag', 'YES'] }, 'b'],
    ['header that is there', { header: ['References'] }, 'c'],
    ['AND', { operator: 'AND', conditions: [{ from: 'ann' }, { hasKeyword: '$flagged' }] }, 'b'],
    ['OR', { operator: 'OR', conditions: [{ subject: 'apples' }, { subject: 'dates' }] }, 'da'],
    ['NOT', { operator: 'NOT', conditions: [{ subject: 'apples' }, { subject: 'dates' }] }, 'cb'],
    ['expressions as they are', { subject: '.*' }, ''],
  ])('%s', async (_, filter, expected) => {
    expect(await found(JSON.parse(JSON.stringify(filter).replaceAll('"IN"', `"m${inbox}"`)) as never)).toBe(expected);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a property that nobody knows', { hasCat: true }, 'unsupportedFilter'],
    ['an operator that is none', { operator: 'XOR', conditions: [] }, 'invalidArguments'],
    ['a date that is none', { before: 'yesterday' }, 'invalidArguments'],
    ['a keyword that is none', { hasKeyword: 'a b' }, 'invalidArguments'],
    ['too much', { operator: 'AND', conditions: Array.from({ length: 300 }, () => ({ text: 'x' })) }, 'unsupportedFilter'],
    [
      'too deep',
      Array.from({ length: 30 }).reduce<Record<string, unknown>>((inner) => ({ operator: 'NOT', conditions: [inner] }), {}),
      'unsupportedFilter',
    ],
  ])('not %s', async (_, filter, type) => {
    expect(await query({ filter })).toMatchObject({ type });
  });
});

describe('Email/query sorts, pages and threads', () => {
  test.each<[string, Record<string, unknown>[], string]>([
    ['the oldest first', [{ property: 'receivedAt' }], 'abcd'],
    ['by size', [{ property: 'size', isAscending: false }], 'd'],
    ['by sender, then the newest', [{ property: 'from' }, { property: 'receivedAt', isAscending: false }], 'cbda'],
    ['by recipient', [{ property: 'to', isAscending: false }], 'dcba'],
    ['by base subject', [{ property: 'subject' }, { property: 'receivedAt' }], 'abcd'],
    ['by keyword', [{ property: 'hasKeyword', keyword: '$flagged', isAscending: false }], 'bdca'],
    ['by the threads keyword', [{ property: 'someInThreadHaveKeyword', keyword: '$flagged', isAscending: false }], 'cbda'],
  ])('%s', async (_, sort, expected) => {
    expect(names((await query({ sort }))['ids'])).toMatch(new RegExp(`^${expected}`));
  });

  test.each([
    ['unsupportedSort', [{ property: 'colour' }]],
    ['unsupportedSort', [{ property: 'size', collation: 'i;octet' }]],
    ['invalidArguments', [{ property: 'hasKeyword' }]],
    ['invalidArguments', [{ property: 'someInThreadHaveKeyword', keyword: 'a b' }]],
  ])('%s: %j', async (type, sort) => {
    expect(await query({ sort })).toMatchObject({ type });
  });

  test('a window by position, from the end, by an anchor; the total when it is asked for', async () => {
    expect(await query({ position: 1, limit: 2 })).toMatchObject({ ids: [idOf('c'), idOf('b')], position: 1 });
    expect(await query({ position: -1, calculateTotal: true })).toMatchObject({ ids: [idOf('a')], position: 3, total: 4 });
    expect(await query({ anchor: idOf('b'), anchorOffset: -1, limit: 2 })).toMatchObject({ ids: [idOf('c'), idOf('b')], position: 1 });
    expect(await query({ anchor: idOf('d'), anchorOffset: -5, limit: 1 })).toMatchObject({ ids: [idOf('d')], position: 0 });
    expect(await query({ anchor: 'e999' })).toMatchObject({ type: 'anchorNotFound' });
    expect(await query({ position: 100 })).toMatchObject({ ids: [] });
    expect((await query({ limit: 0 }))['ids']).toEqual([]);
  });

  test('a thread shows once, by the first of it', async () => {
    expect(await query({ collapseThreads: true, calculateTotal: true })).toMatchObject({
      ids: [idOf('d'), idOf('c'), idOf('a')],
      total: 3,
    });
    expect(names((await query({ collapseThreads: true, sort: [{ property: 'receivedAt' }] }))['ids'])).toBe('abd');
    const thread = await bench.one('Email/get', { ids: [idOf('c')], properties: ['threadId'] });
    const { threadId } = (thread['list'] as { threadId: string }[])[0] ?? { threadId: '' };
    expect(await bench.one('Thread/get', { ids: [threadId] })).toMatchObject({
      list: [{ id: threadId, emailIds: [idOf('b'), idOf('c')] }],
    });
  });
});

describe('what changed in a result', () => {
  test('is what takes the old one to the new one, by queryChanges', async () => {
    const args = {
      filter: { inMailbox: `m${inbox}` },
      sort: [
        { property: 'hasKeyword', keyword: '$flagged', isAscending: false },
        { property: 'receivedAt', isAscending: false },
      ],
    };
    const before = await query(args);
    let list = (before['ids'] as string[]).slice();
    const { id } = await bench.deliver(inbox, 'Subject: new\nMessage-ID: <n@x>\n\nx\n', { atMs: Date.UTC(2026, 0, 9) });
    await bench.mailboxes.write(ALICE, (mail) => {
      changeFlags(mail, [asId.message(Number(idOf('a').slice(1)))], { add: ['$flagged'], remove: [] }, 'upstream');
      expungeMessages(mail, [asId.message(Number(idOf('c').slice(1)))], 'upstream');
    });
    const changes = await bench.one('Email/queryChanges', { ...args, sinceQueryState: before['queryState'], calculateTotal: true });
    expect(changes).toMatchObject({ oldQueryState: before['queryState'], total: 3 });
    // RFC 8620 5.6: take out what is removed, then put in what is added, in that order.
    list = list.filter((one) => !(changes['removed'] as string[]).includes(one));
    for (const { id: added, index } of changes['added'] as { id: string; index: number }[]) list.splice(index, 0, added);
    expect(list).toEqual((await query(args))['ids']);
    expect(list).toContain(`e${id}`);
    expect(await bench.one('Email/queryChanges', { ...args, sinceQueryState: before['queryState'], maxChanges: 1 })).toMatchObject({
      type: 'tooManyChanges',
    });
    expect(await bench.one('Email/queryChanges', { ...args, sinceQueryState: '0' })).toMatchObject({ type: 'cannotCalculateChanges' });
  });

  test('a mark as deleted is a deletion, by changes', async () => {
    const { state } = await bench.one('Email/get', { ids: [] });
    const b = idOf('b');
    await bench.mailboxes.write(ALICE, (mail) =>
      changeFlags(mail, [asId.message(Number(b.slice(1)))], { add: ['$deleted'], remove: [] }, 'upstream'),
    );
    expect(await bench.one('Email/changes', { sinceState: state })).toMatchObject({ created: [], updated: [], destroyed: [b] });
    expect(await bench.one('Email/get', { ids: [b] })).toMatchObject({ notFound: [b] });
    expect(await bench.one('Email/changes', { sinceState: '1', maxChanges: 1 })).toMatchObject({ hasMoreChanges: true });
  });
});

describe('a search that did not see all is no answer for the next one', () => {
  type Search = typeof bench.mailboxes.search;
  const withSearch = async <T>(make: (search: Search) => Search, job: () => Promise<T>): Promise<T> => {
    const search = bench.mailboxes.search.bind(bench.mailboxes);
    bench.mailboxes.search = make(search);
    try {
      return await job();
    } finally {
      bench.mailboxes.search = search;
    }
  };

  test('where the index is still being made', async () => {
    const behind = await withSearch(
      () => async () => ({ ids: [], isComplete: false, isBehind: true }),
      () => query({ filter: { text: 'hello' } }),
    );
    expect(behind['ids']).toEqual([]);
    expect(await found({ text: 'hello' })).toBe('d');
    const since = { filter: { text: 'hello' }, sinceQueryState: behind['queryState'] };
    expect(await bench.one('Email/queryChanges', since)).toMatchObject({ removed: [], added: [{ id: idOf('d'), index: 0 }] });
  });

  test('where the client went away', async () => {
    const gone = new AbortController();
    const given = withSearch(
      () => async () => {
        gone.abort();
        return { ids: [], cursor: 'there is more', isComplete: true };
      },
      async () => {
        const methodCalls = [['Email/query', { accountId: ALICE_ID, filter: { text: 'file' } }, 'c']];
        const request = postOf({ using: [CORE, MAIL], methodCalls });
        return await bench.ask('/jmap/api', { ...request, signal: gone.signal });
      },
    );
    await given.catch(() => undefined);
    expect(gone.signal.aborted).toBe(true);
    expect(await found({ text: 'file' })).toBe('d');
  });

  test('nor for who asked at the same time and saw less', async () => {
    const filter = { text: 'pears' };
    const both = Promise.withResolvers<void>();
    const delivered = Promise.withResolvers<void>();
    let count = 0;
    const id = await withSearch(
      (search) =>
        async (...asked) => {
          count += 1;
          if (count === 2) both.resolve();
          await (count === 1 ? both : delivered).promise;
          return await search(...asked);
        },
      async () => {
        const [early, late] = [query({ filter }), query({ filter })];
        const { queryState, ids: seen } = await early;
        expect(seen).toEqual([]);
        const { id: arrived } = await bench.deliver(other, 'Subject: pears\nMessage-ID: <p@x>\n\nx\n');
        delivered.resolve();
        expect((await late)['ids']).toEqual([`e${arrived}`]);
        expect(await bench.one('Email/queryChanges', { filter, sinceQueryState: queryState })).toMatchObject({
          added: [{ id: `e${arrived}` }],
        });
        return arrived;
      },
    );
    await bench.mailboxes.write(ALICE, (mail) => expungeMessages(mail, [id], 'upstream'));
  });
});

test('snippets mark what was looked for and nothing else, as HTML', async () => {
  const { id } = await bench.deliver(
    inbox,
    'Subject: <b>needle</b> & "more"\nMessage-ID: <s@x>\n\nThere is a <script>needle</script> in the haystack\n',
  );
  const answer = await bench.one('SearchSnippet/get', { filter: { text: 'needle' }, emailIds: [`e${id}`, 'e999'] });
  expect(answer).toMatchObject({
    notFound: ['e999'],
    list: [
      {
        subject: '&lt;b&gt;<mark>needle</mark>&lt;/b&gt; &amp; &quot;more&quot;',
        preview: 'There is a &lt;script&gt;<mark>needle</mark>&lt;/script&gt; in the haystack',
      },
    ],
  });
});
