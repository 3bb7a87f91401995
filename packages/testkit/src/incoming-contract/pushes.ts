import { expect, test } from 'vitest';
import { asId, type IncomingSession, type RemoteAppend, type RemotePush } from '@stopgap/core';
import { CALM, failureOf, mailboxAt, watch, type Bench } from './bench.ts';
import { HARD_MESSAGES, HARD_NAMES, largeMessage, smallMessage } from './hard-messages.ts';
import type { IncomingCan } from './world.ts';

const DAY_MS = 86_400_000;
const LONG_AGO_MS = Date.UTC(2021, 4, 6, 7, 8, 9);

export function testPushes(bench: () => Bench, can: IncomingCan): void {
  const fill = async (words: readonly string[]): Promise<readonly string[]> => {
    const path = await bench().emptyMailbox();
    for (const word of words) await bench().world.store.append(path, { bytes: smallMessage(word) });
    return path;
  };

  test('flags are set and taken away, on these messages and no others', async () => {
    const path = await fill(['one', 'two', 'three']);
    await bench().world.store.changeFlags(path, [0, 1, 2], { add: ['$seen'], remove: [] });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = [appeared[0]?.id, appeared[1]?.id].filter((id) => id !== undefined);
    await pushOf(watching.session()).changeFlags(watching.mailbox(), ids, { add: ['$flagged', '$answered'], remove: ['$seen'] }, CALM);
    const changed = ['$answered', '$flagged'];
    expect((await bench().world.store.messages(path)).map((message) => message.flags)).toEqual([['$seen'], changed, changed]);
  });

  test('flags of ids that are not there, or that are no ids, are passed over', async () => {
    const path = await fill(['one']);
    const watching = await watch(bench(), path);
    await watching.look();
    const ids = ['4000000000', '*', '1:*', '', '1\r\nx NOOP'].map(asId.remoteMessage);
    await pushOf(watching.session()).changeFlags(watching.mailbox(), ids, { add: ['$flagged'], remove: [] }, CALM);
    expect(await bench().world.store.messages(path)).toMatchObject([{ flags: [] }]);
  });

  if (can.keywords) {
    test('words of the user are kept, and what is none does no harm', async () => {
      const path = await fill(['one']);
      const watching = await watch(bench(), path);
      const { appeared } = await watching.look();
      const ids = appeared.map((message) => message.id);
      const add = ['holiday', '$forwarded', 'a b', 'x) (\\Deleted', 'x\r\ny STORE 1 +FLAGS (\\Deleted)', '\\Nonsense', ''];
      await pushOf(watching.session()).changeFlags(watching.mailbox(), ids, { add, remove: [] }, CALM);
      expect(await bench().world.store.messages(path)).toMatchObject([{ flags: ['$forwarded', 'holiday'] }]);
      await pushOf(watching.session()).changeFlags(watching.mailbox(), ids, { add: [], remove: ['holiday'] }, CALM);
      expect(await bench().world.store.messages(path)).toMatchObject([{ flags: ['$forwarded'] }]);
    });
  }

  test('messages are moved with flags, date and bytes, and the new ids are told or can be seen', async () => {
    const path = await bench().emptyMailbox();
    const target = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('stays'), receivedAtMs: LONG_AGO_MS - DAY_MS });
    await bench().world.store.append(path, { bytes: smallMessage('goes'), flags: ['$flagged', '$seen'], receivedAtMs: LONG_AGO_MS });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = [appeared[0]?.id].filter((id) => id !== undefined);
    const to = await mailboxAt(watching.session(), target);
    const moved = await pushOf(watching.session()).move(watching.mailbox(), ids, to.id, CALM);
    expect(await bench().world.store.messages(path)).toMatchObject([{ bytes: smallMessage('stays') }]);
    const goes = { bytes: smallMessage('goes'), flags: ['$flagged', '$seen'], receivedAtMs: LONG_AGO_MS };
    expect(await bench().world.store.messages(target)).toEqual([goes]);
    const there = (await (await watch(bench(), target)).look()).appeared.map((message) => message.id);
    for (const [from, newId] of moved) expect([ids, there]).toEqual([[from], [newId]]);
    expect((await watching.look()).vanished).toEqual(ids);
  });

  test('messages are moved all at once, those marked as deleted by others stay', async () => {
    const path = await fill(['one', 'two', 'three', 'four']);
    const target = await bench().emptyMailbox();
    await bench().world.store.changeFlags(path, [1], { add: ['$deleted'], remove: [] });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = (can.hidesDeleted === true ? [0, 1, 2] : [0, 1, 3]).map((place) => appeared[place]?.id).filter((id) => id !== undefined);
    const to = await mailboxAt(watching.session(), target);
    const move = (): Promise<unknown> => pushOf(watching.session()).move(watching.mailbox(), ids, to.id, CALM);
    if (can.exactExpunge) await move();
    else expect((await failureOf(move)).code).toBe('others-marked');
    expect(await wordsIn(bench(), target)).toEqual(can.exactExpunge ? ['four', 'one', 'three'] : []);
    const left = (await bench().world.store.messages(path)).filter((message) => message.bytes.equals(smallMessage('two')));
    expect(left).toMatchObject([{ flags: ['$deleted'] }]);
  });

  test('a move into a mailbox that is not there moves nothing', async () => {
    const path = await fill(['one']);
    const gone = await bench().emptyMailbox();
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const to = await mailboxAt(watching.session(), gone);
    await bench().world.store.deleteMailbox(gone);
    const ids = appeared.map((message) => message.id);
    const error = await failureOf(() => pushOf(watching.session()).move(watching.mailbox(), ids, to.id, CALM));
    expect(error.code).toBe('mailbox-missing');
    expect(await bench().world.store.messages(path)).toMatchObject([{ bytes: smallMessage('one'), flags: [] }]);
  });

  test('a move of what is gone moves nothing', async () => {
    const path = await fill(['one']);
    const target = await bench().emptyMailbox();
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    await bench().world.store.expunge(path, [0]);
    const to = await mailboxAt(watching.session(), target);
    const ids = appeared.map((message) => message.id);
    expect((await pushOf(watching.session()).move(watching.mailbox(), ids, to.id, CALM)).size).toBe(0);
    expect(await bench().world.store.messages(target)).toEqual([]);
  });

  test('exactly these are expunged, and no others that are marked as deleted', async () => {
    const path = await fill(['one', 'two', 'three']);
    await bench().world.store.changeFlags(path, [0], { add: ['$deleted'], remove: [] });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = [appeared[1]?.id, asId.remoteMessage('4000000000'), asId.remoteMessage('*')].filter((id) => id !== undefined);
    const expunge = (): Promise<unknown> => pushOf(watching.session()).expunge(watching.mailbox(), ids, CALM);
    if (can.exactExpunge) await expunge();
    else expect((await failureOf(expunge)).code).toBe('others-marked');
    const left = await bench().world.store.messages(path);
    expect(left.filter((message) => !message.flags.includes('$deleted'))).toMatchObject([{ bytes: smallMessage('three') }]);
    expect(left.find((message) => message.bytes.equals(smallMessage('one')))?.flags).toEqual(['$deleted']);
  });

  test('nothing asked, nothing done', async () => {
    const path = await fill(['one']);
    await bench().world.store.changeFlags(path, [0], { add: ['$deleted'], remove: [] });
    const watching = await watch(bench(), path);
    const push = pushOf(watching.session());
    await push.expunge(watching.mailbox(), [], CALM);
    await push.changeFlags(watching.mailbox(), [], { add: ['$seen'], remove: [] }, CALM);
    await push.move(watching.mailbox(), [], watching.mailbox(), CALM);
    expect(await bench().world.store.messages(path)).toMatchObject([{ flags: ['$deleted'] }]);
  });

  testAppends(bench, can);
}

