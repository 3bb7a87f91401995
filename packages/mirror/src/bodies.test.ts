import { digestOf } from '@stopgap/message';
import { replaceContent } from '@stopgap/mailbox';
import { findMessage } from '@stopgap/store';
import type { MessageId } from '@stopgap/core';
import { expect, test } from 'vitest';
import { Bodies } from './bodies.ts';
import { ALICE, contentHere, letter, mailThere, openBench, type Bench } from './test-bench.ts';

const CALM = new AbortController().signal;

/** Letters 1 to `count` are here by IMAP, and then of each of them only the header. */
async function headersOnly(bench: Bench, count = 1): Promise<readonly MessageId[]> {
  for (let number = 1; number <= count; number += 1) bench.there.deliver('INBOX', letter(number));
  await bench.round('imap');
  const ids = bench.messageIds('INBOX');
  for (const [index, id] of ids.entries()) await keepHeader(bench, id, letter(index + 1));
  return ids;
}

async function keepHeader(bench: Bench, id: MessageId, message: Buffer): Promise<void> {
  const header = message.subarray(0, message.indexOf('\r\n\r\n') + 4);
  const writer = bench.store.blobs.stage();
  await writer.write(header);
  const blob = await writer.finish();
  const digest = digestOf(header);
  await bench.mailboxes.write(ALICE, (mail) =>
    replaceContent(mail, id, { blob, digest, completeness: 'headers', sizeBytes: message.length }),
  );
}

function stateOf(bench: Bench, id: MessageId | undefined): string | undefined {
  return id && bench.store.read((reader) => findMessage(reader, id))?.completeness;
}

test('a body comes by the best path, and the message stays the one that it was', async () => {
  await using bench = await openBench();
  const [id] = await headersOnly(bench);
  if (id === undefined) throw new Error('nothing is here');
  const before = bench.here()['INBOX'];
  const bodies = new Bodies(bench.deps);
  expect(await bodies.fetch(ALICE, id, CALM)).toBe(true);
  expect(stateOf(bench, id)).toBe('raw');
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.here()['INBOX']?.map(({ uid }) => uid)).toEqual(before?.map(({ uid }) => uid));
  expect(bench.told.at(-1)).toMatchObject({ name: 'mirrored', event: { messages: 1, isNew: 0 } });
  await bodies.close();
});

test('where the best path does not answer, another one with the same ids does', async () => {
  await using bench = await openBench();
  const [id] = await headersOnly(bench);
  if (id === undefined) throw new Error('nothing is here');
  bench.provider.paths.imap.faults.isDown = true;
  const bodies = new Bodies(bench.deps);
  expect(await bodies.fetch(ALICE, id, CALM)).toBe(true);
  expect(stateOf(bench, id)).toBe('raw');
  expect(bench.provider.paths.roundcube.logIns).toBe(1);
  await bodies.close();
});

test('while no path answers it is refused, at once from then on, and had when one is back', async () => {
  await using bench = await openBench({ kinds: ['imap', 'jmap'] });
  const [first, second] = await headersOnly(bench, 2);
  if (first === undefined || second === undefined) throw new Error('nothing is here');
  const { imap } = bench.provider.paths;
  imap.faults.isDown = true;
  const before = imap.logIns;
  const bodies = new Bodies(bench.deps);
  expect(await Promise.all([first, second].map((id) => bodies.fetch(ALICE, id, CALM)))).toEqual([false, false]);
  expect(await bodies.fetch(ALICE, first, CALM)).toBe(false);
  expect(imap.logIns - before).toBe(1);
  imap.faults.isDown = false;
  bench.clock.jump(60_000);
  expect(await bodies.fetch(ALICE, second, CALM)).toBe(true);
  expect([stateOf(bench, first), stateOf(bench, second)]).toEqual(['headers', 'raw']);
  await bodies.close();
});

test('another message under its id is not taken for it', async () => {
  await using bench = await openBench({ kinds: ['imap'] });
  const [id] = await headersOnly(bench);
  if (id === undefined) throw new Error('nothing is here');
  // What is known of it here is another message's header.
  await keepHeader(bench, id, letter('another'));
  const bodies = new Bodies(bench.deps);
  expect(await bodies.fetch(ALICE, id, CALM)).toBe(false);
  expect(stateOf(bench, id)).toBe('headers');
  await bodies.close();
});

test('a message that is gone upstream does not keep the others from coming', async () => {
  await using bench = await openBench({ kinds: ['imap'] });
  const [first, second] = await headersOnly(bench, 2);
  if (first === undefined || second === undefined) throw new Error('nothing is here');
  bench.there.expunge('INBOX', 1);
  const bodies = new Bodies(bench.deps);
  expect(await Promise.all([first, second].map((id) => bodies.fetch(ALICE, id, CALM)))).toEqual([false, true]);
  await bodies.close();
});

test('one session serves message after message, and ends after a while or with the mirror', async () => {
  await using bench = await openBench({ kinds: ['imap'] });
  const ids = await headersOnly(bench, 5);
  const { imap } = bench.provider.paths;
  const before = imap.logIns;
  const bodies = new Bodies(bench.deps);
  expect(await Promise.all(ids.slice(0, 3).map((id) => bodies.fetch(ALICE, id, CALM)))).toEqual([true, true, true]);
  expect([imap.logIns - before, imap.open.size]).toEqual([1, 1]);
  await bench.clock.advance(60_000);
  await expect.poll(() => imap.open.size).toBe(0);
  for (const id of ids.slice(3)) expect(await bodies.fetch(ALICE, id, CALM)).toBe(true);
  expect([imap.logIns - before, imap.open.size]).toEqual([2, 1]);
  await bodies.close();
  expect(imap.open.size).toBe(0);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
});

test('a client that goes away says nothing about the path', async () => {
  await using bench = await openBench({ kinds: ['imap'] });
  const [id] = await headersOnly(bench);
  if (id === undefined) throw new Error('nothing is here');
  const { path, faults } = bench.provider.paths.imap;
  const client = new AbortController();
  faults.onCall = (_, when) => {
    if (when === 'before') client.abort();
  };
  const bodies = new Bodies(bench.deps);
  expect(await bodies.fetch(ALICE, id, client.signal)).toBe(false);
  expect(bench.deps.board.health(path.id).state).not.toBe('down');
  faults.onCall = undefined;
  expect(await bodies.fetch(ALICE, id, CALM)).toBe(true);
  await bodies.close();
});
