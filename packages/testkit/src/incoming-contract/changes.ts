import { expect, test } from 'vitest';
import { asId } from '@stopgap/core';
import { CALM, failureOf, fetchAll, mailboxAt, sorted, watch, type Bench } from './bench.ts';
import { smallMessage } from './hard-messages.ts';
import type { IncomingCan } from './world.ts';

const DAY_MS = 86_400_000;
/** Whole seconds: no protocol tells more. */
const LONG_AGO_MS = Date.UTC(2021, 4, 6, 7, 8, 9);

export function testChanges(bench: () => Bench, can: IncomingCan): void {
  const fill = async (path: readonly string[], words: readonly string[]): Promise<void> => {
    for (const word of words) await bench().world.store.append(path, { bytes: smallMessage(word) });
  };

  test('the first look tells all there is, newest first', async () => {
    const path = await bench().emptyMailbox();
    await fill(path, ['one', 'two', 'three']);
    const watching = await watch(bench(), path);
    const { listing, appeared } = await watching.look();
    expect(listing.kind).toBe('full');
    const whole = await fetchAll(
      watching.session(),
      watching.mailbox(),
      appeared.map((message) => message.id),
    );
    const byId = new Map(whole.map((message) => [message.id, message.bytes]));
    expect(appeared.map((message) => byId.get(message.id))).toEqual(['three', 'two', 'one'].map((word) => smallMessage(word)));
  });

  test('an empty mailbox is told to be empty', async () => {
    const watching = await watch(bench(), await bench().emptyMailbox());
    expect((await watching.look()).listing).toMatchObject({ kind: 'full', messages: [] });
  });

  test('what a listing tells of a message is so', async () => {
    const path = await bench().emptyMailbox();
    const bytes = smallMessage('told');
    await bench().world.store.append(path, { bytes, flags: ['$flagged', '$seen'], receivedAtMs: LONG_AGO_MS });
    const { appeared } = await (await watch(bench(), path)).look();
    const [message] = appeared;
    expect(message?.flags).toEqual(can.flags ? ['$flagged', '$seen'] : undefined);
    if (can.sizes) expect(message?.sizeBytes).toBe(bytes.length);
    if (can.dates) expect(message?.receivedAtMs).toBe(LONG_AGO_MS);
  });

  test('the second look tells nothing new when nothing has happened', async () => {
    const path = await bench().emptyMailbox();
    await fill(path, ['one', 'two']);
    const watching = await watch(bench(), path);
    await watching.look();
    const look = await watching.look();
    expect(look).toMatchObject({ appeared: [], vanished: [] });
    if (can.delta) expect(look.listing).toMatchObject({ kind: 'delta', changed: [], vanished: [] });
    else expect(look.listing.kind).toBe('full');
  });

  test('a message that came meanwhile is told, and only that one is new', async () => {
    const path = await bench().emptyMailbox();
    await fill(path, ['one']);
    const watching = await watch(bench(), path);
    await watching.look();
    await fill(path, ['two', 'three']);
    const { appeared, vanished } = await watching.look();
    expect(vanished).toEqual([]);
    const whole = await fetchAll(
      watching.session(),
      watching.mailbox(),
      appeared.map((message) => message.id),
    );
    expect(whole.map((message) => message.bytes.toString('latin1')).toSorted()).toEqual(
      ['two', 'three'].map((word) => smallMessage(word).toString('latin1')).toSorted(),
    );
  });

  test('a message that is gone is told as gone, and an equal one beside it stays', async () => {
    const path = await bench().emptyMailbox();
    await fill(path, ['twin', 'other', can.mergesEqual === true ? 'third' : 'twin']);
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    expect(appeared).toHaveLength(3);
    await bench().world.store.expunge(path, [0]);
    const look = await watching.look();
    expect(look.appeared).toEqual([]);
    expect(look.vanished).toEqual([appeared[2]?.id]);
  });

  test('coming and going at once are both told', async () => {
    const path = await bench().emptyMailbox();
    await fill(path, ['one', 'two', 'three', 'four']);
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    await bench().world.store.expunge(path, [1, 3]);
    await fill(path, ['five']);
    const look = await watching.look();
    expect(look.appeared).toHaveLength(1);
    expect(sorted(look.vanished)).toEqual(sorted([appeared[0]?.id, appeared[2]?.id]));
  });

  test('a mailbox that was emptied is told so', async () => {
    const path = await bench().emptyMailbox();
    await fill(path, ['one', 'two']);
    const watching = await watch(bench(), path);
    await watching.look();
    await bench().world.store.expunge(path, [0, 1]);
    expect((await watching.look()).vanished).toHaveLength(2);
  });

  test('two sessions tell the same ids', async () => {
    const path = await bench().emptyMailbox();
    await fill(path, ['one', 'two']);
    const first = await watch(bench(), path);
    const ids = (await first.look()).appeared.map((message) => message.id);
    await first.session().close();
    const second = await watch(bench(), path);
    expect((await second.look()).appeared.map((message) => message.id)).toEqual(ids);
  });

  test.for(['', 'nonsense', '{"validity":"1"}', '[]', 'null', `{"v":1,"validity":"9","uidNext":-1}`, 'x'.repeat(100_000)])(
    'a cursor that makes no sense gives a full listing (%#)',
    async (cursor) => {
      const path = await bench().emptyMailbox();
      await fill(path, ['one', 'two']);
      const session = await bench().open();
      const { id } = await mailboxAt(session, path);
      const listing = await session.changes(id, { cursor, known: new Set([asId.remoteMessage('1')]) }, CALM);
      expect(listing.kind === 'full' ? listing.messages : []).toHaveLength(2);
    },
  );

  test('a cursor outlives its session', async () => {
    const path = await bench().emptyMailbox();
    await fill(path, ['one', 'two']);
    const first = await watch(bench(), path);
    const { listing, appeared } = await first.look();
    await first.session().close();
    await fill(path, ['three']);
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    const known = new Set(appeared.map((message) => message.id));
    const next = await session.changes(id, { known, ...(listing.cursor === undefined ? {} : { cursor: listing.cursor }) }, CALM);
    const told = next.kind === 'full' ? next.messages : next.changed;
    expect(told.filter((message) => !known.has(message.id))).toHaveLength(1);
  });

  if (can.flags) testFlags(bench, can);
  if (can.mailboxes) testRemade(bench, can);
}

