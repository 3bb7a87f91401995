import { expect, test } from 'vitest';
import { MailError } from '@stopgap/core';
import { CALM, failureOf, fetchAll, mailboxAt, readAll, watch, type Bench } from './bench.ts';
import { largeMessage, smallMessage } from './hard-messages.ts';
import type { IncomingCan } from './world.ts';

export function testEnds(bench: () => Bench, can: IncomingCan): void {
  test('a call that is aborted before it begins is cancelled', async () => {
    const session = await bench().open();
    const { id } = await mailboxAt(session, ['INBOX']);
    const aborted = AbortSignal.abort();
    expect((await failureOf(() => session.list(aborted))).reason?.class).toBe('cancelled');
    expect((await failureOf(() => session.changes(id, { known: new Set() }, aborted))).reason?.class).toBe('cancelled');
  });

  test('a fetch that is aborted in the middle ends, and ends as cancelled', async () => {
    const path = await bench().emptyMailbox();
    for (const word of ['one', 'two']) await bench().world.store.append(path, { bytes: smallMessage(word) });
    await bench().world.store.append(path, { bytes: largeMessage(5_000_000) });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = appeared.map((message) => message.id).toReversed();
    const giveUp = new AbortController();
    const error = await failureOf(async () => {
      for await (const message of watching.session().fetch(watching.mailbox(), ids, giveUp.signal)) {
        await readAll(message.bytes);
        giveUp.abort();
      }
    });
    expect(error.reason?.class).toBe('cancelled');
  });

  test('after an abort the session works, or says that it is over and a new one works', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: largeMessage(5_000_000) });
    const watching = await watch(bench(), path);
    const { appeared } = await watching.look();
    const ids = appeared.map((message) => message.id);
    const giveUp = new AbortController();
    await failureOf(async () => {
      for await (const message of watching.session().fetch(watching.mailbox(), ids, giveUp.signal)) {
        for await (const chunk of message.bytes) if (chunk.length > 0) giveUp.abort();
      }
    });
    await worksOrIsOver(() => fetchAll(watching.session(), watching.mailbox(), ids));
    const next = await bench().open();
    expect(await fetchAll(next, (await mailboxAt(next, path)).id, ids)).toHaveLength(1);
  });

  test('a session that is cut between two calls works, or says that it is over and a new one works', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('one') });
    const watching = await watch(bench(), path);
    await watching.look();
    await bench().world.cut();
    await worksOrIsOver(() => watching.session().list(CALM));
    await worksOrIsOver(() => watching.session().changes(watching.mailbox(), { known: new Set() }, CALM));
    await watching.session().close();
    const next = await bench().open();
    expect(await next.changes((await mailboxAt(next, path)).id, { known: new Set() }, CALM)).toMatchObject({ messages: [{}] });
  });

  test('a closed session is over, and can be closed again', async () => {
    const session = await bench().open();
    await session.close();
    await session.close();
    expect((await failureOf(() => session.list(CALM))).code).toBe('session-ended');
  });

  if (can.idle) testIdle(bench);
}

/** @param call what a session that is over refuses in the word for it */
async function worksOrIsOver(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    expect(error).toMatchObject({ code: 'session-ended', kind: 'transient', reason: { class: expect.any(String) } });
  }
}

function testIdle(bench: () => Bench): void {
  test('waiting ends with a new message', async () => {
    const path = await bench().emptyMailbox();
    const watching = await watch(bench(), path);
    await watching.look();
    const waiting = watching.session().idle?.(watching.mailbox(), CALM);
    await bench().world.store.append(path, { bytes: smallMessage('new') });
    await waiting;
    expect((await watching.look()).appeared).toHaveLength(1);
  });

  test('waiting ends at once when something has come since the last look', async () => {
    const path = await bench().emptyMailbox();
    const watching = await watch(bench(), path);
    await watching.look();
    await bench().world.store.append(path, { bytes: smallMessage('new') });
    await watching.session().idle?.(watching.mailbox(), CALM);
    expect((await watching.look()).appeared).toHaveLength(1);
  });

  test('waiting ends with a change of flags by others', async () => {
    const path = await bench().emptyMailbox();
    await bench().world.store.append(path, { bytes: smallMessage('one') });
    const watching = await watch(bench(), path);
    await watching.look();
    const waiting = watching.session().idle?.(watching.mailbox(), CALM);
    await bench().world.store.changeFlags(path, [0], { add: ['$flagged'], remove: [] });
    await waiting;
    expect((await watching.look()).changed).toHaveLength(1);
  });

  test('waiting ends when it is called off, without an error, and the session goes on', async () => {
    const watching = await watch(bench(), await bench().emptyMailbox());
    const callOff = new AbortController();
    const waiting = watching.session().idle?.(watching.mailbox(), callOff.signal);
    callOff.abort();
    await waiting;
    await watching.session().idle?.(watching.mailbox(), callOff.signal);
    expect((await watching.look()).appeared).toEqual([]);
  });

  test('waiting for a mailbox that is not there fails', async () => {
    const path = await bench().emptyMailbox();
    const session = await bench().open();
    const { id } = await mailboxAt(session, path);
    await bench().world.store.deleteMailbox(path);
    expect((await failureOf(async () => session.idle?.(id, CALM))).code).toBe('mailbox-missing');
  });
}
