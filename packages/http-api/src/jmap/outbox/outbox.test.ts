/* What the extension says of a submission that was tried, and of the provider, clause by clause; and that it is told when the provider is another. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asId, pathIdOf, type Outage, type PathHealth, type Provider, type Reason, type SubmissionId } from '@stopgap/core';
import { parseEvents } from '@stopgap/jmap';
import { expungeMessages } from '@stopgap/mailbox';
import {
  beginIntent,
  endAttempt,
  endIntent,
  insertAttempt,
  insertIntent,
  leaseRecipient,
  markAttempt,
  moveRecipient,
  putMirror,
  recipientsOf,
  type RecipientMove,
} from '@stopgap/store';
import { until } from '@stopgap/testkit';
import { ALICE, ALICE_ID, basic, BOB, startBench, type Bench } from '../../test-bench.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NAME = asId.provider('test');
const pathOf = (name: string, kind: 'smtp' | 'imap', direction: 'incoming' | 'outgoing') =>
  ({
    id: pathIdOf(name, direction, kind, `${kind}.${name}.test:1`),
    provider: asId.provider(name),
    direction,
    kind,
    host: `${kind}.${name}.test`,
    port: 1,
    security: 'tls',
    connections: 1,
  }) as const;
const SMTP = pathOf('test', 'smtp', 'outgoing');
const IMAP = pathOf('test', 'imap', 'incoming');
const OTHER = pathOf('other', 'smtp', 'outgoing');
const probe = { everyMs: 1, timeoutMs: 1, downAfter: 1, upAfter: 1 };
const providerOf = (name: string, paths: Pick<Provider, 'incoming' | 'outgoing'>): Provider => ({
  name: asId.provider(name),
  domains: [`${name}.test`],
  login: 'address',
  probe,
  ...paths,
});
const REFUSED: Reason = { class: 'connect', text: 'The connection to smtp.test.test was refused.' };

let bench: Bench;
let outages: Outage[];
let notified: number;
beforeEach(async () => {
  outages = [];
  notified = 0;
  bench = await startBench({
    providers: [providerOf('other', { incoming: [], outgoing: [OTHER] }), providerOf(NAME, { incoming: [IMAP], outgoing: [SMTP] })],
    board: {
      health: (path): PathHealth => {
        const open = outages.find((outage) => outage.path === path && outage.endMs === undefined);
        return open === undefined ? { path, state: 'up', sinceMs: 0 } : { path, state: 'down', sinceMs: open.startMs, reason: open.reason };
      },
      outages: (sinceMs) => outages.filter(({ endMs }) => endMs === undefined || endMs > sinceMs),
      onChange: () => () => undefined,
    },
    notifyOutbox: () => void notified++,
  });
});
afterEach(() => bench[Symbol.asyncDispose]());

/** A submission to two recipients, and its id here. */
async function submitted(): Promise<{ readonly id: string; readonly submission: SubmissionId }> {
  const drafts = await bench.mailbox('Drafts', { role: 'drafts' });
  const { id: email } = await bench.deliver(drafts, `From: ${ALICE}\nTo: bob@x.test, carol@x.test\nSubject: Hello\n\nx\n`);
  const { list } = (await bench.one('Identity/get', { ids: null })) as unknown as { list: { id: string }[] };
  const answer = await bench.one('EmailSubmission/set', { create: { s: { identityId: list[0]?.id, emailId: `e${email}` } } });
  const id = (answer['created'] as Record<string, { id: string }>)['s']?.id ?? '';
  return { id, submission: asId.submission(id.slice(1)) };
}

/** One attempt as the queue leaves it behind: all recipients by SMTP, each then moved. */
async function attempted(
  submission: SubmissionId,
  outcome: 'deferred' | 'unsure',
  move: Pick<RecipientMove, 'notBeforeMs' | 'reason'>,
): Promise<void> {
  const nowMs = bench.clock.nowMs();
  await bench.store.write((tx) => {
    const attempt = insertAttempt(tx, { submission, route: SMTP.id, startedAtMs: nowMs });
    for (const { id } of recipientsOf(tx, submission)) {
      leaseRecipient(tx, id, { attempt, route: SMTP.id, untilMs: nowMs + MINUTE });
      const to = outcome === 'unsure' ? 'unsure' : 'queued';
      moveRecipient(tx, id, { from: ['leased'], to, attempt, countsTry: true, nowMs, ...move });
    }
    if (outcome === 'unsure') markAttempt(tx, attempt, { nowMs });
    endAttempt(tx, attempt, nowMs, { outcome, ...(move.reason === undefined ? {} : { reason: move.reason }) });
  });
}

