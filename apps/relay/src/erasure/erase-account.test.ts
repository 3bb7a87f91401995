import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asId, Secret, systemClock } from '@stopgap/core';
import { expungeMessages } from '@stopgap/mailbox';
import {
  findAccount,
  finishIfAllFinal,
  insertRecipients,
  insertSubmission,
  insertUpload,
  keepBlob,
  listSubmissionsOf,
  lockDataDirectory,
  openStore,
  openVault,
  putCredential,
  putMirror,
  putVerifier,
  recipientsOf,
  type Store,
} from '@stopgap/store';
import { expect, test } from 'vitest';
import { ALICE, bench, type Bench } from '../take-out/test-bench.ts';
import { eraseAccount } from './erase-account.ts';

const CAROL = asId.account('carol@kept.test');
const provider = asId.provider('test');
const TRACES = ['alice@provider.test', 'bob@only-alice-knows.test', 'unmistakable words', 'friend@outside.test'];

/** How often each trace stands in any file of the data directory, and in which. */
function traces(dataDir: string): string[] {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const text = readFileSync(join(entry.parentPath, entry.name)).toString('latin1');
      return TRACES.filter((trace) => text.includes(trace)).map((trace) => `${entry.name}: ${trace}`);
    });
}

function letter(n: number, length = 500): Buffer {
  const head = `From: Bob <bob@only-alice-knows.test>\r\nTo: alice@provider.test\r\nSubject: unmistakable words ${n}\r\n`;
  return Buffer.from(`${head}Message-ID: <${n}@only-alice-knows.test>\r\n\r\n${'text '.repeat(length / 5)}\r\n`);
}

async function submit(at: Bench, id: string, account = ALICE): Promise<void> {
  const writer = at.store.blobs.stage();
  await writer.write(letter(0, 200_000));
  const staged = await writer.finish();
  await at.store.write((tx) => {
    const submission = {
      id: asId.submission(id),
      account,
      provider,
      kind: 'message' as const,
      envelope: { from: account, smtpUtf8: false, eightBitMime: false },
      messageId: `<${id}@x>`,
      blob: keepBlob(tx, staged),
      helo: 'x',
      protocol: 'ESMTPSA',
      acceptedAtMs: at.clock.nowMs(),
    };
    insertSubmission(tx, submission, id);
    insertRecipients(tx, submission, [{ address: account === ALICE ? 'friend@outside.test' : 'other@outside.test' }]);
  });
}

async function settle(store: Store, id: string): Promise<void> {
  await store.write((tx) => {
    tx.run(`UPDATE recipient SET state = 'delivered', final_at_ms = 1 WHERE submission_id = ?`, id);
    finishIfAllFinal(tx, asId.submission(id), 1);
  });
}

/** Alice has some of everything, and so has carol. */
async function fullBench(): Promise<Bench> {
  const at = await bench();
  const vault = await at.store.read((reader) => openVault({ dataDir: at.dataDir, reader }));
  const sealed = await vault.seal(ALICE, new Secret('x'));
  await at.store.write((tx) => {
    putCredential(tx, ALICE, sealed, 1);
    putVerifier(tx, ALICE, 'hash', 1);
  });
  await at.addAccount(CAROL);
  const inbox = await at.make('INBOX');
  const sent = await at.make('Sent', 'sent');
  for (let n = 0; n < 250; n++) await at.put(n % 5 === 0 ? sent : inbox, letter(n, n * 100));
  await at.put(inbox, letter(999, 300_000));
  const doomed = await at.put(inbox, letter(1000));
  await at.mail.write(ALICE, (tx) => expungeMessages(tx, [doomed.id], 'here'));
  // What her web client has brought and sent nowhere: once as a row, once as a file.
  for (const length of [100, 400_000]) {
    const writer = at.store.blobs.stage();
    await writer.write(letter(2000, length));
    const staged = await writer.finish();
    await at.store.write((tx) =>
      insertUpload(tx, { id: `upload ${length}`, account: ALICE, blob: keepBlob(tx, staged), type: 'text/plain', createdAtMs: 1 }),
    );
  }
  await submit(at, 'done');
  await settle(at.store, 'done');
  await submit(at, 'carols', CAROL);
  return at;
}