function testAppends(bench: () => Bench, can: IncomingCan): void {
  /** As it must lie there. */
  const kept = (bytes: Buffer): string => {
    const text = bytes.toString('latin1');
    return can.trimsAppended === undefined ? text : text.replace(/[ \t\r\n\0\v]+$/, '');
  };

  const appendable = HARD_NAMES.filter((name) =>
    [can.unstorable, can.inexact, can.unappendable].every((names) => names?.[name] === undefined),
  );
  test.for(appendable)('%s is stored as the provider would store it', async (name) => {
    const byOthers = await bench().emptyMailbox();
    await bench().world.store.append(byOthers, { bytes: HARD_MESSAGES[name] });
    const path = await bench().emptyMailbox();
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    await pushOf(session).append(id, appendOf(HARD_MESSAGES[name]), CALM);
    const text = async (of: readonly string[]): Promise<readonly string[]> =>
      (await bench().world.store.messages(of)).map((message) => kept(message.bytes));
    expect(await text(path)).toEqual(await text(byOthers));
  });

  test('what is stored has its flags and its date, and is found again', async () => {
    const path = await bench().emptyMailbox();
    const watching = await watch(bench(), path);
    await watching.look();
    const message = appendOf(smallMessage('stored'), { flags: ['$flagged', '$seen'] });
    const id = await pushOf(watching.session()).append(watching.mailbox(), message, CALM);
    const stored = (await bench().world.store.messages(path)).map((one) => ({ ...one, bytes: kept(one.bytes) }));
    expect(stored).toEqual([{ bytes: kept(smallMessage('stored')), flags: ['$flagged', '$seen'], receivedAtMs: LONG_AGO_MS }]);
    const { appeared } = await watching.look();
    expect(appeared).toHaveLength(1);
    if (id !== undefined) expect(id).toBe(appeared[0]?.id);
  });

  test('a large message is stored whole', async () => {
    const path = await bench().emptyMailbox();
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    const bytes = largeMessage(3_000_000);
    await pushOf(session).append(id, appendOf(bytes), CALM);
    expect((await bench().world.store.messages(path)).map((message) => kept(message.bytes) === kept(bytes))).toEqual([true]);
  });

  test('a message that can not be read to its end is not stored', async () => {
    const path = await bench().emptyMailbox();
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    const broken: RemoteAppend = {
      ...appendOf(smallMessage('broken')),
      async *open() {
        yield smallMessage('broken').subarray(0, 20);
        throw new Error('the disk is gone');
      },
    };
    await failureOf(() => pushOf(session).append(id, broken, CALM));
    expect(await bench().world.store.messages(path)).toEqual([]);
  });

  test('nothing is stored in a mailbox that is not there', async () => {
    const path = await bench().emptyMailbox();
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    await bench().world.store.deleteMailbox(path);
    const error = await failureOf(() => pushOf(session).append(id, appendOf(smallMessage('lost')), CALM));
    expect(error.code).toBe('mailbox-missing');
    expect(error.reason?.class).not.toBe('lost-answer');
  });

  if (can.mergesEqual === true) testMerging(bench);
  else testTwice(bench);
}

