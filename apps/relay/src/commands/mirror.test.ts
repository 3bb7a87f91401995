/* `stopgap mirror` as scripts use it: the JSON of the contract, and what the commands change in the store. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asId, type AccountId } from '@stopgap/core';
import {
  findMirror,
  insertIntent,
  insertMailbox,
  insertMailAccount,
  insertRemoteMailbox,
  listAccounts,
  listRemoteMailboxes,
  putAccount,
  putMirror,
  updateMailbox,
  findMailbox,
  type Store,
} from '@stopgap/store';
import { tempStore, type TempStore } from '@stopgap/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mirrorStatus } from './mirror-status.ts';

const PROGRAM = resolve(import.meta.dirname, '../stopgap.mjs');
const ALICE = asId.account('alice@provider.test');
const BOB = asId.account('bob@provider.test');
const PATH = asId.path('provider incoming imap imap.provider.test:993');

let temp: TempStore;

beforeEach(async () => {
  temp = await tempStore();
  await writeFile(join(temp.dataDir, 'stopgap.yaml'), 'hostname: relay.test\ndata: .\nlisten: { http: false }\n');
  await fill(temp.store);
});
afterEach(() => temp.dispose());

function stopgap(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [PROGRAM, 'mirror', ...args], { cwd: temp.dataDir, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

async function fill(store: Store): Promise<void> {
  const modSeq = asId.modSeq(1);
  await store.write((tx) => {
    for (const id of [ALICE, BOB]) {
      putAccount(tx, { id, address: id, provider: asId.provider('provider'), name: '', state: 'active', createdAtMs: 0 });
    }
    insertMailAccount(tx, ALICE);
    for (const [name, total] of [
      ['INBOX', 80],
      ['Sent', 5],
    ] as const) {
      const mailbox = insertMailbox(tx, { account: ALICE, name, isSubscribed: true, uidValidity: 1, modSeq });
      const row = findMailbox(tx, mailbox);
      if (row) updateMailbox(tx, { ...row, total });
      insertRemoteMailbox(tx, {
        account: ALICE,
        space: 'uidl:old',
        remoteId: asId.remoteMailbox(name),
        mailbox,
        total: 999,
        listedAtMs: 1,
      });
      const brake = JSON.stringify({ state: 'held', sinceMs: 3000, gone: 60, of: 80 });
      insertRemoteMailbox(tx, {
        account: ALICE,
        space: `imap-uid:${PATH}`,
        remoteId: asId.remoteMailbox(name),
        mailbox,
        total: total + 20,
        listedAtMs: 2,
        ...(name === 'INBOX' ? { brake } : {}),
      });
    }
    insertIntent(tx, { account: ALICE, work: { kind: 'create-mailbox' }, nowMs: 1 });
    putMirror(tx, {
      account: ALICE,
      path: PATH,
      state: 'following',
      sinceMs: 1000,
      lastUpdateMs: 2000,
      nextAtMs: 4_000_000_000_000,
      progress: JSON.stringify({ perSecond: 12 }),
      report: JSON.stringify({
        sinceMs: 1000,
        found: { messages: 85, expunged: 0, flags: 0 },
        carriedBack: {},
        notCarriedBack: [{ what: 'a move', why: 'no room' }],
        decided: [],
        unreadable: [],
        held: [{ mailbox: 'INBOX', gone: 60, of: 80, sinceMs: 3000 }],
      }),
    });
  });
}

const askedAt = (account: AccountId) => temp.store.read((reader) => findMirror(reader, account)?.askedAtMs);

test('status is what the contract says, and more', async () => {
  const { code, stdout } = await stopgap('status', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([
    {
      address: ALICE,
      path: PATH,
      state: 'following',
      since: '1970-01-01T00:00:01.000Z',
      messages: 85,
      total: 125,
      pendingIntents: 1,
      mailboxes: [
        { name: 'INBOX', messages: 80, total: 100 },
        { name: 'Sent', messages: 5, total: 25 },
      ],
      lastUpdate: '1970-01-01T00:00:02.000Z',
      next: new Date(4_000_000_000_000).toISOString(),
      held: [{ mailbox: 'INBOX', gone: 60, of: 80, since: '1970-01-01T00:00:03.000Z' }],
      progress: { perSecond: 12 },
    },
    {
      address: BOB,
      path: null,
      state: 'new',
      since: null,
      messages: 0,
      total: 0,
      pendingIntents: 0,
      mailboxes: [],
      lastUpdate: null,
      next: null,
      held: [],
      progress: null,
    },
  ]);
});

test('status of one tells people about its mailboxes and what is held', async () => {
  const { stdout } = await stopgap('status', ALICE);
  expect(stdout).toMatch(/alice@provider\.test +following +85 of 125 +1 /);
  expect(stdout).toMatch(/INBOX +80 +100/);
  expect(stdout).toContain('60 messages of 80 in INBOX gone at the provider');
  expect(stdout).not.toContain(BOB);
});

test('how fast it goes, and for how much longer, is told while it goes', async () => {
  const put = (state: string, leftS: number | null): Promise<void> =>
    temp.store.write((tx) => {
      const row = findMirror(tx, ALICE);
      const mailboxes = [{ name: 'Sent', messages: 5, total: 30 }];
      const progress = JSON.stringify({ mailboxes, messages: 85, total: 130, ratePerS: 12.5, leftS });
      if (row) putMirror(tx, { ...row, state, progress });
    });
  await put('syncing', 300);
  expect((await stopgap('status', ALICE)).stdout).toMatch(/syncing +85 of 130, 12\.5\/s, about 5 min left /);
  await put('idle', null);
  expect((await stopgap('status', ALICE)).stdout).toMatch(/idle +85 of 125 +1 /);
});

test('before the first listing, and where nobody can say how long it takes, the numbers are those of the rows', async () => {
  const mirror = { account: ALICE, state: 'syncing', sinceMs: 0, nextAtMs: 0 };
  for (const progress of [{}, { progress: JSON.stringify({ messages: 85, total: 85, ratePerS: 0, leftS: null }) }]) {
    await temp.store.write((tx) => putMirror(tx, { ...mirror, ...progress }));
    const status = temp.store.read((reader) => listAccounts(reader).map((account) => mirrorStatus(reader, account))[0]);
    expect(status).toMatchObject({ address: ALICE, messages: 85, total: 125 });
  }
});

test('an account that is not there is a failure with a sentence', async () => {
  const { code, stderr } = await stopgap('status', 'carol@provider.test');
  expect(code).toBe(1);
  expect(stderr).toContain('There is no account carol@provider.test');
});

test('sync asks for those that have begun', async () => {
  expect(await stopgap('sync')).toMatchObject({ code: 0, stdout: '1 account will be looked at now.\n' });
  expect(askedAt(ALICE)).toBeGreaterThan(0);
  expect((await stopgap('sync', BOB)).stdout).toContain('has not begun');
});

test('give-back has what is held given to the provider again, of one account or of all', async () => {
  expect((await stopgap('give-back')).stderr).toContain('--all');
  expect((await stopgap('give-back', ALICE, '--all')).code).toBe(2);
  expect((await stopgap('give-back', BOB)).code).toBe(1);
  const { code, stdout } = await stopgap('give-back', '--all');
  expect({ code, stdout: stdout.split(',')[0] }).toEqual({ code: 0, stdout: '60 messages will be given to the provider again' });
  const brakes = temp.store.read((reader) => listRemoteMailboxes(reader, ALICE)).flatMap(({ brake }) => (brake ? [JSON.parse(brake)] : []));
  expect(brakes).toEqual([{ state: 'given-back', sinceMs: 3000, gone: 60, of: 80 }]);
  expect([askedAt(ALICE), askedAt(BOB)]).toEqual([expect.any(Number), undefined]);
});

test('release lets what is held go, once, and asks for a look', async () => {
  expect(await stopgap('release', ALICE, 'Sent')).toMatchObject({ code: 1, stdout: '' });
  expect(askedAt(ALICE)).toBeUndefined();
  const { code, stdout } = await stopgap('release', ALICE);
  expect({ code, stdout: stdout.split(',')[0] }).toEqual({ code: 0, stdout: '60 messages will go here' });
  const brakes = temp.store
    .read((reader) => listRemoteMailboxes(reader, ALICE))
    .flatMap(({ brake }) => (brake === undefined ? [] : [JSON.parse(brake)]));
  expect(brakes).toEqual([{ state: 'released', sinceMs: 3000, gone: 60, of: 80 }]);
  expect(askedAt(ALICE)).toBeGreaterThan(0);
  expect((await stopgap('release', ALICE, 'INBOX')).code).toBe(1);
});

test('report is one document with times as ISO 8601, and told', async () => {
  expect(JSON.parse((await stopgap('report', ALICE, '--json')).stdout)).toEqual({
    since: '1970-01-01T00:00:01.000Z',
    found: { messages: 85, expunged: 0, flags: 0 },
    carriedBack: {},
    notCarriedBack: [{ what: 'a move', why: 'no room' }],
    decided: [],
    unreadable: [],
    held: [{ mailbox: 'INBOX', gone: 60, of: 80, since: '1970-01-01T00:00:03.000Z' }],
  });
  expect((await stopgap('report', BOB, '--json')).stdout).toBe('null\n');
  const { stdout } = await stopgap('report', ALICE);
  expect(stdout).toContain('Found: 85 messages');
  expect(stdout).toContain('Carried back: nothing');
  expect(stdout).toMatch(/a move +no room/);
  expect(stdout).toMatch(/60 messages of 80 in INBOX gone at the provider since 1970-01-01 00:00 .*mirror release alice@provider\.test/);
  expect((await stopgap('report', BOB)).stdout).toContain('Nothing to report');
});