const entry = async (id: string) => ((await bench.one('OutboxEntry/get', { ids: [id] }))['list'] as Record<string, unknown>[])[0];
const act = (id: string, action: string) => bench.one('OutboxEntry/act', { ids: [id], action });
const iso = (ms: number): string => new Date(ms).toISOString();

describe('of what was tried', () => {
  test('each recipient has its state, the route, the reason in plain words and the next try; and each attempt is told', async () => {
    const { id, submission } = await submitted();
    const nowMs = bench.clock.nowMs();
    await attempted(submission, 'deferred', { notBeforeMs: nowMs + 5 * MINUTE, reason: REFUSED });
    const common = { state: 'queued', held: false, tries: 1, route: SMTP.id, reason: REFUSED.text, reasonClass: 'connect' };
    expect(await entry(id)).toMatchObject({
      state: 'waiting',
      recipients: [
        { address: 'bob@x.test', ...common, nextAttemptAt: iso(nowMs + 5 * MINUTE) },
        { address: 'carol@x.test', ...common, nextAttemptAt: iso(nowMs + 5 * MINUTE) },
      ],
      attempts: [{ route: SMTP.id, startedAt: iso(nowMs), markedAt: null, endedAt: iso(nowMs), outcome: 'deferred', reason: REFUSED.text }],
    });
  });

  test('a person sends it now, without the wait that was set for it', async () => {
    const { id, submission } = await submitted();
    await attempted(submission, 'deferred', { notBeforeMs: bench.clock.nowMs() + HOUR, reason: REFUSED });
    bench.clock.jump(MINUTE);
    const before = notified;
    expect(await act(id, 'sendNow')).toMatchObject({ acted: { [id]: { changed: 2, underWay: 0 } }, notActed: {} });
    expect(notified).toBe(before + 1);
    const now = iso(bench.clock.nowMs());
    expect(await entry(id)).toMatchObject({ state: 'waiting', recipients: [{ nextAttemptAt: now }, { nextAttemptAt: now }] });
  });

  test('what is held has no next try, and is not sent now before it is released', async () => {
    const { id } = await submitted();
    await act(id, 'hold');
    expect(await entry(id)).toMatchObject({ state: 'held', recipients: [{ held: true, nextAttemptAt: null }, { held: true }] });
    expect(await act(id, 'sendNow')).toMatchObject({ acted: {}, notActed: { [id]: { type: 'notPossible' } } });
  });

  test.each([
    ['delivered', 'delivered', []],
    ['cancelled', 'cancelled', []],
    ['resend', 'waiting', ['cancel', 'sendNow', 'hold']],
  ])('what is unsure is %s by a person alone', async (action, state, actions) => {
    const { id, submission } = await submitted();
    await attempted(submission, 'unsure', { notBeforeMs: bench.clock.nowMs() + HOUR });
    expect(await entry(id)).toMatchObject({ state: 'unsure', actions: ['delivered', 'resend', 'cancelled'] });
    for (const other of ['sendNow', 'cancel'])
      expect(await act(id, other)).toMatchObject({ acted: {}, notActed: { [id]: { type: 'notPossible' } } });
    expect(await act(id, action)).toMatchObject({ acted: { [id]: { changed: 2, underWay: 0 } } });
    expect(await entry(id)).toMatchObject({ state, actions });
    expect(await act(id, action)).toMatchObject({ acted: {}, notActed: { [id]: { type: 'notPossible' } } });
  });

  test('one whose bytes are gone hides no other one, and is there itself, without its subject', async () => {
    const [lost, other] = [await submitted(), await submitted()];
    await bench.store.write((tx) =>
      tx.run("UPDATE blob SET bytes = NULL, hash = 'gone' WHERE id = (SELECT blob_id FROM submission WHERE id = ?)", lost.submission),
    );
    const { list } = await bench.one('OutboxEntry/get', { ids: [lost.id, other.id], properties: ['subject', 'state'] });
    expect(list).toEqual([
      { id: lost.id, subject: null, state: 'waiting' },
      { id: other.id, subject: 'Hello', state: 'waiting' },
    ]);
  });

  test('what is done with one is told, though that of another fails', async () => {
    const [one, other] = [await submitted(), await submitted()];
    const { state } = await bench.one('OutboxEntry/get', { ids: [] });
    await bench.store.write((tx) =>
      tx.run(`CREATE TRIGGER broken BEFORE UPDATE ON recipient WHEN NEW.submission_id = '${other.submission}'
        BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END`),
    );
    const before = notified;
    expect(await bench.one('OutboxEntry/act', { ids: [one.id, other.id], action: 'hold' })).toMatchObject({
      acted: { [one.id]: { changed: 2 } },
      notActed: { [other.id]: { type: 'serverFail' } },
    });
    expect(notified).toBe(before + 1);
    expect(await bench.one('OutboxEntry/changes', { sinceState: state })).toMatchObject({ updated: [one.id] });
  });
});

