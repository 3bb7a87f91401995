import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { MailboxId, MessageId } from '@stopgap/core';
import { FakeClock, tempStore, until } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import {
  addMessage,
  copyMessages,
  createMailbox,
  expungeMessages,
  moveMessages,
  openMailboxes,
  replaceContent,
  restoreMessage,
  type Mailboxes,
  type SearchQuery,
} from '../index.ts';
import { addAccount, ALICE, letter, type LetterOptions } from '../test-mail.ts';
import { IndexClient } from './index-client.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

async function bench() {
  const clock = new FakeClock();
  const temp = await tempStore({ clock });
  await addAccount(temp.store);
  const open = () => openMailboxes({ store: temp.store, dataDir: temp.dataDir, clock, keepExpungedMs: 30 * DAY_MS });
  let mail = open();
  await ready(mail);
  const make = (name: string) => mail.write(ALICE, (tx) => createMailbox(tx, { name, isSubscribed: true, by: 'upstream' }).id);
  const inbox = await make('INBOX');
  const add = (options: Partial<LetterOptions>) => mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox, ...options })).id);
  return {
    clock,
    store: temp.store,
    searchDir: join(temp.dataDir, 'search'),
    get mail() {
      return mail;
    },
    inbox,
    make,
    add,
    find: (query: SearchQuery) => all(mail, query),
    async reopen(between: () => Promise<void> = async () => undefined) {
      await mail.close();
      await between();
      mail = open();
      await ready(mail);
    },
    async [Symbol.asyncDispose]() {
      await mail.close();
      await temp.dispose();
    },
  };
}

const text = (value: string): SearchQuery => ({ kind: 'text', field: 'text', value });

/** On a busy machine the worker's start alone may take longer than a search waits for it. */
async function ready(mail: Mailboxes): Promise<void> {
  await until(async () => (await mail.search(ALICE, text('anything'), { limit: 1 }).catch(() => undefined))?.isComplete === true);
}

