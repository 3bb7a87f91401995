/* RFC 8621 2, by its own rules. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE_ID, BOB, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
/** By their names here. */
const ids = new Map<string, string>();
beforeAll(async () => {
  bench = await startBench();
  const made: [string, Parameters<Bench['mailbox']>[1]?][] = [
    ['INBOX', { role: 'inbox' }],
    ['Sent', { role: 'sent' }],
    ['Trash', { role: 'trash' }],
    ['Work'],
    ['Work/Éclair'],
    ['Work/Apple'],
    ['Work/Apple/Pie'],
    ['banana'],
  ];
  for (const [name, options] of made) ids.set(name, `m${await bench.mailbox(name, options)}`);
  const inbox = await bench.mailbox('INBOX');
  await bench.deliver(inbox, 'From: a@x.test\nSubject: one\nMessage-ID: <1@x>\n\nx\n');
  await bench.deliver(inbox, 'From: a@x.test\nSubject: Re: one\nReferences: <1@x>\n\nx\n', { flags: ['$seen'] });
  await bench.deliver(await bench.mailbox('Work'), 'From: a@x.test\n\nx\n');
});
afterAll(() => bench[Symbol.asyncDispose]());

const id = (name: string): string => ids.get(name) ?? '';
const names = (list: unknown): string[] => (list as string[]).map((one) => [...ids].find(([, wire]) => wire === one)?.[0] ?? one);
const get = async (mailbox: string) =>
  ((await bench.one('Mailbox/get', { ids: [mailbox] })) as unknown as { list: Record<string, unknown>[] }).list[0];
const set = (args: Record<string, unknown>) => bench.one('Mailbox/set', args);
const madeId = (answer: Record<string, unknown>, creation = 'c') =>
  (answer['created'] as Record<string, { id: string }>)[creation]?.id ?? '';

test('Mailbox/get: all properties, and only those that are asked for, and the id always', async () => {
  expect(await get(id('INBOX'))).toEqual({
    id: id('INBOX'),
    name: 'Inbox',
    parentId: null,
    role: 'inbox',
    sortOrder: 1,
    totalEmails: 2,
    unreadEmails: 1,
    totalThreads: 1,
    unreadThreads: 1,
    myRights: {
      mayReadItems: true,
      mayAddItems: true,
      mayRemoveItems: true,
      maySetSeen: true,
      maySetKeywords: true,
      mayCreateChild: true,
      mayRename: false,
      mayDelete: false,
      maySubmit: true,
    },
    isSubscribed: true,
  });
  const asked = { ids: [id('Work/Apple/Pie'), 'm999', id('Work/Apple/Pie')], properties: ['parentId'] };
  expect(await bench.one('Mailbox/get', asked)).toMatchObject({
    accountId: ALICE_ID,
    state: expect.any(String),
    list: [{ id: id('Work/Apple/Pie'), parentId: id('Work/Apple') }],
    notFound: ['m999'],
  });
});

