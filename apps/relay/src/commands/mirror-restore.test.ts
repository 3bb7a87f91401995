/* `stopgap mirror deleted` and `mirror restore` as people and scripts use them. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asId, MailError, systemClock, type AccountId, type MailboxId, type MessageId } from '@stopgap/core';
import { createLog, createMailEvents } from '@stopgap/log';
import { addMessage, createMailbox, deleteMailbox, expungeMessages, openMailboxes, type Mailboxes } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, listMailboxMessages, lockDataDirectory, openIntents, putAccount, wantedMessages } from '@stopgap/store';
import { tempStore, type TempStore } from '@stopgap/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sentenceOf } from '../failure.ts';
import { programOf } from '../main.ts';
import { restoreWanted } from '../restore-wanted.ts';

const ALICE = asId.account('alice@provider.test');
const BOB = asId.account('bob@provider.test');
const DAY_MS = 86_400_000;

let temp: TempStore;
let mail: Mailboxes;

beforeEach(async () => {
  temp = await tempStore();
  await writeFile(join(temp.dataDir, 'stopgap.yaml'), 'hostname: relay.test\ndata: .\nlisten: { http: false }\n');
  await temp.store.write((tx) => {
    for (const id of [ALICE, BOB]) {
      putAccount(tx, { id, address: id, provider: asId.provider('provider'), name: '', state: 'active', createdAtMs: 0 });
    }
  });
  mail = openMailboxes({ store: temp.store, dataDir: temp.dataDir, clock: systemClock, keepExpungedMs: 30 * DAY_MS });
  for (const account of [ALICE, BOB]) await make('INBOX', account);
});
afterEach(async () => {
  await mail.close();
  await temp.dispose();
});

/** In this process: a new one for each takes seconds on a busy machine. */
async function stopgap(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = '';
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  try {
    await programOf().parseAsync(['--config', join(temp.dataDir, 'stopgap.yaml'), 'mirror', ...args], { from: 'user' });
    return { code: 0, stdout, stderr: '' };
  } catch (error) {
    return { code: error instanceof MailError && error.code === 'usage' ? 2 : 1, stdout, stderr: sentenceOf(error) };
  } finally {
    written.mockRestore();
  }
}

function make(name: string, account: AccountId = ALICE): Promise<MailboxId> {
  return mail.write(account, (tx) => createMailbox(tx, { name, isSubscribed: true, by: 'upstream' }).id);
}

function add(subject: string, to: { readonly mailbox?: string; readonly account?: AccountId } = {}): Promise<MessageId> {
  const { mailbox = 'INBOX', account = ALICE } = to;
  const bytes = Buffer.from(
    `From: Ben <ben@far.test>\r\nDate: Mon, 23 Nov 2026 04:12:00 +0000\r\nSubject: ${subject}\r\n\r\n${subject}\r\n`,
  );
  const blob = { hash: asId.blobHash(createHash('sha256').update(bytes).digest('hex')), sizeBytes: bytes.length, inline: bytes };
  return mail.write(account, (tx) => {
    const place = findMailboxByName(tx.tx, account, mailbox)?.id ?? asId.mailbox(0);
    const content = { blob, digest: digestOf(bytes), completeness: 'raw', receivedAtMs: 0, flags: [] } as const;
    return addMessage(tx, { mailbox: place, ...content, by: 'upstream' }).id;
  });
}

async function lose(
  ids: readonly MessageId[],
  { account = ALICE, by = 'upstream', agoMs = 0 }: { account?: AccountId; by?: 'here' | 'upstream'; agoMs?: number } = {},
): Promise<void> {
  await mail.write(account, (tx) => expungeMessages(tx, ids, by));
  await temp.store.write((tx) => {
    for (const id of ids) tx.run('UPDATE expunged SET expunged_at_ms = expunged_at_ms - ? WHERE message_id = ?', agoMs, id);
  });
}