/** Through pages of two, so that every test is one of paging too. */
async function all(mail: Mailboxes, query: SearchQuery): Promise<MessageId[]> {
  const ids: MessageId[] = [];
  let cursor: string | undefined;
  do {
    const page = await mail.search(ALICE, query, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.isComplete).toBe(true);
    ids.push(...page.ids);
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(new Set(ids).size).toBe(ids.length);
  return ids;
}

test('law: what a write brought is found by whoever searches after it', async () => {
  await using at = await bench();
  for (let n = 0; n < 20; n += 1) {
    const id = await at.add({ text: `number${n} of many` });
    expect(await at.find(text(`number${n}`))).toEqual([id]);
  }
});

describe('a text is found', () => {
  const BODY = 'Die Rechnungsnummer lautet RE-2024-00123.\nGrüße aus Köln, 東京タワーの写真, Московский проспект';
  test.each([
    ['by a word in any case', 'LAUTET'],
    ['by the beginning of a word', 'Rechnung'],
    ['by the middle of a word', 'chnungsnum'],
    ['by the end of a word', 'nummer'],
    ['by short beginnings', 're'],
    ['by digits inside', '0123'],
    ['without accents', 'grusse aus koln'],
    ['with accents', 'GRÜẞE'],
    ['by the end of one word and the beginning of the next', 'nummer lau'],
    ['over punctuation and lines', '00123 grüße'],
    ['by characters of a script without blanks', '京タ'],
    ['in Cyrillic, inside', 'сковский'],
    ['by a whole sentence', 'Die Rechnungsnummer lautet RE-2024-00123.'],
  ])('%s', async (_, value) => {
    await using at = await bench();
    await at.add({ text: 'something else' });
    const id = await at.add({ text: BODY });
    expect(await at.find(text(value))).toEqual([id]);
  });

  test.each([
    ['by the inside of a word before one that is too long', 'vorders'],
    ['behind a NUL', 'hinterher'],
  ])('%s', async (_, value) => {
    await using at = await bench();
    const id = await at.add({ text: `zuvorderst ${'x'.repeat(100)} \0hinterher` });
    expect(await at.find(text(value))).toEqual([id]);
  });

  test.each([
    ['words in another order', 'lautet Rechnungsnummer'],
    ['words that are not neighbours', 'Die lautet'],
    ['characters in another order', '京東'],
    ['nothing but signs', '!?'],
    ['operators of the index', 'Die OR quatsch'],
  ])('but not by %s', async (_, value) => {
    await using at = await bench();
    await at.add({ text: BODY });
    expect(await at.find(text(value))).toEqual([]);
  });
});

test('each field is looked in by itself', async () => {
  await using at = await bench();
  const id = await at.add({
    subject: 'subjectword',
    from: { name: 'Frank Fromword', address: 'f@fromhost.test' },
    to: [{ name: 'Toword', address: 't@tohost.test' }],
    names: ['Angebot namesword.pdf'],
    text: 'bodyword',
  });
  const fields = ['subject', 'from', 'to', 'cc', 'body', 'names', 'text'] as const;
  const where = async (value: string) => {
    const found: string[] = [];
    for (const field of fields) if ((await at.find({ kind: 'text', field, value })).includes(id)) found.push(field);
    return found;
  };
  expect(await where('subjectword')).toEqual(['subject', 'text']);
  expect(await where('fromhost')).toEqual(['from', 'text']);
  expect(await where('toword')).toEqual(['to', 'text']);
  expect(await where('namesword')).toEqual(['body', 'names', 'text']);
  expect(await where('bodyword')).toEqual(['body', 'text']);
  expect(await where('su')).toEqual(['subject', 'text']);
  expect(await where('bod')).toEqual(['body', 'text']);
});

describe('a short beginning of more words than are looked for', () => {
  /** Every message has two words of its own, which begin alike. */
  async function crowd(at: Awaited<ReturnType<typeof bench>>): Promise<readonly MessageId[]> {
    const numbers = Array.from({ length: 300 }, (_, n) => n + 100);
    return at.mail.write(ALICE, (tx) =>
      numbers.map((n) => addMessage(tx, letter({ mailbox: at.inbox, atMs: (1000 - n) * DAY_MS, text: `left zug${n} right zugab${n}` })).id),
    );
  }

  test.each(['zu', 'zug', 'zuga'])('finds all of them: %s', async (value) => {
    await using at = await bench();
    await at.add({ text: 'left out' });
    const ids = await crowd(at);
    expect(await at.mail.search(ALICE, text(value), { limit: 400 })).toEqual({ ids, isComplete: true });
  });

  test.each(['left zu', 'left zug', 'ight zuga'])('behind another word finds all of them: %s', async (value) => {
    await using at = await bench();
    await at.add({ text: 'left and right, without' });
    const ids = await crowd(at);
    expect(await at.mail.search(ALICE, text(value), { limit: 400 })).toEqual({ ids, isComplete: true });
  });
});

test('results are newest first, whatever the order of arrival, and many may have one date', async () => {
  await using at = await bench();
  const ids = await at.mail.write(ALICE, (tx) =>
    [5, 1, 4, 2, 3].map((day) => [day, addMessage(tx, letter({ mailbox: at.inbox, atMs: day * DAY_MS, text: 'common' })).id] as const),
  );
  const order = ids.toSorted(([one], [other]) => other - one).map(([, id]) => id);
  expect(await at.find(text('common'))).toEqual(order);
  expect(await at.find({ kind: 'all', of: [] })).toEqual(order);
  await at.mail.write(ALICE, (tx) => {
    for (let n = 0; n < 150; n += 1) addMessage(tx, letter({ mailbox: at.inbox, atMs: 3 * DAY_MS, text: 'common crowd' }));
  });
  expect((await at.find(text('crowd'))).length).toBe(150);
});

test('conditions are joined, and texts may stand anywhere in them', async () => {
  await using at = await bench();
  const other = await at.make('Other');
  const add = (mailbox: MailboxId, body: string, more: Partial<LetterOptions> = {}) => at.add({ mailbox, text: body, ...more });
  const a = await add(at.inbox, 'apple pie', { atMs: 1 * DAY_MS, flags: ['$seen'] });
  const b = await add(at.inbox, 'banana split', { atMs: 2 * DAY_MS, flags: ['$flagged'], names: ['x.pdf'] });
  const c = await add(other, 'apple banana', { atMs: 3 * DAY_MS, flags: ['work'], messageId: '<c@x>', inReplyTo: ['<b@x>'] });
  const find = at.find;
  const seen: SearchQuery = { kind: 'flag', flag: '$seen' };
  expect(await find({ kind: 'all', of: [text('apple'), { kind: 'mailbox', of: [at.inbox] }] })).toEqual([a]);
  expect(await find({ kind: 'all', of: [text('apple'), text('banana')] })).toEqual([c]);
  expect(await find({ kind: 'any', of: [text('pie'), text('split')] })).toEqual([b, a]);
  expect(await find({ kind: 'any', of: [text('pie'), { kind: 'flag', flag: 'work' }] })).toEqual([c, a]);
  expect(await find({ kind: 'not', of: text('apple') })).toEqual([b]);
  expect(await find({ kind: 'all', of: [text('apple'), { kind: 'not', of: text('pie') }] })).toEqual([c]);
  expect(await find({ kind: 'not', of: { kind: 'any', of: [seen, text('split')] } })).toEqual([c]);
  expect(
    await find({
      kind: 'all',
      of: [
        { kind: 'not', of: seen },
        { kind: 'not', of: { kind: 'flag', flag: '$flagged' } },
      ],
    }),
  ).toEqual([c]);
  expect(await find({ kind: 'received', fromMs: 2 * DAY_MS, untilMs: 3 * DAY_MS })).toEqual([b]);
  expect(await find({ kind: 'sent', untilMs: 2 * DAY_MS })).toEqual([a]);
  expect(await find({ kind: 'size', fromBytes: 1_000_000 })).toEqual([]);
  expect(
    await find({
      kind: 'all',
      of: [
        { kind: 'mailbox', of: [at.inbox] },
        { kind: 'uid', ranges: [[2, 9]] },
      ],
    }),
  ).toEqual([b]);
  expect(await find({ kind: 'attachment' })).toEqual([b]);
  expect(await find({ kind: 'header', name: 'Message-ID', value: '<C@' })).toEqual([c]);
  expect(await find({ kind: 'header', name: 'In-Reply-To', value: '' })).toEqual([c]);
  expect(await find({ kind: 'header', name: 'X-Nothing', value: '' })).toEqual([]);
  expect(await find({ kind: 'id', of: [c, a] })).toEqual([c, a]);
  expect(await find({ kind: 'text', field: 'subject', value: '' })).toEqual([c, b, a]);
  await expect(at.mail.search(ALICE, text('x'.repeat(2000)), { limit: 1 })).rejects.toMatchObject({ code: 'query-too-large' });
  await expect(at.mail.search(ALICE, text('x'), { limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'query-cursor' });
});

test('what becomes of a message is followed: copies, moves, expunged and restored ones, better content', async () => {
  await using at = await bench();
  const other = await at.make('Other');
  const id = await at.add({ text: 'poor copy' });
  const [copy] = await at.mail.write(ALICE, (tx) => copyMessages(tx, [id], other, 'here'));
  expect(await at.find(text('poor'))).toEqual([copy?.id, id]);
  await at.mail.write(ALICE, (tx) => moveMessages(tx, [id], other, 'here'));
  expect((await at.find({ kind: 'all', of: [text('poor'), { kind: 'mailbox', of: [other] }] })).length).toBe(2);
  await at.mail.write(ALICE, (tx) => replaceContent(tx, id, letter({ mailbox: other, text: 'excellent copy' })));
  expect(await at.find(text('poor'))).toEqual([copy?.id]);
  expect(await at.find(text('excellent'))).toEqual([id]);
  await at.mail.write(ALICE, (tx) => expungeMessages(tx, [id], 'here'));
  expect(await at.find(text('excellent'))).toEqual([]);
  await at.mail.write(ALICE, (tx) => restoreMessage(tx, id, { by: 'here' }));
  expect(await at.find(text('excellent'))).toEqual([id]);
});

const RFC5322 = (body: string) => Buffer.from(`Subject: caught\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`);

test.each([
  ['was removed', async (dir: string) => rm(dir, { recursive: true })],
  ['is broken', async (dir: string) => breakAll(dir)],
  ['is of an earlier version', async (dir: string) => makeOld(dir)],
])('an index that %s is made again from the messages', async (_, harm) => {
  await using at = await bench();
  const bytes = RFC5322('wiederfinden');
  const blob = { hash: letter({ mailbox: at.inbox }).digest.preview as never, sizeBytes: bytes.length, inline: bytes };
  const id = await at.mail.write(ALICE, (tx) => addMessage(tx, { ...letter({ mailbox: at.inbox, text: 'wiederfinden' }), blob }).id);
  expect(await at.find(text('wiederfinden'))).toEqual([id]);
  await at.reopen(() => harm(at.searchDir));
  await until(async () => (await at.mail.search(ALICE, text('wiederfinden'), { limit: 1 }).catch(() => undefined))?.ids[0] === id);
});

async function makeOld(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const database = new DatabaseSync(join(dir, name));
    database.exec('DELETE FROM message; PRAGMA user_version = 1');
    database.close();
  }
}

async function breakAll(dir: string): Promise<void> {
  for (const name of await readdir(dir)) await writeFile(join(dir, name), 'This is no database at all. '.repeat(500));
}

test('what a crash took from the index is indexed again, and nothing twice', async () => {
  await using at = await bench();
  const first = await at.add({ text: 'first' });
  await at.find(text('first'));
  // As after a crash between commit and index: the write went past the index.
  await at.mail.close();
  const bytes = RFC5322('second');
  const silent = openMailboxes({ store: at.store, dataDir: join(at.searchDir, 'elsewhere'), clock: at.clock, keepExpungedMs: 1 });
  const blob = { hash: 'x' as never, sizeBytes: bytes.length, inline: bytes };
  const second = await silent.write(ALICE, (tx) => addMessage(tx, { ...letter({ mailbox: at.inbox }), blob }).id);
  await silent.close();
  await at.reopen();
  expect(await at.find(text('second'))).toEqual([second]);
  expect(await at.find(text('first'))).toEqual([first]);
});

test('a worker that died is started again, and who waited for it is told', async () => {
  let deaths = 0;
  const client = new IndexClient('nowhere', () => (deaths += 1), new URL('test-mortal-worker.ts', import.meta.url));
  for (let life = 1; life <= 2; life += 1) {
    expect(await client.ask({ kind: 'mark', account: ALICE })).toBe(7);
    const asked = [client.ask({ kind: 'remove', account: ALICE, ids: [] }), client.ask({ kind: 'erase', account: ALICE })];
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'search-failed' });
    await until(() => deaths === life);
  }
  await client.close();
});

test('purged text leaves the index, and an erased account leaves no file', async () => {
  await using at = await bench();
  const id = await at.add({ text: 'secretword' });
  await at.mail.write(ALICE, (tx) => expungeMessages(tx, [id], 'here'));
  await at.clock.advance(31 * DAY_MS);
  expect(await at.mail.purge(AbortSignal.timeout(5000))).toBe(1);
  expect(await at.find(text('secretword'))).toEqual([]);
  await at.mail.erase(ALICE, AbortSignal.timeout(5000));
  expect(await readdir(at.searchDir)).toEqual([]);
});
