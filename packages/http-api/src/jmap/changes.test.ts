import { changeFlags, createMailbox, expungeMessages, renameMailbox, restoreMessage } from '@stopgap/mailbox';
import { asId, type MessageId } from '@stopgap/core';
import { findMessage } from '@stopgap/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE, startBench, type Bench } from '../test-bench.ts';
import { changeSomething, randomFrom } from './test-changes.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  await bench.mailbox('INBOX', { role: 'inbox' });
});
afterAll(() => bench[Symbol.asyncDispose]());

type Answer = Record<string, unknown>;
interface Change extends Answer {
  readonly newState: string;
  readonly hasMoreChanges: boolean;
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly destroyed: readonly string[];
}
type Type = 'Email' | 'Mailbox' | 'Thread';
const TYPES = ['Email', 'Mailbox', 'Thread'] as const;
const PROPERTIES: Readonly<Record<Type, readonly string[]>> = {
  Email: ['mailboxIds', 'keywords', 'threadId'],
  Mailbox: ['name', 'parentId', 'totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'],
  Thread: ['emailIds'],
};

async function objectsOf(type: Type, ids: readonly string[] | null): Promise<ReadonlyMap<string, Answer>> {
  const answer = await bench.one(`${type}/get`, { ids, properties: PROPERTIES[type] });
  return new Map((answer['list'] as (Answer & { id: string })[]).map((one) => [one.id, one]));
}

function isThereAgain(id: string): boolean {
  return (
    id.startsWith('e') && bench.store.read((reader) => findMessage(reader, asId.message(Number(id.slice(1)))))?.shownModSeq !== undefined
  );
}

/** All of a type, without asking for changes. */
async function truthOf(type: Type): Promise<ReadonlyMap<string, Answer>> {
  if (type === 'Mailbox') return await objectsOf(type, null);
  const { ids } = (await bench.one('Email/query')) as { ids: string[] };
  const emails = await objectsOf('Email', ids);
  if (type === 'Email') return emails;
  return await objectsOf('Thread', [...new Set([...emails.values()].map((email) => String(email['threadId'])))]);
}

/** What a client holds that knows a type by its changes alone. */
class Follower {
  readonly #type: Type;
  readonly #most: number;
  readonly #known = new Map<string, Answer>();
  #state = '1';

  constructor(type: Type, most: number) {
    this.#type = type;
    this.#most = most;
  }