const wanted = () => temp.store.read((reader) => wantedMessages(reader, ALICE));
const idsIn = (name: string): readonly MessageId[] =>
  temp.store.read((reader) => {
    const id = findMailboxByName(reader, ALICE, name)?.id;
    return id === undefined ? [] : listMailboxMessages(reader, id, { afterUid: 0, limit: 1000 }).map((one) => one.id);
  });

/** What a running `serve` does: it holds the lock, and acts. */
function serving(quotaBytes?: number): AsyncDisposable {
  const lock = lockDataDirectory(temp.dataDir);
  const stop = new AbortController();
  const options = { store: temp.store, dataDir: temp.dataDir, clock: systemClock, keepExpungedMs: 30 * DAY_MS };
  const mailboxes = openMailboxes({ ...options, ...(quotaBytes === undefined ? {} : { quotaBytes }) });
  const log = createLog({ level: 'error', format: 'json' });
  const work = restoreWanted({ mailboxes, events: createMailEvents({ log }), clock: systemClock, log, signal: stop.signal });
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await work;
      await mailboxes.close();
      lock.release();
    },
  };
}

test('deleted lists what can be restored, for programs', async () => {
  const [one, two] = [await add('one'), await add('two')];
  await make('Work');
  const three = await add('three', { mailbox: 'Work' });
  await lose([one], { agoMs: DAY_MS });
  await lose([three]);
  await lose([two], { agoMs: 31 * DAY_MS });
  const { code, stdout } = await stopgap('deleted', ALICE, '--json');
  expect(code).toBe(0);
  const lines = JSON.parse(stdout) as readonly { readonly deletedAt: string; readonly keptUntil: string }[];
  expect(lines).toMatchObject([
    { number: three, mailbox: 'Work', subject: 'three' },
    {
      number: one,
      mailbox: 'INBOX',
      date: '2026-11-23T04:12:00.000Z',
      from: 'Ben <ben@far.test>',
      subject: 'one',
      by: 'upstream',
      alsoIn: [],
      isWanted: false,
    },
  ]);
  for (const { deletedAt, keptUntil } of lines) expect(Date.parse(keptUntil) - Date.parse(deletedAt)).toBe(30 * DAY_MS);
  const numbersOf = async (...more: readonly string[]) =>
    (JSON.parse((await stopgap('deleted', ALICE, '--json', ...more)).stdout) as readonly { readonly number: number }[]).map(
      ({ number }) => number,
    );
  expect(await numbersOf('--since', '2h')).toEqual([three]);
  expect(await numbersOf('--mailbox', 'inbox')).toEqual([one]);
  expect(await numbersOf('--search', 'THREE')).toEqual([three]);
  expect(await numbersOf('--limit', '1')).toEqual([three]);
});

test('deleted tells people when, by whom and until when; where it is even so; and how to bring it back', async () => {
  const [one, two] = [await add('one'), await add('two\u202e')];
  await make('Archive');
  await add('one', { mailbox: 'Archive' });
  await lose([one]);
  await lose([two], { by: 'here' });
  const { stdout } = await stopgap('deleted', ALICE, '--limit', '2');
  expect(stdout).toMatch(/^NUMBER +DELETED \(UTC\) +BY +MAILBOX +KEPT UNTIL +DATE +FROM +SUBJECT$/m);
  expect(stdout).toMatch(
    new RegExp(`^${two} +\\S+ \\S+ \\(just now\\) +here +INBOX +\\S+ \\S+ +2026-11-23 04:12 +Ben <ben@far.test> +two\ufffd$`, 'm'),
  );
  expect(stdout).toMatch(new RegExp(`^${one} .* provider +INBOX \\(also in Archive\\) `, 'm'));
  expect(stdout).toContain('(the first 2; --limit shows more)');
  expect(stdout).toContain(`"stopgap mirror restore ${ALICE} NUMBER"`);
  expect((await stopgap('deleted', BOB)).stdout).toContain(`Nothing of ${BOB} that was deleted is kept`);
});