function testFlags(bench: () => Bench, can: IncomingCan): void {
  test('flags that another program changed are told', async () => {
    const path = await bench().emptyMailbox();
    for (const word of ['one', 'two', 'three']) await bench().world.store.append(path, { bytes: smallMessage(word), flags: ['$seen'] });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    await bench().world.store.changeFlags(path, [1], { add: ['$flagged', '$answered'], remove: ['$seen'] });
    const look = await watching.look();
    expect(look).toMatchObject({ appeared: [], vanished: [] });
    expect(look.changed.find((message) => message.id === appeared[1]?.id)?.flags).toEqual(['$answered', '$flagged']);
    for (const other of look.changed.filter((message) => message.id !== appeared[1]?.id)) expect(other.flags).toEqual(['$seen']);
  });

  if (!can.keywords) return;

  test('words of the user are told in small letters', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('one'), flags: ['$forwarded', 'holiday'] });
    const { appeared } = await (await watch(bench(), path)).look();
    expect(appeared[0]?.flags).toEqual(['$forwarded', 'holiday']);
  });
}

function testRemade(bench: () => Bench, can: IncomingCan): void {
  test('a mailbox that is not there is missing', async () => {
    const path = await bench().emptyMailbox();
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    await bench().world.store.deleteMailbox(path);
    const error = await failureOf(() => session.changes(id, { known: new Set() }, CALM));
    expect(error.code).toBe('mailbox-missing');
    await session.list(CALM);
  });

  test('a mailbox that is deleted between two looks is missing, and proves nothing', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('one') });
    const watching = await watch(bench(), path);
    await watching.look();
    await bench().world.store.deleteMailbox(path);
    expect((await failureOf(() => watching.look())).code).toMatch(/^(?:mailbox-missing|session-ended)$/);
  });

  test('a mailbox that was deleted and made again is not taken for the old one', async () => {
    const path = await bench().emptyMailbox();
    for (const word of ['one', 'two']) await bench().world.store.append(path, { bytes: smallMessage(word) });
    const first = await watch(bench(), path);
    const before = await first.look();
    await first.session().close();
    await bench().world.store.deleteMailbox(path);
    await bench().world.store.createMailbox(path);
    await bench().world.store.append(path, { bytes: smallMessage('successor'), receivedAtMs: LONG_AGO_MS + DAY_MS });
    const session = await bench().open();
    const { id, validity } = await mailboxAt(session, path);
    const known = new Set(before.appeared.map((message) => message.id));
    const { cursor } = before.listing;
    const listing = await session.changes(id, { known, ...(cursor === undefined ? {} : { cursor }) }, CALM);
    if (can.validity) expect(listing.validity).not.toBe(before.listing.validity);
    if (can.validity && validity !== undefined) expect(listing.validity).toBe(validity);
    const told = listing.kind === 'full' ? listing.messages : listing.changed;
    const [whole] = await fetchAll(
      session,
      id,
      told.map((message) => message.id),
    );
    expect(whole?.bytes).toEqual(smallMessage('successor'));
  });
}