describe('Mailbox/query', () => {
  test.each<[string, Record<string, unknown>, readonly string[]]>([
    ['parentId', { filter: { parentId: id('Work') } }, []],
    ['parentId null: those at the top', { filter: { parentId: null } }, ['INBOX', 'Sent', 'Trash', 'Work', 'banana']],
    ['name: a part of it, in any case', { filter: { name: 'APP' } }, ['Work/Apple']],
    ['role', { filter: { role: 'sent' } }, ['Sent']],
    ['role null: those without one', { filter: { role: null, parentId: null } }, ['Work', 'banana']],
    ['hasAnyRole', { filter: { hasAnyRole: true } }, ['INBOX', 'Sent', 'Trash']],
    ['isSubscribed', { filter: { isSubscribed: false } }, []],
    ['AND', { filter: { operator: 'AND', conditions: [{ hasAnyRole: true }, { name: 'r' }] } }, ['Trash']],
    ['OR', { filter: { operator: 'OR', conditions: [{ role: 'sent' }, { name: 'pie' }] } }, ['Sent', 'Work/Apple/Pie']],
    ['NOT', { filter: { operator: 'NOT', conditions: [{ hasAnyRole: true }, { name: 'a' }] } }, ['Work', 'Work/Apple/Pie']],
    [
      'sort by name, as people sort',
      { filter: { role: null }, sort: [{ property: 'name' }] },
      ['Work/Apple', 'banana', 'Work/Éclair', 'Work/Apple/Pie', 'Work'],
    ],
    [
      'sort by sortOrder, then by name from the end',
      { filter: { parentId: null }, sort: [{ property: 'sortOrder' }, { property: 'name', isAscending: false }] },
      ['INBOX', 'Sent', 'Trash', 'Work', 'banana'],
    ],
    [
      'sortAsTree: what lies in one follows it',
      { sort: [{ property: 'name' }], sortAsTree: true, filter: { role: null } },
      ['banana', 'Work', 'Work/Apple', 'Work/Apple/Pie', 'Work/Éclair'],
    ],
    ['filterAsTree: only where all above it match', { filter: { name: 'p' }, filterAsTree: true }, []],
  ])('%s', async (name, args, expected) => {
    // The ids are known only now.
    const filter = name === 'parentId' ? { parentId: id('Work') } : args['filter'];
    const answer = await bench.one('Mailbox/query', { ...args, ...(filter === undefined ? {} : { filter }) });
    const wanted = name === 'parentId' ? ['Work/Éclair', 'Work/Apple'] : expected;
    expect(names(answer['ids'])).toEqual(
      args['sort'] === undefined ? [...wanted].toSorted((a, b) => [...ids.keys()].indexOf(a) - [...ids.keys()].indexOf(b)) : wanted,
    );
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a sort that nobody knows', { sort: [{ property: 'colour' }] }, 'unsupportedSort'],
    ['a filter that nobody knows', { filter: { colour: 'red' } }, 'unsupportedFilter'],
    ['a filter with a value of another type', { filter: { name: 1 } }, 'invalidArguments'],
    ['an operator that is none', { filter: { operator: 'XOR', conditions: [] } }, 'invalidArguments'],
    ['an anchor that is not there', { anchor: 'm999' }, 'anchorNotFound'],
  ])('%s is refused', async (_, args, type) => {
    expect(await bench.one('Mailbox/query', args)).toMatchObject({ type });
  });
});