const erase = async (at: Bench, withQueue = false) => {
  const account = at.store.read((reader) => findAccount(reader, ALICE));
  if (!account) throw new Error('alice is not there');
  return eraseAccount({ store: at.store, dataDir: at.dataDir, clock: at.clock, account, withQueue });
};

test('nothing of an erased account is left in any file, though another process has the store open', async () => {
  await using at = await fullBench();
  const serve = await openStore({ dataDir: at.dataDir, clock: systemClock });
  try {
    expect(traces(at.dataDir).length).toBeGreaterThan(0);
    const erased = await erase(at);
    expect(erased).toMatchObject({ mailboxes: 2, messages: 251, expunged: 1, submissions: 1, cancelled: 0 });
    expect(erased).toMatchObject({ hadCredential: true, isOverwritten: true });
    expect(erased.contacts).toBe(1);
    // Carol sent a file that alice had, too: it is hers as well, and its words are.
    const isFile = (trace: string) => /^[0-9a-f]{62}:/.test(trace);
    const left = traces(at.dataDir);
    expect(left.filter((trace) => !isFile(trace))).toEqual([]);
    expect(new Set(left.filter(isFile).map((trace) => trace.slice(0, 62))).size).toBe(1);
    expect(serve.read((reader) => findAccount(reader, CAROL))).toBeDefined();
    expect(serve.read((reader) => listSubmissionsOf(reader, CAROL))).toHaveLength(1);
  } finally {
    await serve.close();
  }
});

test('a blob that another account names stays readable', async () => {
  await using at = await fullBench();
  await erase(at);
  const [carols] = at.store.read((reader) => listSubmissionsOf(reader, CAROL));
  let sizeBytes = 0;
  if (carols) for await (const chunk of at.store.blobs.open({ id: carols.blob, sizeBytes: 0 })) sizeBytes += chunk.length;
  expect(sizeBytes).toBe(letter(0, 200_000).length);
});

test('while mail of it waits nothing is erased, unless that is given up, too', async () => {
  await using at = await fullBench();
  await submit(at, 'waiting');
  await submit(at, 'unsure');
  await at.store.write((tx) => tx.run("UPDATE recipient SET state = 'unsure' WHERE submission_id = 'unsure'"));
  await expect(erase(at)).rejects.toThrow('2 messages of this account still wait in the queue');
  expect(at.store.read((reader) => listSubmissionsOf(reader, ALICE))).toHaveLength(3);
  expect(at.mail.list(ALICE)).toHaveLength(2);
  expect(await erase(at, true)).toMatchObject({ submissions: 3, cancelled: 2 });
  expect(at.store.read((reader) => findAccount(reader, ALICE))).toBeUndefined();
});

test('a message that is leaving at this moment can not be given up, and keeps the account', async () => {
  await using at = await fullBench();
  await submit(at, 'leaving');
  await at.store.write((tx) => {
    const [recipient] = recipientsOf(tx, asId.submission('leaving'));
    const attempt = tx.run(`INSERT INTO attempt (submission_id, route, started_at_ms, marked_at_ms) VALUES ('leaving', 'r', 1, 2)`).lastId;
    tx.run(`UPDATE recipient SET state = 'leased', lease_until_ms = 9e15, attempt_id = ? WHERE id = ?`, attempt, recipient?.id ?? 0);
  });
  await expect(erase(at, true)).rejects.toThrow('is leaving at this moment');
  expect(at.store.read((reader) => findAccount(reader, ALICE))).toBeDefined();
  expect(at.mail.list(ALICE)).toHaveLength(2);
});

test('a serve that has nothing to do with its mailbox is not waited for', async () => {
  await using at = await fullBench();
  await at.store.write((tx) => putMirror(tx, { account: ALICE, state: 'idle', sinceMs: 1, nextAtMs: 1 }));
  const lock = lockDataDirectory(at.dataDir);
  try {
    expect(await erase(at)).toMatchObject({ messages: 251 });
  } finally {
    lock.release();
  }
});

test('an account without anything can be erased, too', async () => {
  await using at = await bench();
  expect(await erase(at)).toMatchObject({ mailboxes: 0, messages: 0, submissions: 0, hadCredential: false });
});
