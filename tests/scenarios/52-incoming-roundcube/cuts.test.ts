import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MailError, type IncomingSession, type RemoteMailbox, type RemoteMessageId } from '@stopgap/core';
import { CALM, fetchAll, mailboxAt, smallMessage } from '@stopgap/testkit/incoming-contract';
import { startRoundcubeLab, type RoundcubeLab } from './world.ts';

/** A hundred calls for each; on a busy machine. */
const LIMIT_MS = 400_000;
/** More than a page, and some that do not come in one packet. */
const MESSAGES = 60;
/** Octets of the storage's answers after which the connection to it is cut: in the greeting, in the log-in, in every part of the work. */
const CUTS = [...Array.from({ length: 24 }, (_, step) => 110 + 45 * step), 2000, 5000, 20_000, 60_000];

let world: RoundcubeLab;
let session: IncomingSession;
let inbox: RemoteMailbox;
let ids: readonly RemoteMessageId[];
let bytes: ReadonlyMap<RemoteMessageId, Buffer>;
let names: readonly string[];

/** The webmail reaches its storage through the door that can fail. */
beforeAll(async () => {
  world = await startRoundcubeLab({ plugins: ['archive', 'zipdownload'] });
  const { lab } = world;
  const config = join(lab.dir, 'roundcube/config/config.inc.php');
  appendFileSync(config, `$config['imap_host'] = '127.0.0.1:${lab.edge.ports.imap}';\n`);
  for (let number = 0; number < MESSAGES; number++) {
    await world.store.append(['INBOX'], { bytes: smallMessage(`number-${number}`, `${number} `.repeat(number * 40)) });
  }
  for (const name of ['eins', 'zwei', 'drei']) await world.store.createMailbox([name]);
  session = await world.open();
  names = (await session.list(CALM)).map((mailbox) => mailbox.path.join('/'));
  inbox = await mailboxAt(session, ['INBOX']);
  ids = await listed();
  bytes = new Map((await fetchAll(session, inbox.id, ids)).map((message) => [message.id, message.bytes]));
  expect(bytes.size).toBe(MESSAGES);
});
afterAll(async () => {
  await world.lab.edge.set('imap', { mode: 'pass' });
  await session.close();
  await world.close();
});

test.for([true, false])(
  'wherever the storage breaks off, what is told is whole or void (only once: %s)',
  { timeout: LIMIT_MS },
  async (isOnce) => {
    const ends: string[] = [];
    for (const after of CUTS) {
      for (const call of [listsAll, listsInbox, fetchesAll, findsOne]) {
        await world.lab.edge.set('imap', { mode: 'cutserver', after, ...(isOnce ? { times: 1 } : {}) });
        ends.push(await call());
      }
    }
    await world.lab.edge.set('imap', { mode: 'pass' });
    for (const call of [listsAll, listsInbox, fetchesAll, findsOne]) expect(await call()).toBe('whole');
    // Both have happened: the cuts were felt, and there is work that needs less than the most of them.
    expect(new Set(ends)).toEqual(new Set(['whole', 'void']));
  },
);

function listsAll(): Promise<string> {
  return endOf(async () => {
    expect((await session.list(CALM)).map((mailbox) => mailbox.path.join('/'))).toEqual(names);
  });
}

function listsInbox(): Promise<string> {
  return endOf(async () => {
    expect(await listed()).toEqual(ids);
  });
}

function findsOne(): Promise<string> {
  return endOf(async () => {
    expect(await session.find?.(inbox.id, '<number-7@far.test>', CALM)).toEqual(['8']);
  });
}

/** Each that comes is whole; all of them come, or it says that it failed. */
function fetchesAll(): Promise<string> {
  return endOf(async () => {
    let came = 0;
    for await (const message of session.fetch(inbox.id, ids, CALM)) {
      const chunks: Buffer[] = [];
      for await (const chunk of message.bytes) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(bytes.get(message.id) ?? Buffer.alloc(0))).toBe(true);
      came++;
    }
    expect(came).toBe(MESSAGES);
  });
}

async function endOf(work: () => Promise<void>): Promise<string> {
  try {
    await work();
    return 'whole';
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    expect(error.code).toMatch(/^(?:void|roundcube-lost)$/);
    return 'void';
  }
}

async function listed(): Promise<readonly RemoteMessageId[]> {
  const listing = await session.changes(inbox.id, { known: new Set() }, CALM);
  return listing.kind === 'full' ? listing.messages.map((message) => message.id) : [];
}
