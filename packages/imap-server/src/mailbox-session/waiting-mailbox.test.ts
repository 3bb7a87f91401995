import { asId, type SubmissionId } from '@stopgap/core';
import {
  insertAttempt,
  insertRecipients,
  insertSubmission,
  keepBlob,
  leaseRecipient,
  markAttempt,
  recipientsOf,
  setHeld,
  type SubmissionRow,
} from '@stopgap/store';
import { expect, test } from 'vitest';
import type { SelectedMailbox } from '../session.ts';
import { TestServer } from '../test-server.ts';
import { openMailboxSession } from './mailbox-session.ts';
import { ALICE, ALL, bytesOf, fetched, TestSession } from './test-session.ts';
import { WaitingMail, type OutboxNews } from './waiting-mail.ts';

const NAME = 'Outbox (waiting)';
const LETTER =
  'From: alice@a.test\r\nTo: bob@b.test\r\nSubject: on its way\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nX-Kind: test\r\n\r\nHello Bob\r\n';

async function scene() {
  const at = await TestSession.open();
  const news = newsOfOne();
  const waiting = new WaitingMail({ ...at.deps, news });
  const session = await openMailboxSession({ account: ALICE }, { ...at.deps, waiting });
  return { at, session, news };
}

/** Of one account. */
function newsOfOne(): OutboxNews {
  let number = 0;
  const waiting = new Set<() => void>();
  return {
    changed() {
      number += 1;
      for (const wake of waiting) wake();
    },
    listen: () => ({
      number: () => number,
      wait: (since, signal) =>
        new Promise((resolve) => {
          if (number !== since || signal.aborted) return resolve();
          waiting.add(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        }),
      end: () => undefined,
    }),
  };
}

async function submit({ temp: { store } }: TestSession, id: string, text = LETTER, to = ['bob@b.test']): Promise<SubmissionId> {
  const submission = asId.submission(id);
  const writer = store.blobs.stage();
  await writer.write(Buffer.from(text));
  const blob = await writer.finish();
  await store.write((tx) => {
    const row: SubmissionRow = {
      id: submission,
      account: ALICE,
      provider: asId.provider('a'),
      kind: 'message',
      envelope: { from: 'alice@a.test', smtpUtf8: false, eightBitMime: false },
      messageId: `<${id}@a.test>`,
      blob: keepBlob(tx, blob),
      helo: 'x',
      protocol: 'ESMTPSA',
      acceptedAtMs: Date.UTC(2026, 10, 20, 10),
    };
    insertSubmission(tx, row, id);
    insertRecipients(
      tx,
      row,
      to.map((address) => ({ address })),
    );
  });
  return submission;
}

const flagsIn = async (mailbox: SelectedMailbox) =>
  (await fetched(mailbox, { detail: 'flags' })).map(({ uid, flags }) => [uid, flags.join(' ')]);

test('what has not left is there with its state, and is told of when that changes', async () => {
  const { at, session, news } = await scene();
  await using _ = at;
  const first = await submit(at, 'one');
  await submit(at, 'two');
  expect((await session.list()).map(({ name }) => name)).toEqual(['INBOX', NAME]);
  expect(await session.status(NAME)).toMatchObject({ messages: 2, unseen: 0, uidNext: 3, sizeBytes: 2 * LETTER.length });
  const { mailbox, snapshot } = await session.open(NAME, { isReadOnly: false });
  expect([...snapshot.uids]).toEqual([1, 2]);
  expect(await flagsIn(mailbox)).toEqual([
    [1, '$seen waiting'],
    [2, '$seen waiting'],
  ]);
  const waits = mailbox.waitForChange(snapshot.modSeq, AbortSignal.timeout(20_000));
  await at.temp.store.write((tx) => setHeld(tx, first, true));
  news.changed(ALICE);
  expect(await waits).toBeGreaterThan(snapshot.modSeq);
  expect(await mailbox.changesSince(snapshot.modSeq)).toMatchObject({ changed: [{ uid: 1, flags: ['$seen', 'held'] }], vanished: [] });
  const [view] = await fetched(mailbox, { detail: 'view' }, [[2, 2]]);
  expect(view?.view?.envelope()).toMatchObject({ subject: 'on its way' });
  expect(view?.row).toMatchObject({ emailId: 'stwo', sizeBytes: LETTER.length });
  expect(await bytesOf((await mailbox.content(asId.uid(2), 'whole', AbortSignal.timeout(10_000)))?.open(0, LETTER.length))).toBe(LETTER);
});

test('a mark that one connection sets wakes the others', async () => {
  const { at, session } = await scene();
  await using _ = at;
  await submit(at, 'one');
  const { mailbox, snapshot } = await session.open(NAME, { isReadOnly: false });
  const waits = mailbox.waitForChange(snapshot.modSeq, AbortSignal.timeout(20_000));
  const other = await session.open(NAME, { isReadOnly: false });
  await other.mailbox.store([[1, 1]], { kind: 'change', change: { add: ['$deleted'], remove: [] } }, {});
  expect(await waits).toBeGreaterThan(snapshot.modSeq);
  const given = new AbortController();
  const inVain = mailbox.waitForChange(await waits, given.signal);
  given.abort();
  expect(await inVain).toBe(await waits);
});

test('the queue is looked at for who asks for it, not for each SELECT of IMAP4rev2', async () => {
  const at = await TestSession.open();
  await using _ = at;
  let looks = 0;
  const read: typeof at.deps.store.read = (job) => {
    looks += 1;
    return at.deps.store.read(job);
  };
  const waiting = new WaitingMail({ ...at.deps, store: { ...at.deps.store, read }, news: newsOfOne() });
  await using server = await TestServer.start({ openSession: (who) => openMailboxSession(who, { ...at.deps, waiting }) });
  const talk = await server.logIn();
  await talk.command('ENABLE IMAP4rev2');
  expect((await talk.command('SELECT INBOX')).join()).toContain('* LIST (\\HasNoChildren');
  await talk.command('CREATE One');
  await talk.command('RENAME One Two');
  expect(looks).toBe(0);
  expect(await talk.command(`SELECT "${NAME}"`)).toContain(`* LIST (\\HasNoChildren \\Subscribed) "/" "${NAME}"`);
  expect(looks).toBeGreaterThan(0);
});

test('marking many looks at the queue as often as marking one, and so does what is new', async () => {
  await using at = await TestSession.open();
  let looks = 0;
  const read: typeof at.deps.store.read = (job) => {
    looks += 1;
    return at.deps.store.read(job);
  };
  const waiting = new WaitingMail({ ...at.deps, store: { ...at.deps.store, read }, news: newsOfOne() });
  const session = await openMailboxSession({ account: ALICE }, { ...at.deps, waiting });
  for (let nth = 1; nth <= 30; nth += 1) await submit(at, `number ${nth}`);
  const { mailbox, snapshot } = await session.open(NAME, { isReadOnly: false });
  const looksOf = async (job: () => Promise<unknown>): Promise<number> => {
    looks = 0;
    await job();
    return looks;
  };
  const mark = (upTo: number) => () => mailbox.store([[1, upTo]], { kind: 'change', change: { add: ['$deleted'], remove: [] } }, {});
  const one = await looksOf(mark(1));
  expect(await looksOf(mark(30))).toBe(one);
  expect(await looksOf(() => mailbox.changesSince(snapshot.modSeq))).toBe(1);
  expect((await flagsIn(mailbox)).map(([, flags]) => flags)).toEqual(Array.from({ length: 30 }, () => '$deleted $seen waiting'));
});

test('deleting one cancels it', async () => {
  const { at, session } = await scene();
  await using _ = at;
  const one = await submit(at, 'one');
  const two = await submit(at, 'two');
  const { mailbox, snapshot } = await session.open(NAME, { isReadOnly: false });
  const marked = await mailbox.store([[1, 1]], { kind: 'change', change: { add: ['$deleted', '$flagged'], remove: [] } }, {});
  expect(marked.changed).toMatchObject([{ uid: 1, flags: ['$deleted', '$seen', 'waiting'] }]);
  expect(await session.deletedIn(NAME)).toMatchObject({ messages: 1 });
  await mailbox.expunge(undefined);
  const stateOf = (id: SubmissionId) => at.temp.store.read((reader) => recipientsOf(reader, id)).map(({ state }) => state);
  expect([stateOf(one), stateOf(two)]).toEqual([['cancelled'], ['queued']]);
  expect(await mailbox.changesSince(snapshot.modSeq)).toMatchObject({ changed: [], vanished: [1] });
  expect(await mailbox.vanishedSince(snapshot.modSeq, ALL)).toEqual([1]);
});

test('one that may have left is neither deleted nor taken back: it stays until that is known', async () => {
  const { at, session } = await scene();
  await using _ = at;
  const one = await submit(at, 'one');
  await at.temp.store.write((tx) => tx.run("UPDATE recipient SET state = 'unsure'"));
  const { mailbox } = await session.open(NAME, { isReadOnly: false });
  await mailbox.store([[1, 1]], { kind: 'change', change: { add: ['$deleted'], remove: [] } }, {});
  await mailbox.expunge(undefined);
  expect((await mailbox.move([[1, 1]], 'INBOX')).from).toEqual([]);
  expect(at.temp.store.read((reader) => recipientsOf(reader, one)).map(({ state }) => state)).toEqual(['unsure']);
  expect(await flagsIn(mailbox)).toEqual([[1, '$deleted $seen unsure']]);
  expect(await session.status('INBOX')).toMatchObject({ messages: 0 });
});

const statesOf = (at: TestSession, id: SubmissionId) => at.temp.store.read((reader) => recipientsOf(reader, id)).map(({ state }) => state);
const moveFirst = (at: TestSession, state: string) =>
  at.temp.store.write((tx) => tx.run('UPDATE recipient SET state = ? WHERE id = (SELECT min(id) FROM recipient)', state));

test('of one that somebody may have, what has not left is cancelled by a move: it is put there, stays until that is known, and is not told as moved', async () => {
  const { at, session } = await scene();
  await using _ = at;
  const one = await submit(at, 'one', LETTER, ['bob@b.test', 'carol@c.test']);
  await moveFirst(at, 'unsure');
  await session.create('Drafts', 'Drafts');
  const { mailbox } = await session.open(NAME, { isReadOnly: false });
  expect(await mailbox.move([[1, 1]], 'Drafts')).toMatchObject({ from: [], to: [] });
  expect(statesOf(at, one)).toEqual(['unsure', 'cancelled']);
  expect(await flagsIn(mailbox)).toEqual([[1, '$seen unsure']]);
  // Nothing further is done by another try, and no second copy made.
  expect((await mailbox.move([[1, 1]], 'Drafts')).from).toEqual([]);
  expect(await session.status('Drafts')).toMatchObject({ messages: 1 });
});

test('of one that somebody has, the rest is cancelled by a move, and it is gone', async () => {
  const { at, session } = await scene();
  await using _ = at;
  const one = await submit(at, 'one', LETTER, ['bob@b.test', 'carol@c.test']);
  await moveFirst(at, 'delivered');
  await session.create('Drafts', 'Drafts');
  const { mailbox } = await session.open(NAME, { isReadOnly: false });
  expect(await mailbox.move([[1, 1]], 'Drafts')).toMatchObject({ from: [1], to: [1] });
  expect(statesOf(at, one)).toEqual(['delivered', 'cancelled']);
  expect(await flagsIn(mailbox)).toEqual([]);
});

test('one that is leaving at this moment is not moved, and nothing of it is cancelled', async () => {
  const { at, session } = await scene();
  await using _ = at;
  const one = await submit(at, 'one', LETTER, ['bob@b.test', 'carol@c.test']);
  await at.temp.store.write((tx) => {
    const route = asId.path('a/outgoing/smtp/x:587');
    const attempt = insertAttempt(tx, { submission: one, route, startedAtMs: 1 });
    for (const { id } of recipientsOf(tx, one).slice(0, 1)) leaseRecipient(tx, id, { attempt, route, untilMs: Number.MAX_SAFE_INTEGER });
    markAttempt(tx, attempt, { nowMs: 2 });
  });
  await session.create('Drafts', 'Drafts');
  const { mailbox } = await session.open(NAME, { isReadOnly: false });
  expect(await mailbox.move([[1, 1]], 'Drafts')).toMatchObject({ from: [], to: [] });
  expect(statesOf(at, one)).toEqual(['leased', 'queued']);
  expect(await session.status('Drafts')).toMatchObject({ messages: 0 });
});

test('moving one out of it takes it back, copying does not', async () => {
  const { at, session } = await scene();
  await using _ = at;
  const one = await submit(at, 'one');
  await submit(at, 'two');
  await session.create('Drafts', 'Drafts');
  const { mailbox } = await session.open(NAME, { isReadOnly: false });
  expect(await mailbox.move([[1, 1]], 'Drafts')).toMatchObject({ from: [1], to: [1] });
  expect(await mailbox.copy([[2, 2]], 'Drafts')).toMatchObject({ from: [2], to: [2] });
  expect(at.temp.store.read((reader) => recipientsOf(reader, one))[0]?.state).toBe('cancelled');
  expect((await session.status(NAME))?.messages).toBe(1);
  const drafts = await session.open('Drafts', { isReadOnly: false });
  const copy = await drafts.mailbox.content(asId.uid(1), 'whole', AbortSignal.timeout(10_000));
  expect(await bytesOf(copy?.open(0, copy.sizeBytes))).toBe(LETTER);
});

test('nothing else can be done to it', async () => {
  const { at, session } = await scene();
  await using _ = at;
  await expect(session.append(NAME)).rejects.toMatchObject({ code: 'mailbox-read-only' });
  await expect(session.delete(NAME)).rejects.toMatchObject({ code: 'mailbox-read-only' });
  await expect(session.rename('INBOX', NAME)).rejects.toMatchObject({ code: 'mailbox-read-only' });
  await expect(session.create(NAME, undefined)).rejects.toMatchObject({ code: 'mailbox-exists' });
  const { mailbox } = await session.open(NAME, { isReadOnly: true });
  await expect(mailbox.expunge(undefined)).rejects.toMatchObject({ code: 'mailbox-read-only' });
});

test('it is searched like any other', async () => {
  const { at, session } = await scene();
  await using _ = at;
  await submit(at, 'one');
  await submit(at, 'two', LETTER.replace('Hello Bob', 'Hello Carol').replace('X-Kind', 'X-Other'));
  const { mailbox } = await session.open(NAME, { isReadOnly: true });
  const found = async (criteria: Parameters<typeof mailbox.search>[0]) =>
    (await mailbox.search(criteria, AbortSignal.timeout(10_000))).uids;
  expect(await found({ kind: 'text', field: 'body', value: 'carol' })).toEqual([2]);
  expect(await found({ kind: 'text', field: 'to', value: 'bob@b' })).toEqual([1, 2]);
  expect(await found({ kind: 'header', name: 'x-kind', value: '' })).toEqual([1]);
  expect(await found({ kind: 'not', of: { kind: 'flag', flag: 'waiting' } })).toEqual([]);
  expect(await found({ kind: 'sent', fromMs: Date.UTC(2026, 10, 20), untilMs: Date.UTC(2026, 10, 21) })).toEqual([1, 2]);
});
