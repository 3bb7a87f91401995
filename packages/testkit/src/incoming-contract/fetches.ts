import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { asId } from '@stopgap/core';
import { CALM, failureOf, fetchAll, mailboxAt, readAll, sorted, watch, type Bench } from './bench.ts';
import { HARD_MESSAGES, HARD_NAMES, largeMessage, smallMessage } from './hard-messages.ts';
import type { IncomingCan } from './world.ts';

const LARGE_BYTES = 6_000_000;
/** A chunk above it is no stream. */
const LARGEST_CHUNK_BYTES = 2_000_000;
const LONG_AGO_MS = Date.UTC(2021, 4, 6, 7, 8, 9);

export function testFetches(bench: () => Bench, can: IncomingCan): void {
  test.for(HARD_NAMES.filter((name) => can.unstorable?.[name] === undefined))('%s comes as the provider has it', async (name) => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: HARD_MESSAGES[name], flags: ['$flagged'], receivedAtMs: LONG_AGO_MS });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const [fetched] = await fetchAll(
      watching.session(),
      watching.mailbox(),
      appeared.map((message) => message.id),
    );
    const [stored] = await bench().world.store.messages(path);
    if (can.inexact?.[name] !== undefined) return expect(fetched?.completeness).not.toBe('raw');
    expect(fetched?.bytes.toString('latin1')).toBe(stored?.bytes.toString('latin1'));
    expect(fetched?.completeness).toBe('raw');
    if (can.flags) expect(fetched?.flags).toEqual(stored?.flags);
    if (fetched?.sizeBytes !== undefined) expect(fetched.sizeBytes).toBe(fetched.bytes.length);
    if (fetched?.receivedAtMs !== undefined && can.dates) expect(fetched.receivedAtMs).toBe(LONG_AGO_MS);
  });

  test('many come in the order that they were asked for, each once', async () => {
    const path = await bench().emptyMailbox();
    const words = Array.from({ length: 60 }, (_, number) => `number-${number}`);
    for (const word of words) await bench().world.store.append(path, { bytes: smallMessage(word, word.repeat(50)) });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = appeared.map((message) => message.id);
    const whole = await fetchAll(watching.session(), watching.mailbox(), ids);
    expect(whole.map((message) => message.id).toSorted()).toEqual(ids.toSorted());
    for (const message of whole) {
      const word = words[words.length - 1 - ids.indexOf(message.id)] ?? '';
      expect(message.bytes).toEqual(smallMessage(word, word.repeat(50)));
    }
  });

  test('nothing is marked as read', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('unread') });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = appeared.map((message) => message.id);
    await fetchAll(watching.session(), watching.mailbox(), ids);
    await watching.session().close();
    expect(await bench().world.store.messages(path)).toMatchObject([{ flags: [] }]);
  });

  test('an id that is not there is left out', async () => {
    const path = await bench().emptyMailbox();
    for (const word of ['one', 'two', 'three']) await bench().world.store.append(path, { bytes: smallMessage(word) });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    await bench().world.store.expunge(path, [1]);
    await watching.look();
    const ids = [...appeared.map((message) => message.id), asId.remoteMessage('4000000000'), asId.remoteMessage('')];
    const whole = await fetchAll(watching.session(), watching.mailbox(), ids);
    expect(sorted(whole.map((message) => message.id))).toEqual(sorted([appeared[0]?.id, appeared[2]?.id]));
  });

  test('nothing asked, nothing fetched', async () => {
    const watching = await watch(bench(), await bench().emptyMailbox());
    expect(await fetchAll(watching.session(), watching.mailbox(), [])).toEqual([]);
  });

  test('an id is text, and not a range or a command', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('one') });
    const watching = await watch(bench(), path);
    await watching.look();
    const ids = ['*', '1:*', '1 (FLAGS)\r\nx DELETE INBOX', '-1', '0', '1e3', 'ä', `${2 ** 40}`].map(asId.remoteMessage);
    expect(await fetchAll(watching.session(), watching.mailbox(), ids)).toEqual([]);
    expect(await bench().world.store.messages(path)).toHaveLength(1);
  });

  test('a session goes on after a loop that was left early', async () => {
    const path = await bench().emptyMailbox();
    const words = Array.from({ length: 20 }, (_, number) => `number-${number}`);
    for (const word of words) await bench().world.store.append(path, { bytes: smallMessage(word) });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = appeared.map((message) => message.id);
    for await (const message of watching.session().fetch(watching.mailbox(), ids, CALM)) {
      await readAll(message.bytes);
      break;
    }
    expect(await fetchAll(watching.session(), watching.mailbox(), ids)).toHaveLength(20);
  });

  test('a large message is a stream, and none of its bytes is lost', async () => {
    const path = await bench().emptyMailbox();
    const bytes = largeMessage(LARGE_BYTES);
    await bench().world.store.append(path, { bytes });
    await bench().world.store.append(path, { bytes: smallMessage('small') });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const digests: string[] = [];
    const ids = appeared.map((message) => message.id);
    for await (const message of watching.session().fetch(watching.mailbox(), ids, CALM)) {
      const hash = createHash('sha256');
      for await (const chunk of message.bytes) {
        expect(chunk.length).toBeLessThanOrEqual(LARGEST_CHUNK_BYTES);
        hash.update(chunk);
      }
      digests.push(hash.digest('hex'));
    }
    const expected = [bytes, smallMessage('small')].map((one) => createHash('sha256').update(one).digest('hex'));
    expect(digests.toSorted()).toEqual(expected.toSorted());
  });

  test('a large message that is left in the middle does not spoil the session', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: largeMessage(LARGE_BYTES) });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = appeared.map((message) => message.id);
    for await (const message of watching.session().fetch(watching.mailbox(), ids, CALM)) {
      for await (const chunk of message.bytes) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      break;
    }
    expect((await watching.look()).vanished).toEqual([]);
  });

  if (can.mailboxes) {
    test('a mailbox that is not there is missing', async () => {
      const path = await bench().emptyMailbox();
      const session = await bench().open();
      const { id } = await mailboxAt(session, path);
      await bench().world.store.deleteMailbox(path);
      expect((await failureOf(() => fetchAll(session, id, [asId.remoteMessage('1')]))).code).toBe('mailbox-missing');
    });
  }
}