function testTwice(bench: () => Bench): void {
  test('storing the same twice stores two', async () => {
    const path = await bench().emptyMailbox();
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    const ids = [];
    for (let times = 0; times < 2; times += 1) ids.push(await pushOf(session).append(id, appendOf(smallMessage('twice')), CALM));
    expect(await bench().world.store.messages(path)).toHaveLength(2);
    const told = ids.filter((one) => one !== undefined);
    expect(new Set(told).size).toBe(told.length);
  });
}

function testMerging(bench: () => Bench): void {
  test('storing the same again gives the one that is there, in each mailbox', async () => {
    const [path, other] = [await bench().emptyMailbox(), await bench().emptyMailbox()];
    const session = await bench().open();
    const [{ id }, { id: otherId }] = [await mailboxAt(session, path), await mailboxAt(session, other)];
    const ids = [];
    for (const mailbox of [id, id, otherId]) ids.push(await pushOf(session).append(mailbox, appendOf(smallMessage('twice')), CALM));
    expect(new Set(ids).size).toBe(1);
    expect(await bench().world.store.messages(path)).toMatchObject([{ bytes: smallMessage('twice') }]);
    expect(await bench().world.store.messages(other)).toMatchObject([{ bytes: smallMessage('twice') }]);
  });

  test('what is in two mailboxes is expunged from one of them, and moved from one of them', async () => {
    const [path, other] = [await bench().emptyMailbox(), await bench().emptyMailbox()];
    const session = await bench().open();
    const [{ id }, { id: otherId }] = [await mailboxAt(session, path), await mailboxAt(session, other)];
    const message = await pushOf(session).append(id, appendOf(smallMessage('both')), CALM);
    await pushOf(session).append(otherId, appendOf(smallMessage('both')), CALM);
    if (message === undefined) throw new Error('a path that merges tells the id');
    await pushOf(session).expunge(id, [message], CALM);
    expect(await bench().world.store.messages(path)).toEqual([]);
    expect(await bench().world.store.messages(other)).toHaveLength(1);
    await pushOf(session).move(otherId, [message], id, CALM);
    await pushOf(session).expunge(otherId, [message], CALM);
    expect(await bench().world.store.messages(path)).toHaveLength(1);
    expect(await bench().world.store.messages(other)).toEqual([]);
  });
}

/** Word by word, sorted. */
async function wordsIn(bench: Bench, path: readonly string[]): Promise<readonly string[]> {
  const messages = await bench.world.store.messages(path);
  return messages.map((message) => /^Subject: (.*)\r$/m.exec(message.bytes.toString('latin1'))?.[1] ?? '').toSorted();
}

function appendOf(bytes: Buffer, more: Partial<RemoteAppend> = {}): RemoteAppend {
  const messageId = /^Message-ID: (<.*>)\r?$/m.exec(bytes.toString('latin1'))?.[1];
  return {
    sizeBytes: bytes.length,
    flags: [],
    receivedAtMs: LONG_AGO_MS,
    ...(messageId === undefined ? {} : { messageId }),
    async *open() {
      for (let start = 0; start < bytes.length; start += 60_000) yield bytes.subarray(start, start + 60_000);
    },
    ...more,
  };
}

export function pushOf(session: IncomingSession): RemotePush {
  if (session.push === undefined) throw new Error('this session can only read');
  return session.push;
}