test('restore brings back under a running serve, and says so; a second time nothing is done', async () => {
  const work = await make('Work');
  const [one, two] = [await add('one'), await add('two', { mailbox: 'Work' })];
  await lose([one]);
  await mail.write(ALICE, (tx) => deleteMailbox(tx, work, 'upstream'));
  await using _ = serving();
  const { code, stdout } = await stopgap('restore', ALICE, String(one), String(two));
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `1 message back in INBOX.\n1 message back in Work.\nWhat the provider has lost it is given again; "stopgap mirror status ${ALICE}" shows how far that is.\n`,
  });
  expect([idsIn('INBOX'), idsIn('Work')]).toEqual([[one], [two]]);
  const intents = () => temp.store.read((reader) => openIntents(reader, ALICE, 10)).map(({ work: { kind } }) => kind);
  expect(intents()).toEqual(['append', 'create-mailbox', 'subscribe', 'append']);
  const again = await stopgap('restore', ALICE, String(one));
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain(`message ${one} is in INBOX: it was restored before, or never deleted`);
  expect(idsIn('INBOX')).toEqual([one]);
  expect(intents()).toHaveLength(4);
});

test('without a serve it waits for the next one, and is listed as such', async () => {
  const one = await add('one');
  await lose([one]);
  const { code, stdout } = await stopgap('restore', ALICE, String(one));
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '1 message to be restored to INBOX.\nNo "stopgap serve" runs: the next one restores them when it starts.\n',
  });
  expect(wanted()).toEqual([one]);
  expect((await stopgap('deleted', ALICE)).stdout).toContain('is being restored');
  expect(JSON.parse((await stopgap('restore', ALICE, String(one), '--json')).stdout)).toEqual({
    address: ALICE,
    isDryRun: false,
    isRunning: false,
    messages: [{ number: one, mailbox: 'INBOX', state: 'waiting' }],
    leftOut: [],
  });
  await using _ = serving();
  await expect.poll(wanted).toEqual([]);
  expect(idsIn('INBOX')).toEqual([one]);
});

test('all since a time, of one mailbox, or tried first', async () => {
  const [old, one, two] = [await add('old'), await add('one'), await add('two')];
  await make('Work');
  const three = await add('three', { mailbox: 'Work' });
  await lose([old], { agoMs: 2 * DAY_MS });
  await lose([one, two, three]);
  const tried = await stopgap('restore', ALICE, '--since', '1h', '--dry-run');
  expect(tried.stdout).toBe('1 message would be restored to Work.\n2 messages would be restored to INBOX.\nNothing was changed.\n');
  expect(wanted()).toEqual([]);
  await stopgap('restore', ALICE, '--since', '1h', '--mailbox', 'INBOX');
  expect(wanted()).toEqual([one, two]);
  await stopgap('restore', ALICE, '--since', new Date(Date.now() - 3 * DAY_MS).toISOString().slice(0, 10), '--to', 'Found/again');
  await using _ = serving();
  await expect.poll(wanted).toEqual([]);
  expect(idsIn('Found/again')).toEqual([old, one, two, three]);
});

test('what was only moved, or deleted twice, does not come back twice', async () => {
  await make('Archive');
  const moved = await add('moved');
  await add('moved', { mailbox: 'Archive' });
  const twice = await add('twice');
  await lose([moved, twice]);
  const again = await add('twice');
  await lose([again]);
  const { stdout } = await stopgap('restore', ALICE, '--since', '1h', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    messages: [{ number: again, mailbox: 'INBOX', state: 'waiting' }],
    leftOut: [
      { number: twice, why: `has the same content as ${again}` },
      { number: moved, why: expect.stringContaining('is in Archive as another message of the same content') },
    ],
  });
  expect((await stopgap('restore', ALICE, String(moved))).stderr).toContain('"--to MAILBOX" puts it into another one all the same');
  expect((await stopgap('restore', ALICE, String(moved), '--to', 'Archive')).stderr).toContain('is in Archive as another message');
  expect((await stopgap('restore', ALICE, String(moved), '--to', 'INBOX')).code).toBe(0);
});