describe('Mailbox/set', () => {
  test('creates, one in another of the same set whatever their order, and tells what we said', async () => {
    const answer = await set({ create: { inner: { name: 'Inner', parentId: '#outer' }, outer: { name: 'Outer', parentId: null } } });
    expect(answer).toMatchObject({
      accountId: ALICE_ID,
      notCreated: null,
      created: { inner: { sortOrder: 10, totalEmails: 0, unreadEmails: 0, totalThreads: 0, unreadThreads: 0, isSubscribed: true } },
    });
    expect(answer['oldState']).not.toBe(answer['newState']);
    expect(await get(madeId(answer, 'inner'))).toMatchObject({ name: 'Inner', parentId: madeId(answer, 'outer') });
    expect(await set({ destroy: [madeId(answer, 'outer')] })).toMatchObject({
      notDestroyed: { [madeId(answer, 'outer')]: { type: 'mailboxHasChild' } },
    });
    expect(await set({ destroy: [madeId(answer, 'inner'), madeId(answer, 'outer')] })).toMatchObject({ notDestroyed: null });
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['no name', {}, { type: 'invalidProperties', properties: ['name'] }],
    ['an empty name', { name: '' }, { type: 'invalidProperties', properties: ['name'] }],
    ['a name of more than 255 octets', { name: 'é'.repeat(200) }, { type: 'invalidProperties', properties: ['name'] }],
    ['a name with a control character', { name: 'a\nb' }, { type: 'invalidProperties', properties: ['name'] }],
    ['the name of its sibling', { name: 'Work' }, { type: 'invalidProperties', properties: ['name'] }],
    ['a parent that is not there', { name: 'x', parentId: 'm999' }, { type: 'invalidProperties', properties: ['parentId'] }],
    ['a parent that is itself', { name: 'x', parentId: '#c' }, { type: 'invalidProperties', properties: ['parentId'] }],
    ['a role that is none', { name: 'x', role: 'king' }, { type: 'invalidProperties', properties: ['role'] }],
    ['the role of the inbox', { name: 'x', role: 'inbox' }, { type: 'invalidProperties', properties: ['role'] }],
    ['an id', { name: 'x', id: 'm5' }, { type: 'invalidProperties', properties: ['id'] }],
    ['a count', { name: 'x', totalEmails: 5 }, { type: 'invalidProperties', properties: ['totalEmails'] }],
  ])('creates none with %s', async (_, object, problem) => {
    expect(await set({ create: { c: object } })).toMatchObject({ created: null, notCreated: { c: problem } });
    expect(await get(id('INBOX'))).toMatchObject({ role: 'inbox' });
  });

  test('updates name, place, subscription and role; one role is one mailbox’s', async () => {
    const one = madeId(await set({ create: { c: { name: 'One', role: 'archive' } } }));
    const other = madeId(await set({ create: { c: { name: 'Other' } } }));
    const patch = { name: 'Two', parentId: id('Work'), isSubscribed: false };
    expect(await set({ update: { [one]: patch, [other]: { role: 'archive' } } })).toMatchObject({
      updated: { [one]: { role: null, sortOrder: 10 }, [other]: { sortOrder: 4 } },
      notUpdated: null,
    });
    expect(await get(one)).toMatchObject({ ...patch, role: null });
    expect(await get(other)).toMatchObject({ role: 'archive' });
    expect(await set({ destroy: [one, other] })).toMatchObject({ destroyed: [one, other] });
  });

  test('makes a mailbox as it is asked to, though its name was subscribed to before', async () => {
    const first = madeId(await set({ create: { c: { name: 'Again' } } }));
    await set({ destroy: [first] });
    const second = madeId(await set({ create: { c: { name: 'Again', isSubscribed: false } } }));
    expect(await get(second)).toMatchObject({ isSubscribed: false });
    await set({ destroy: [second] });
  });

  test('the order is the person’s to choose, is told as a change and kept; until then it is that of the role (RFC 8621 2)', async () => {
    const made = await set({ create: { c: { name: 'Chosen', role: 'archive' }, d: { name: 'Second', sortOrder: 3 } } });
    const [chosen, second] = [madeId(made), madeId(made, 'd')];
    // What the client said itself is not told again (RFC 8620 5.3).
    expect(made['created']).toMatchObject({ c: { sortOrder: 4 }, d: expect.not.objectContaining({ sortOrder: expect.anything() }) });
    expect(await get(second)).toMatchObject({ sortOrder: 3 });
    const before = (await bench.one('Mailbox/get', { ids: [] }))['state'];
    expect(await set({ update: { [chosen]: { sortOrder: 2_147_483_647 } } })).toMatchObject({
      oldState: before,
      updated: { [chosen]: null },
    });
    expect(await bench.one('Mailbox/changes', { sinceState: before })).toMatchObject({ updated: [chosen], updatedProperties: null });
    await set({ update: { [chosen]: { name: 'Renamed', role: null, parentId: id('Work') }, [second]: { sortOrder: 0 } } });
    await bench.deliver(await bench.mailbox('Second'), 'From: a@x.test\n\nx\n');
    expect(await get(chosen)).toMatchObject({ sortOrder: 2_147_483_647 });
    expect(await get(second)).toMatchObject({ sortOrder: 0 });
    const { ids: sorted } = await bench.one('Mailbox/query', { sort: [{ property: 'sortOrder' }] });
    expect([(sorted as string[])[0], (sorted as string[]).at(-1)]).toEqual([second, chosen]);
    // The same order again is no change.
    const state = (await bench.one('Mailbox/get', { ids: [] }))['state'];
    expect(await set({ update: { [second]: { sortOrder: 0 } } })).toMatchObject({ oldState: state, newState: state });
    await set({ destroy: [chosen, second], onDestroyRemoveEmails: true });
  });

  test.each([-1, 1.5, 2 ** 31, '1'])('an order is no %j', async (sortOrder) => {
    const problem = { type: 'invalidProperties', properties: ['sortOrder'] };
    expect(await set({ create: { c: { name: 'x', sortOrder } }, update: { [id('Work')]: { sortOrder } } })).toMatchObject({
      notCreated: { c: problem },
      notUpdated: { [id('Work')]: problem },
    });
  });

  test('what is taken away has its default again (RFC 8620 5.3)', async () => {
    await set({ update: { [id('Work')]: { sortOrder: 5, role: 'archive' } } });
    expect(await get(id('Work'))).toMatchObject({ sortOrder: 5, role: 'archive' });
    expect(await set({ update: { [id('Work')]: { sortOrder: null, role: null, parentId: null } } })).toMatchObject({ notUpdated: null });
    expect(await get(id('Work'))).toMatchObject({ sortOrder: 10, role: null, parentId: null });
  });

  test('a creation tells all that its client left out or that became different, and nothing that it said (RFC 8620 5.3)', async () => {
    const told = async (object: Record<string, unknown>) =>
      ((await set({ create: { c: object } }))['created'] as Record<string, Record<string, unknown>>)['c'] ?? {};
    const least = await told({ name: 'Least' });
    expect({ ...least, name: 'Least' }).toEqual(await get(String(least['id'])));
    const most = await told({ name: 'Most', parentId: null, role: null, sortOrder: 1, isSubscribed: false });
    expect(Object.keys(most).toSorted()).toEqual(['id', 'myRights', 'totalEmails', 'totalThreads', 'unreadEmails', 'unreadThreads']);
    // In NFC, as RFC 5198 2 has it.
    const decomposed = await told({ name: 'Cafe\u0301' });
    expect(decomposed).toMatchObject({ name: 'Café' });
    expect(await set({ update: { [String(least['id'])]: { name: 'E\u0301t\u00e9' } } })).toMatchObject({
      updated: { [String(least['id'])]: { name: 'Été' } },
    });
    await set({ destroy: [least, most, decomposed].map((one) => one['id']) });
  });

  test('an update tells what became different beside what it asked for, and nothing that it said (RFC 8620 5.3)', async () => {
    const listed = madeId(await set({ create: { c: { name: 'Listed' } } }));
    await set({ destroy: [listed] });
    const mailbox = madeId(await set({ create: { c: { name: 'Unlisted', isSubscribed: false } } }));
    await bench.deliver(await bench.mailbox('Unlisted'), 'From: a@x.test\n\nx\n', { flags: ['$draft'] });
    const told = async (patch: Record<string, unknown>) =>
      ((await set({ update: { [mailbox]: patch } }))['updated'] as Record<string, unknown>)[mailbox];
    expect(await told({ name: 'Listed', role: 'drafts' })).toEqual({ isSubscribed: true, sortOrder: 2, unreadEmails: 0 });
    expect(await told({ role: null, sortOrder: 7 })).toEqual({ unreadEmails: 1 });
    expect(await told({ sortOrder: null })).toEqual({ sortOrder: 10 });
    expect(await told({ isSubscribed: false, sortOrder: 7 })).toBeNull();
    await set({ destroy: [mailbox], onDestroyRemoveEmails: true });
  });

  test('a mailbox whose role another one gets is told as updated, as it is in the end (RFC 8620 5.3)', async () => {
    const made = await set({ create: { c: { name: 'First', role: 'drafts' } } });
    const first = madeId(made);
    await bench.deliver(await bench.mailbox('First'), 'From: a@x.test\n\nx\n', { flags: ['$draft'] });
    const creation = await set({ create: { c: { name: 'Second', role: 'drafts' } } });
    const second = madeId(creation);
    expect(creation).toMatchObject({ updated: { [first]: { role: null, sortOrder: 10, unreadEmails: 1 } } });
    // One that is asked to change, too: before or after it, and to another role.
    expect(await set({ update: { [first]: { role: 'drafts' }, [second]: { name: 'Renamed' } } })).toMatchObject({
      updated: { [first]: { sortOrder: 2 }, [second]: { role: null, sortOrder: 10 } },
    });
    expect(await set({ update: { [second]: { role: 'drafts' }, [first]: { role: 'archive' } } })).toMatchObject({
      updated: { [second]: { sortOrder: 2 }, [first]: { role: 'archive', sortOrder: 4 } },
    });
    // One that goes in the same set is told as destroyed alone.
    const ended = await set({ update: { [first]: { role: 'drafts' } }, destroy: [second] });
    expect([ended['updated'], ended['destroyed']]).toEqual([{ [first]: { sortOrder: 2, unreadEmails: 0 } }, [second]]);
    expect((await set({ update: { [first]: { role: null } } }))['updated']).toEqual({ [first]: { sortOrder: 10, unreadEmails: 1 } });
    await set({ destroy: [first], onDestroyRemoveEmails: true });
  });

  test.each(['name/0', 'parentId/x', 'role/a/b'])('no patch leads to %s', async (path) => {
    expect(await set({ update: { [id('Work')]: { [path]: 'x' } } })).toMatchObject({
      notUpdated: { [id('Work')]: { type: 'invalidPatch' } },
    });
  });

  test('what is refused in one thing is not done in another', async () => {
    expect(await set({ update: { [id('Work')]: { name: 'Half', sortOrder: 7, isSubscribed: false, role: 'inbox' } } })).toMatchObject({
      notUpdated: { [id('Work')]: { type: 'invalidProperties', properties: ['role'] } },
    });
    expect(await get(id('Work'))).toMatchObject({ name: 'Work', sortOrder: 10, isSubscribed: true });
  });

  test('takes a whole object back as it was told, and nothing that is not so', async () => {
    const inbox = await get(id('INBOX'));
    expect(await set({ update: { [id('INBOX')]: inbox } })).toMatchObject({ updated: { [id('INBOX')]: null } });
    const count = { ...inbox, totalEmails: 99 };
    expect(await set({ update: { [id('INBOX')]: count } })).toMatchObject({
      notUpdated: { [id('INBOX')]: { type: 'invalidProperties', properties: ['totalEmails'] } },
    });
  });

  test.each<[string, string, Record<string, unknown>, Record<string, unknown>]>([
    ['into itself', 'Work', { parentId: 'Work/Apple' }, { type: 'invalidProperties', properties: ['parentId'] }],
    ['to a name that is taken', 'Work/Apple', { name: 'Éclair' }, { type: 'invalidProperties', properties: ['name'] }],
    ['the inbox to another name', 'INBOX', { name: 'Outbox' }, { type: 'forbidden' }],
    ['the inbox to another role', 'INBOX', { role: 'trash' }, { type: 'invalidProperties', properties: ['role'] }],
    ['a subscription to what is none', 'Work', { isSubscribed: 'yes' }, { type: 'invalidProperties', properties: ['isSubscribed'] }],
    ['what is not there', 'nobody', { name: 'x' }, { type: 'notFound' }],
  ])('does not change %s', async (_, name, patch, problem) => {
    const real = ids.get(name) ?? 'm999';
    const given = 'parentId' in patch ? { parentId: id(String(patch['parentId'])) } : patch;
    expect(await set({ update: { [real]: given } })).toMatchObject({ updated: null, notUpdated: { [real]: problem } });
  });

  test('destroys what is empty for JMAP: what is marked as deleted in it is in its count and not there', async () => {
    const box = await bench.mailbox('Marked');
    await bench.deliver(box, 'From: a@x.test\n\nx\n', { flags: ['$deleted'] });
    expect(await bench.one('Mailbox/get', { ids: [`m${box}`], properties: ['totalEmails'] })).toMatchObject({ list: [{ totalEmails: 0 }] });
    expect(await set({ destroy: [`m${box}`] })).toMatchObject({ destroyed: [`m${box}`] });
  });

  test('destroys what is empty; what is not, with its mail, only when it is asked to', async () => {
    const box = await bench.mailbox('Full');
    const { id: message } = await bench.deliver(box, 'From: a@x.test\n\nx\n');
    expect(await set({ destroy: [`m${box}`] })).toMatchObject({
      destroyed: null,
      notDestroyed: { [`m${box}`]: { type: 'mailboxHasEmail' } },
    });
    expect(await set({ destroy: [`m${box}`], onDestroyRemoveEmails: true })).toMatchObject({ destroyed: [`m${box}`] });
    expect(await bench.one('Email/get', { ids: [`e${message}`] })).toMatchObject({ notFound: [`e${message}`] });
    expect(await set({ destroy: [id('INBOX')], onDestroyRemoveEmails: true })).toMatchObject({
      notDestroyed: { [id('INBOX')]: { type: 'forbidden' } },
    });
  });

  test('a mailbox and what lies in it go in one set, whichever stands first', async () => {
    const [outer, middle, inner] = [
      await bench.mailbox('Outer'),
      await bench.mailbox('Outer/Middle'),
      await bench.mailbox('Outer/Middle/Inner'),
    ];
    const answer = await set({ destroy: [`m${outer}`, `m${inner}`, `m${middle}`] });
    expect(answer).toMatchObject({ notDestroyed: null });
    expect(new Set(answer['destroyed'] as string[])).toEqual(new Set([`m${outer}`, `m${middle}`, `m${inner}`]));
  });

  test('does nothing in another state, and nothing to another account’s', async () => {
    expect(await set({ ifInState: '0', create: { c: { name: 'Never' } } })).toMatchObject({ type: 'stateMismatch' });
    const theirs = `m${await bench.mailbox('Secret', { account: BOB })}`;
    expect(await set({ update: { [theirs]: { name: 'x' } }, destroy: [theirs] })).toMatchObject({
      notUpdated: { [theirs]: { type: 'notFound' } },
      notDestroyed: { [theirs]: { type: 'notFound' } },
    });
    expect(await set({ create: { c: { name: 'x', parentId: theirs } } })).toMatchObject({
      notCreated: { c: { properties: ['parentId'] } },
    });
    expect(await bench.one('Mailbox/get', { ids: [theirs] })).toMatchObject({ list: [], notFound: [theirs] });
  });
});