  /** One page. False: there is no more. */
  async follow(): Promise<boolean> {
    const changes = (await bench.one(`${this.#type}/changes`, { sinceState: this.#state, maxChanges: this.#most })) as Change;
    const { created, updated, destroyed } = changes;
    const told = [...created, ...updated, ...destroyed];
    expect(told.length).toBeLessThanOrEqual(this.#most);
    expect(new Set(told).size, 'told once in an answer').toBe(told.length);
    expect(changes['oldState']).toBe(this.#state);
    expect(
      // See thread/changes.ts and email/changes.ts: of a thread it can not always be said, nor of what is there again.
      this.#type === 'Thread' ? [] : created.filter((id) => this.#known.has(id) && !isThereAgain(id)),
      'new ones were not known',
    ).toEqual([]);
    expect(
      updated.filter((id) => !this.#known.has(id)),
      'changed ones were known',
    ).toEqual([]);
    if (changes.hasMoreChanges) expect(told.length, 'an answer that is cut is full').toBe(this.#most);
    for (const id of destroyed) this.#known.delete(id);
    const objects = await objectsOf(this.#type, [...created, ...updated]);
    // What is not there any more will be told as destroyed.
    for (const id of [...created, ...updated]) this.#known.set(id, objects.get(id) ?? {});
    this.#state = changes.newState;
    return changes.hasMoreChanges;
  }

  async expectTruth(): Promise<void> {
    while (await this.follow());
    expect(new Map(this.#known), this.#type).toEqual(await truthOf(this.#type));
    const { state } = (await bench.one(`${this.#type}/get`, { ids: [] })) as { state: string };
    expect(this.#state).toBe(state);
  }
}

describe('who follows the changes in pages knows what is there (RFC 8620 5.2)', () => {
  test.each([
    [1, 1],
    [2, 2],
    [9, 5],
    [16, 40],
    [23, 1],
    [24, 2],
    [34, 5],
    [35, 1],
  ])('seed %i, %i at a time', async (seed, most) => {
    const random = randomFrom(seed);
    const followers = TYPES.map((type) => new Follower(type, most));
    for (let round = 0; round < 12; round++) {
      for (let change = 0; change < 6; change++) await changeSomething(bench, random);
      // In the middle of it, too.
      for (const follower of followers) await follower.follow();
      if (round % 3 === 2) for (const follower of followers) await follower.expectTruth();
    }
    for (const follower of followers) await follower.expectTruth();
  });
});

test.each(['unmarked', 'restored'] as const)(
  'a message that was marked as deleted at the last look, and is %s since, is new for a client',
  async (how) => {
    const inbox = await bench.mailbox('INBOX');
    const { id, thread } = await bench.deliver(inbox, `From: x@y.test\nMessage-ID: <${how}@x.test>\nSubject: ${how}\n\nx\n`);
    const write = (job: Parameters<typeof bench.mailboxes.write>[1]) => bench.mailboxes.write(ALICE, job);
    await write((mail) => changeFlags(mail, [id], { add: ['$deleted'], remove: [] }, 'upstream'));
    const { state } = (await bench.one('Email/get', { ids: [] })) as { state: string };
    if (how === 'unmarked') await write((mail) => changeFlags(mail, [id], { add: [], remove: ['$deleted'] }, 'upstream'));
    else {
      await write((mail) => expungeMessages(mail, [id], 'upstream'));
      await write((mail) => restoreMessage(mail, id, { by: 'here' }));
    }
    await write((mail) => changeFlags(mail, [id], { add: ['$seen'], remove: [] }, 'upstream'));
    expect(await bench.one('Email/changes', { sinceState: state })).toMatchObject({ created: [`e${id}`], updated: [], destroyed: [] });
    expect(await bench.one('Thread/changes', { sinceState: state })).toMatchObject({ created: [`t${thread}`], updated: [], destroyed: [] });
  },
);

test('a change of many messages by one number is told in pages', async () => {
  const inbox = await bench.mailbox('INBOX');
  const ids: MessageId[] = [];
  for (let number = 0; number < 5; number++) ids.push((await bench.deliver(inbox, `From: x@y.test\nSubject: many ${number}\n\nx\n`)).id);
  const { state } = (await bench.one('Email/get', { ids: [] })) as { state: string };
  await bench.mailboxes.write(ALICE, (mail) => changeFlags(mail, ids, { add: ['$flagged'], remove: [] }, 'upstream'));
  const pages: string[][] = [];
  let answer: Change | undefined;
  do {
    answer = (await bench.one('Email/changes', { sinceState: answer?.newState ?? state, maxChanges: 2 })) as Change;
    pages.push([...answer.updated]);
  } while (answer.hasMoreChanges);
  expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)].map((page) => page.map((id) => `e${id}`)));
  const between = `${Number(state) + 1}.${ids[1]}`;
  expect(await bench.one('Email/set', { ifInState: between })).toMatchObject({ type: 'stateMismatch' });
});

test('updatedProperties names the counts where nothing else is different', async () => {
  const inbox = await bench.mailbox('INBOX');
  const { state } = (await bench.one('Mailbox/get', { ids: [] })) as { state: string };
  await bench.deliver(inbox, 'From: x@y.test\nSubject: counted\n\nx\n');
  expect(await bench.one('Mailbox/changes', { sinceState: state })).toMatchObject({
    updated: [`m${inbox}`],
    updatedProperties: ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'],
  });
  await bench.mailboxes.write(ALICE, (mail) => createMailbox(mail, { name: 'Named', isSubscribed: true, by: 'upstream' }));
  expect(await bench.one('Mailbox/changes', { sinceState: state, maxChanges: 1 })).toMatchObject({ hasMoreChanges: true });
});

test('what a mail program marked as deleted is in no count and no thread (RFC 8621 4.1.1)', async () => {
  const box = await bench.mailbox('Marked');
  const letter = (name: string) => `From: x@y.test\nMessage-ID: <${name}@marked.test>\nReferences: <root@marked.test>\nSubject: s\n\nx\n`;
  const [one, other] = [await bench.deliver(box, letter('one')), await bench.deliver(box, letter('other'), { flags: ['$seen'] })];
  const counts = async () => (await objectsOf('Mailbox', [`m${box}`])).get(`m${box}`);
  expect(await counts()).toMatchObject({ totalEmails: 2, unreadEmails: 1, totalThreads: 1, unreadThreads: 1 });
  const { state } = (await bench.one('Mailbox/get', { ids: [] })) as { state: string };
  const mark = (id: MessageId, add: boolean) =>
    bench.mailboxes.write(ALICE, (mail) =>
      changeFlags(mail, [id], add ? { add: ['$deleted'], remove: [] } : { add: [], remove: ['$deleted'] }, 'upstream'),
    );
  await mark(one.id, true);
  expect(await counts()).toMatchObject({ totalEmails: 1, unreadEmails: 0, totalThreads: 1, unreadThreads: 0 });
  expect(await bench.one('Mailbox/changes', { sinceState: state })).toMatchObject({ updated: [`m${box}`] });
  expect(await bench.one('Thread/changes', { sinceState: state })).toMatchObject({
    created: [],
    updated: [`t${one.thread}`],
    destroyed: [],
  });
  expect((await objectsOf('Thread', [`t${one.thread}`])).get(`t${one.thread}`)).toMatchObject({ emailIds: [`e${other.id}`] });
  await mark(other.id, true);
  expect(await counts()).toMatchObject({ totalEmails: 0, unreadEmails: 0, totalThreads: 0, unreadThreads: 0 });
  expect(await bench.one('Thread/get', { ids: [`t${one.thread}`] })).toMatchObject({ notFound: [`t${one.thread}`] });
  expect(await bench.one('Thread/changes', { sinceState: state })).toMatchObject({ destroyed: [`t${one.thread}`] });
  await mark(one.id, false);
  expect(await counts()).toMatchObject({ totalEmails: 1, unreadEmails: 1 });
});

test('a thread is told of when a mark as deleted is taken from a message in it', async () => {
  const box = await bench.mailbox('Unmarked');
  const letter = (name: string) => `From: x@y.test\nMessage-ID: <${name}@back.test>\nReferences: <root@back.test>\nSubject: s\n\nx\n`;
  const [one, other] = [await bench.deliver(box, letter('one'), { flags: ['$deleted'] }), await bench.deliver(box, letter('other'))];
  const { state, list } = (await bench.one('Thread/get', { ids: [`t${one.thread}`] })) as { state: string; list: Answer[] };
  expect(list).toMatchObject([{ emailIds: [`e${other.id}`] }]);
  await bench.mailboxes.write(ALICE, (mail) => changeFlags(mail, [one.id], { add: [], remove: ['$deleted'] }, 'upstream'));
  expect(await bench.one('Thread/changes', { sinceState: state })).toMatchObject({
    created: [],
    updated: [`t${one.thread}`],
    destroyed: [],
  });
});

test('submissions: changes in pages, and the state between two is remembered', async () => {
  const drafts = await bench.mailbox('Drafts', { role: 'drafts' });
  const { list } = (await bench.one('Identity/get', { ids: null })) as unknown as { list: { id: string }[] };
  const { state } = (await bench.one('EmailSubmission/get', { ids: [] })) as { state: string };
  const made: string[] = [];
  for (let number = 0; number < 3; number++) {
    const { id } = await bench.deliver(drafts, `From: ${ALICE}\nTo: x@far.test\nMessage-ID: <s${number}@x.test>\n\nx\n`);
    const answer = await bench.one('EmailSubmission/set', { create: { s: { identityId: list[0]?.id, emailId: `e${id}` } } });
    made.push((answer['created'] as Record<string, { id: string }>)['s']?.id ?? '');
  }
  const told: string[] = [];
  let answer: Change | undefined;
  do {
    answer = (await bench.one('EmailSubmission/changes', { sinceState: answer?.newState ?? state, maxChanges: 1 })) as Change;
    expect(answer.created.length).toBe(1);
    told.push(...answer.created);
  } while (answer.hasMoreChanges);
  expect(told.toSorted()).toEqual(made.toSorted());
  expect(await bench.one('EmailSubmission/changes', { sinceState: answer.newState })).toMatchObject({
    created: [],
    updated: [],
    destroyed: [],
  });
});

describe('queryChanges takes the old result to the new one (RFC 8620 5.6)', () => {
  const apply = (ids: readonly string[], { removed, added }: Answer): string[] => {
    const list = ids.filter((id) => !(removed as string[]).includes(id));
    for (const { id, index } of added as { id: string; index: number }[]) list.splice(index, 0, id);
    return list;
  };

  test('of mailboxes', async () => {
    const args = { filter: { hasAnyRole: false }, sort: [{ property: 'name' }], sortAsTree: true };
    const before = await bench.one('Mailbox/query', args);
    expect(before).toMatchObject({ canCalculateChanges: true });
    const inbox = await bench.mailbox('INBOX');
    await bench.deliver(inbox, 'From: x@y.test\n\nx\n');
    expect(await bench.one('Mailbox/query', args), 'mail in it is no other result').toEqual(before);
    await bench.one('Mailbox/set', { create: { one: { name: 'Aa' }, two: { name: 'Inner', parentId: '#one' } } });
    const [last] = (before['ids'] as string[]).slice(-1);
    await bench.mailboxes.write(ALICE, (mail) =>
      renameMailbox(mail, asId.mailbox(Number(last?.slice(1))), { name: '0 first', by: 'upstream' }),
    );
    const changes = await bench.one('Mailbox/queryChanges', { ...args, sinceQueryState: before['queryState'], calculateTotal: true });
    const now = await bench.one('Mailbox/query', args);
    expect(apply(before['ids'] as string[], changes)).toEqual(now['ids']);
    expect(changes).toMatchObject({ newQueryState: now['queryState'], total: (now['ids'] as string[]).length });
    const asked = { ...args, sinceQueryState: before['queryState'] };
    expect(await bench.one('Mailbox/queryChanges', { ...asked, maxChanges: 1 })).toMatchObject({ type: 'tooManyChanges' });
    expect(await bench.one('Mailbox/queryChanges', { ...asked, sort: [] })).toMatchObject({ type: 'cannotCalculateChanges' });
    expect(await bench.one('Mailbox/queryChanges', { ...args, sinceQueryState: 'x' })).toMatchObject({ type: 'cannotCalculateChanges' });
  });

  test('of submissions', async () => {
    const args = { filter: { undoStatus: 'pending' } };
    const before = await bench.one('EmailSubmission/query', args);
    expect(before).toMatchObject({ canCalculateChanges: true });
    const [first] = before['ids'] as string[];
    await bench.one('EmailSubmission/set', { update: { [first ?? '']: { undoStatus: 'canceled' } } });
    expect(await bench.one('EmailSubmission/queryChanges', { ...args, sinceQueryState: before['queryState'] })).toMatchObject({
      removed: [first],
      added: [],
    });
  });
});
