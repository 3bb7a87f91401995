import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlobRef } from '@stopgap/core';
import { expungeMessages, moveMessages, replaceContent } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import type { Store } from '@stopgap/store';
import { expect, test } from 'vitest';
import { takeOut } from './take-out.ts';
import { ALICE, bench, corpus, sha256 } from './test-bench.ts';

const LETTER = Buffer.from('From: Bob <bob@elsewhere.test>\r\nTo: alice@provider.test\r\nSubject: Hello\r\n\r\nHello.\r\n');

function filesIn(directory: string): string[] {
  return readdirSync(join(directory, 'cur')).sort();
}

/** Does something the first time bytes are asked for, as a mirror at work beside the take-out would. */
function meanwhile(store: Store, act: () => Promise<unknown>): Store {
  let isDone = false;
  const open = async function* (ref: BlobRef) {
    if (!isDone) {
      isDone = true;
      await act();
    }
    yield* store.blobs.open(ref);
  };
  return { ...store, blobs: { ...store.blobs, open } };
}

test('every hard message is a file, byte for byte, with its time and flags', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  for (const bytes of corpus.values()) await at.put(inbox, bytes, { flags: ['$seen', 'work'] });
  await at.put(inbox, Buffer.alloc(300_000, 'large\r\n'), { flags: ['$seen', 'work'] });
  const directory = join(at.home, 'out');
  const taken = await takeOut({ store: at.store, account: ALICE, directory });
  const files = filesIn(directory);
  expect(taken).toMatchObject({ messages: corpus.size + 1, rebuilt: 0, incomplete: 0 });
  expect(files).toHaveLength(corpus.size + 1);
  const hashes = files.map((name) => sha256(readFileSync(join(directory, 'cur', name))));
  const expected = [...corpus.values(), Buffer.alloc(300_000, 'large\r\n')].map(sha256);
  expect(hashes.sort()).toEqual(expected.sort());
  expect(files.every((name) => name.endsWith(':2,Sa'))).toBe(true);
  expect(readFileSync(join(directory, 'dovecot-keywords'), 'utf8')).toBe('0 work\n');
  expect(statSync(join(directory, 'cur', files[0] ?? '')).mtimeMs).toBe(1_795_425_072_000);
  expect(readdirSync(join(directory, 'tmp'))).toEqual([]);
});

test('every mailbox has its folder, empty ones and awkward names too', async () => {
  await using at = await bench();
  for (const name of ['INBOX', 'Projekte/Köln', 'a.b', 'a_b']) await at.make(name);
  await at.put(await at.make('..'), LETTER);
  const directory = join(at.home, 'out');
  const { mailboxes } = await takeOut({ store: at.store, account: ALICE, directory });
  const folders = Object.fromEntries(mailboxes.map(({ name, folder }) => [name, folder]));
  expect(folders).toMatchObject({ INBOX: '.', Projekte: '.Projekte', 'Projekte/Köln': '.Projekte.K&APY-ln', '..': '.__' });
  expect(new Set(Object.values(folders)).size).toBe(mailboxes.length);
  expect(readdirSync(at.home)).toEqual(['out']);
  expect(filesIn(join(directory, '.__'))).toHaveLength(1);
});

test('contacts are a vCard each', async () => {
  await using at = await bench();
  await at.put(await at.make('INBOX'), LETTER);
  const directory = join(at.home, 'out');
  expect((await takeOut({ store: at.store, account: ALICE, directory })).contacts).toBe(1);
  const cards = readFileSync(join(directory, 'contacts.vcf'), 'utf8');
  expect(cards).toContain('FN:Bob\r\nEMAIL:bob@elsewhere.test\r\n');
  expect(cards).toContain('X-STOPGAP-RECEIVED:1\r\n');
});

test('what is there of an account without mail is an empty tree', async () => {
  await using at = await bench();
  const directory = join(at.home, 'out');
  expect(await takeOut({ store: at.store, account: ALICE, directory })).toMatchObject({ messages: 0, mailboxes: [] });
  expect(readdirSync(directory)).toEqual(['contacts.vcf']);
});

test('a directory that holds anything is refused and left as it was', async () => {
  await using at = await bench();
  await at.make('INBOX');
  writeFileSync(join(at.home, 'mine'), 'x');
  await expect(takeOut({ store: at.store, account: ALICE, directory: at.home })).rejects.toThrow('is not empty');
  await expect(takeOut({ store: at.store, account: ALICE, directory: join(at.home, 'mine') })).rejects.toThrow('can not be written to');
  expect(readdirSync(at.home)).toEqual(['mine']);
});

test('what has not wholly come is left out and counted, what was rebuilt is counted', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  await at.put(inbox, LETTER, { completeness: 'headers' });
  await at.put(inbox, LETTER, { completeness: 'rebuilt' });
  const directory = join(at.home, 'out');
  expect(await takeOut({ store: at.store, account: ALICE, directory })).toMatchObject({ messages: 1, rebuilt: 1, incomplete: 1 });
});

test('a message that is moved meanwhile is taken once, whichever way it went', async () => {
  await using at = await bench();
  const [first, last] = [await at.make('A'), await at.make('Z')];
  const forth = await at.put(first, Buffer.from('Subject: forth\r\n\r\n'));
  const back = await at.put(last, Buffer.from('Subject: back\r\n\r\n'));
  const store = meanwhile(at.store, () =>
    at.mail.write(ALICE, (tx) => [moveMessages(tx, [forth.id], last, 'upstream'), moveMessages(tx, [back.id], first, 'upstream')]),
  );
  const directory = join(at.home, 'out');
  expect(await takeOut({ store, account: ALICE, directory })).toMatchObject({ messages: 2 });
});

test('what comes meanwhile is taken, a new mailbox too', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  await at.put(inbox, LETTER);
  const store = meanwhile(at.store, async () => at.put(await at.make('New'), Buffer.from('Subject: new\r\n\r\n')));
  const directory = join(at.home, 'out');
  const taken = await takeOut({ store, account: ALICE, directory });
  expect(taken.mailboxes.map(({ name, messages }) => [name, messages])).toEqual([
    ['INBOX', 1],
    ['New', 1],
  ]);
});

test('a message that goes for good meanwhile is no failure, one whose bytes are replaced is taken as it is now', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  const gone = await at.put(inbox, LETTER);
  const better = await at.put(inbox, Buffer.from('Subject: rebuilt\r\n\r\n'), { completeness: 'rebuilt' });
  const raw = Buffer.from('Subject: raw\r\n\r\n');
  const store = meanwhile(at.store, async () => {
    await at.clock.advance(10_000);
    await at.mail.write(ALICE, (tx) => expungeMessages(tx, [gone.id], 'upstream'));
    const writer = at.store.blobs.stage();
    await writer.write(raw);
    const blob = await writer.finish();
    await at.mail.write(ALICE, (tx) => replaceContent(tx, better.id, { blob, digest: digestOf(raw), completeness: 'raw' }));
    await at.clock.advance(10_000);
    await at.mail.purge(new AbortController().signal);
  });
  const directory = join(at.home, 'out');
  expect(await takeOut({ store, account: ALICE, directory })).toMatchObject({ messages: 1, rebuilt: 0 });
  expect(readFileSync(join(directory, 'cur', filesIn(directory)[0] ?? ''))).toEqual(raw);
  expect(readdirSync(join(directory, 'tmp'))).toEqual([]);
});