describe('of the provider', () => {
  const status = async () => ((await bench.one('ProviderStatus/get', { ids: null }))['list'] as Record<string, unknown>[])[0];

  test('each of its paths has a state, since and a reason; seven days of outages, without an end that is not known; nothing of another provider', async () => {
    const nowMs = bench.clock.nowMs();
    outages.push(
      { path: SMTP.id, startMs: nowMs - HOUR, reason: REFUSED },
      { path: OTHER.id, startMs: nowMs - HOUR, reason: REFUSED },
      { path: IMAP.id, startMs: nowMs - 3 * HOUR, endMs: nowMs - 2 * HOUR, reason: REFUSED },
      { path: IMAP.id, startMs: nowMs - 200 * HOUR, endMs: nowMs - 169 * HOUR, reason: REFUSED },
    );
    const second = (ms: number): string => iso(ms).replace('.000Z', 'Z');
    const why = { reason: REFUSED.text, reasonClass: 'connect' };
    expect(await status()).toEqual({
      id: 'singleton',
      provider: NAME,
      paths: [
        { direction: 'incoming', kind: 'imap', state: 'up', since: '1970-01-01T00:00:00Z', reason: null, reasonClass: null },
        { direction: 'outgoing', kind: 'smtp', state: 'down', since: second(nowMs - HOUR), ...why },
      ],
      outages: [
        { direction: 'outgoing', kind: 'smtp', start: second(nowMs - HOUR), end: null, ...why },
        { direction: 'incoming', kind: 'imap', start: second(nowMs - 3 * HOUR), end: second(nowMs - 2 * HOUR), ...why },
      ],
      mirror: {
        state: 'new',
        since: null,
        lastUpdate: null,
        progress: null,
        pendingChanges: 0,
        notCarriedBack: { count: 0, last: null },
        held: [],
      },
    });
    expect(await bench.one('ProviderStatus/get', { ids: ['other'] })).toMatchObject({ list: [], notFound: ['other'] });
  });

  test('what is gone there and kept here until somebody decides is told by mailbox, and nothing of another account', async () => {
    const held = [{ mailbox: 'INBOX', gone: 1203, of: 1300, sinceMs: bench.clock.nowMs() - HOUR }];
    const report = JSON.stringify({ sinceMs: 0, notCarriedBack: [], held });
    await bench.store.write((tx) => {
      putMirror(tx, { account: ALICE, state: 'held', sinceMs: 0, nextAtMs: 0, report });
      putMirror(tx, { account: BOB, state: 'held', sinceMs: 0, nextAtMs: 0, report: report.replace('1203', '7') });
    });
    const since = iso(bench.clock.nowMs() - HOUR).replace('.000Z', 'Z');
    expect(await status()).toMatchObject({ mirror: { state: 'held', held: [{ mailbox: 'INBOX', gone: 1203, of: 1300, since }] } });
  });

  test('what could not be carried back is told newest first: what, of which message, where, why and when', async () => {
    const full: Reason = { class: 'quota', text: 'The mailbox is full.' };
    const inbox = await bench.mailbox('INBOX', { role: 'inbox' });
    const recovered = await bench.mailbox('Recovered');
    const { id: stored } = await bench.deliver(recovered, `From: ${ALICE}\nSubject: Kept =?utf-8?q?f=C3=BCr?= you\n\nx\n`);
    const { id: deleted } = await bench.deliver(inbox, `From: ${ALICE}\nSubject: Deleted\n\nx\n`);
    await bench.mailboxes.write(ALICE, (mail) => expungeMessages(mail, [deleted], 'upstream'));
    const before = await status();
    const nowMs = bench.clock.nowMs();
    const failed = async (intent: Parameters<typeof insertIntent>[1], isBegun = true): Promise<string> => {
      bench.clock.jump(1000);
      const id = await bench.store.write((tx) => {
        const made = insertIntent(tx, intent);
        if (isBegun) beginIntent(tx, made, IMAP.id);
        endIntent(tx, made, { state: 'failed', nowMs: bench.clock.nowMs(), reason: full });
        return made;
      });
      return `x${id}`;
    };
    const of = { account: ALICE, nowMs } as const;
    const append = await failed({ ...of, message: stored, mailbox: recovered, work: { kind: 'append' } });
    const move = await failed({ ...of, message: stored, mailbox: recovered, work: { kind: 'move', from: inbox, to: recovered } });
    // It stands for the move, which is told of.
    await failed({ ...of, message: stored, mailbox: recovered, work: { kind: 'append' } }, false);
    const expunge = await failed({ ...of, message: deleted, mailbox: inbox, work: { kind: 'expunge', from: inbox } });
    const rename = await failed({ ...of, mailbox: recovered, work: { kind: 'rename-mailbox', from: 'Work', to: 'INBOX/Work' } });
    await failed({ account: BOB, nowMs, work: { kind: 'delete-mailbox', name: 'Private' } });
    await bench.store.write((tx) => insertIntent(tx, { ...of, message: stored, mailbox: inbox, work: { kind: 'append' } }));

    const after = await status();
    const second = (ms: number): string => iso(ms).replace('.000Z', 'Z');
    expect(after).toMatchObject({ mirror: { notCarriedBack: { count: 4, last: second(nowMs + 5000) } } });
    expect(before).toMatchObject({ mirror: { notCarriedBack: { count: 0, last: null } } });
    const why = { reason: full.text, reasonClass: 'quota' };
    const kept = { emailId: `e${stored}`, subject: 'Kept für you', mailboxId: `m${recovered}`, mailbox: 'Recovered' };
    expect((await bench.one('UncarriedChange/get', { ids: null }))['list']).toEqual([
      {
        id: rename,
        at: second(nowMs + 5000),
        kind: 'rename-mailbox',
        emailId: null,
        subject: null,
        mailboxId: `m${recovered}`,
        mailbox: 'Work',
        to: 'INBOX/Work',
        ...why,
      },
      {
        id: expunge,
        at: second(nowMs + 4000),
        kind: 'expunge',
        emailId: null,
        subject: 'Deleted',
        mailboxId: `m${inbox}`,
        mailbox: 'INBOX',
        to: null,
        ...why,
      },
      { id: move, at: second(nowMs + 2000), kind: 'move', ...kept, to: 'Recovered', ...why },
      { id: append, at: second(nowMs + 1000), kind: 'append', ...kept, to: null, ...why },
    ]);
    expect(await bench.one('UncarriedChange/get', { ids: [append, 'x99'], properties: ['kind'] })).toMatchObject({
      list: [{ id: append, kind: 'append' }],
      notFound: ['x99'],
    });
  });

  test('an outage is pushed when it begins and when it ends, to people of that provider alone, with the state that a get then has', async () => {
    const answer = await bench.ask('/jmap/events?types=ProviderStatus&closeafter=no&ping=0', { headers: basic() });
    const told: string[] = [];
    const reader = answer.body?.getReader();
    const bytes = (async function* () {
      for (;;) {
        const next = await reader?.read();
        if (next === undefined || next.done) return;
        yield next.value;
      }
    })();
    const listening = (async () => {
      for await (const { data } of parseEvents(bytes)) {
        const { changed } = JSON.parse(data) as { changed: Record<string, Record<string, string>> };
        expect(Object.keys(changed)).toEqual([ALICE_ID]);
        told.push(...Object.entries(changed[ALICE_ID] ?? {}).map(([type, state]) => `${type} ${state}`));
      }
    })();
    /** Past the news' own wait, and no further than the look that comes without any. */
    const heard = async (count: number): Promise<void> => {
      bench.news.changed();
      for (let waitedMs = 0; told.length < count && waitedMs < 10_000; waitedMs += 250) await bench.clock.advance(250);
      await until(() => told.length >= count);
      expect(told).toHaveLength(count);
      expect(told.at(-1)).toBe(`ProviderStatus ${String((await bench.one('ProviderStatus/get', { ids: [] }))['state'])}`);
    };
    const outage: Outage = { path: SMTP.id, startMs: bench.clock.nowMs(), reason: REFUSED };
    // That of another provider is no news here: the next event is the one below.
    outages.push({ ...outage, path: OTHER.id });
    bench.news.changed();
    await bench.clock.advance(1000);
    outages.push(outage);
    await heard(1);
    bench.clock.jump(HOUR);
    outages[1] = { ...outage, endMs: bench.clock.nowMs() };
    await heard(2);
    expect(new Set(told).size).toBe(2);
    await reader?.cancel();
    await listening;
  });
});