test('what was asked for before counts as a twin, until it is back', async () => {
  const first = await add('twins');
  await lose([first]);
  const second = await add('twins');
  await lose([second]);
  await stopgap('restore', ALICE, String(first));
  expect((await stopgap('restore', ALICE, String(second))).stderr).toContain(`has the same content as ${first}`);
  expect(wanted()).toEqual([first]);
  expect((await stopgap('restore', ALICE, String(first))).code).toBe(0);
  expect((await stopgap('restore', ALICE, String(second), '--to', 'Other')).code).toBe(0);
  expect(wanted()).toEqual([first, second]);
});

test('what nobody has the body of is no message to bring back', async () => {
  const bytes = Buffer.from('Subject: large\r\n\r\n');
  const one = await mail.write(ALICE, (tx) => {
    const inbox = findMailboxByName(tx.tx, ALICE, 'INBOX')?.id ?? asId.mailbox(0);
    const content = { digest: digestOf(bytes), completeness: 'headers', receivedAtMs: 0, flags: [], sizeBytes: 1_000_000 } as const;
    return addMessage(tx, { mailbox: inbox, ...content, by: 'upstream' }).id;
  });
  await lose([one]);
  expect((await stopgap('restore', ALICE, String(one))).stderr).toContain(`message ${one} is not whole: only its headers were ever here`);
});

test('what serve can not restore is told with its reason', async () => {
  const one = await add('one');
  await lose([one]);
  await using _ = serving(1);
  const { code, stdout, stderr } = await stopgap('restore', ALICE, String(one), '--json');
  expect(code).toBe(1);
  expect(stderr).toContain(`1 message could not be restored and is still kept. Message ${one}: The account is over its quota.`);
  expect(JSON.parse(stdout)).toMatchObject({ messages: [{ number: one, state: 'refused', why: 'The account is over its quota.' }] });
});

test('what is asked for wrongly is answered with a sentence, and nothing is done', async () => {
  const [one, old] = [await add('one'), await add('old')];
  const theirs = await add('theirs', { account: BOB });
  await lose([one]);
  await lose([old], { agoMs: 31 * DAY_MS });
  await lose([theirs], { account: BOB });
  const refusals: readonly (readonly [readonly string[], 1 | 2, string])[] = [
    [['deleted', 'carol@provider.test'], 1, 'There is no account carol@provider.test'],
    [['deleted', ALICE, '--mailbox', 'Nowhere'], 1, 'There is no mailbox Nowhere'],
    [['deleted', ALICE, '--since', 'yesterday'], 2, '--since takes a time as 2026-11-26'],
    [['deleted', ALICE, '--limit', '0'], 2, '--limit takes a whole number above 0'],
    [['restore', 'carol@provider.test', '1'], 1, 'There is no account carol@provider.test'],
    [['restore', ALICE], 2, 'Name numbers, or say --since TIME'],
    [['restore', ALICE, '1', '--since', '1h'], 2, 'not both'],
    [['restore', ALICE, '1', '--mailbox', 'INBOX'], 2, '--mailbox goes with --since'],
    [['restore', ALICE, 'one'], 2, 'NUMBER takes a whole number above 0, not "one"'],
    [['restore', ALICE, String(one), '987654'], 1, `There is no deleted message 987654 of ${ALICE}`],
    [['restore', ALICE, String(theirs)], 1, `There is no deleted message ${theirs} of ${ALICE}`],
    [['restore', ALICE, String(one), String(old)], 1, `Message ${old} was deleted 31 d ago and is not kept any more`],
    [['restore', ALICE, String(one), '--to', 'a//b'], 1, 'A mailbox can not have this name'],
    [['restore', ALICE, '--since', '2099-01-01'], 1, `Nothing of ${ALICE} that was deleted since 2099-01-01 is kept`],
  ];
  for (const [args, code, sentence] of refusals) {
    const answer = await stopgap(...args);
    expect(answer, args.join(' ')).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(sentence) });
  }
  expect(wanted()).toEqual([]);
});
