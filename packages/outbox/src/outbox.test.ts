import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  asId,
  MailError,
  pathIdOf,
  type BlobWriter,
  type Outcome,
  type Path,
  type Provider,
  type Route,
  type SentVerdict,
  type SettledSending,
  type SubmissionId,
} from '@stopgap/core';
import { Board } from '@stopgap/health';
import { beginLeaving, countQueue, putAccount, recipientsOf, removeAccount, type Store } from '@stopgap/store';
import { FakeClock, RecordingRoute, tempStore, type TempStore } from '@stopgap/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cancel, hold, release, resolve, retryNow } from './control.ts';
import type { OutboxEvents } from './deps.ts';
import { openOutbox, type Outbox } from './outbox.ts';
import type { PutRequest } from './put.ts';
import { releaseLeases } from './sweep.ts';
import { queueDetail } from './view.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ANNA = asId.account('anna@provider.test');
const PROVIDER = asId.provider('provider');

const pathOf = (kind: 'smtp' | 'roundcube'): Path =>
  kind === 'smtp'
    ? {
        id: pathIdOf('provider', 'outgoing', 'smtp', 'smtp.test:587'),
        provider: PROVIDER,
        direction: 'outgoing',
        kind,
        host: 'smtp.test',
        port: 587,
        security: 'starttls',
        connections: 10,
      }
    : {
        id: pathIdOf('provider', 'outgoing', 'roundcube', 'webmail'),
        provider: PROVIDER,
        direction: 'outgoing',
        kind,
        url: 'https://webmail.test/',
        connections: 10,
      };
const SMTP = pathOf('smtp');
const WEBMAIL = pathOf('roundcube');
const provider: Provider = {
  name: PROVIDER,
  domains: ['provider.test'],
  login: 'address',
  incoming: [],
  outgoing: [SMTP, WEBMAIL],
  probe: { everyMs: 15_000, timeoutMs: 10_000, downAfter: 2, upAfter: 2 },
};

/** Notices and decisions, as the mail log hears of them. */
const told: string[] = [];
const events: OutboxEvents = {
  attempted: () => undefined,
  delivered: () => undefined,
  deferred: () => undefined,
  rejected: () => undefined,
  unsure: () => undefined,
  resolved: () => undefined,
  expired: () => undefined,
  noticed: ({ kind, recipients, about, to }) => void told.push(`${kind} notice about ${recipients} of ${about} to ${to}`),
  decided: ({ decision, recipients, id, account }) => void told.push(`${decision} ${recipients} of ${id} of ${account}`),
  queueDepth: () => undefined,
};
const errors: unknown[] = [];
const log = { warn: () => undefined, error: (message: string, fields?: unknown) => void errors.push([message, fields]) };

let clock: FakeClock;
let temp: TempStore;
let store: Store;
let board: Board;
let smtp: RecordingRoute;
let webmail: RecordingRoute;
let outbox: Outbox;
let stop: () => Promise<void>;

/** Opens board and outbox on the store as a start of the relay does. */
async function start(further: readonly (readonly [Path, Route])[] = []): Promise<void> {
  const providers = [{ ...provider, outgoing: [...provider.outgoing, ...further.map(([path]) => path)] }];
  board = await Board.open({ store, clock, random: () => 0.5, providers, events: undefined, log: undefined });
  outbox = await openOutbox({
    store,
    clock,
    random: () => 0.5,
    board,
    providers,
    routes: new Map<typeof SMTP.id, Route>([
      [SMTP.id, smtp],
      [WEBMAIL.id, webmail],
      ...further.map(([{ id }, route]) => [id, route] as const),
    ]),
    credentialFor: () => async () => undefined,
    hostname: 'relay.test',
    retry: { backoff: { firstMs: 30_000, factor: 2, longestMs: 30 * MINUTE }, expireAfterMs: 5 * 24 * HOUR, delayNoticeAfterMs: 4 * HOUR },
    unsure: { settleMs: 5 * MINUTE, retries: 1 },
    events,
    log,
    dataDir: temp.dataDir,
  });
  const ending = new AbortController();
  const running = outbox.run(ending.signal);
  stop = async () => {
    ending.abort();
    await clock.advance(5000);
    await running;
    await board.close();
  };
}

beforeEach(async () => {
  errors.length = 0;
  told.length = 0;
  clock = new FakeClock();
  temp = await tempStore({ clock });
  store = temp.store;
  smtp = new RecordingRoute();
  webmail = new RecordingRoute();
  await store.write((tx) =>
    putAccount(tx, { id: ANNA, address: 'anna@provider.test', provider: PROVIDER, name: '', state: 'active', createdAtMs: 0 }),
  );
});

afterEach(async () => {
  await stop();
  await temp.dispose();
  expect(errors).toEqual([]);
});

async function requestFor(to: readonly string[], more: Partial<PutRequest> & { body?: string } = {}): Promise<PutRequest> {
  const messageId = more.messageId ?? '<one@provider.test>';
  const text = `From: anna@provider.test\r\nMessage-ID: ${messageId}\r\nSubject: x\r\n\r\n${more.body ?? 'hello'}\r\n`;
  const writer = store.blobs.stage();
  await writer.write(Buffer.from(text));
  return {
    account: ANNA,
    provider: PROVIDER,
    envelope: { from: 'anna@provider.test', recipients: to.map((address) => ({ address })), smtpUtf8: false, eightBitMime: true },
    messageId,
    blob: await writer.finish(),
    clientHash: createHash('sha256').update(text).digest('hex'),
    generatedMessageId: false,
    helo: 'laptop',
    protocol: 'ESMTPSA',
    ...more,
  };
}

async function put(to: readonly string[], more: Partial<PutRequest> & { body?: string } = {}): Promise<SubmissionId> {
  return (await outbox.put(await requestFor(to, more))).id;
}

const sendLater = (ms: number): Pick<PutRequest, 'sendLater'> => ({ sendLater: { atMs: clock.nowMs() + ms, asSaid: `HOLDFOR ${ms}` } });
/** What is staged next, a notice for one, is so by another writer. */
function stageOnceAs(change: (writer: BlobWriter) => BlobWriter): void {
  const stage = store.blobs.stage.bind(store.blobs);
  vi.spyOn(store.blobs, 'stage').mockImplementationOnce(() => {
    const writer = stage();
    return change({ write: (chunk) => writer.write(chunk), abort: () => writer.abort(), finish: () => writer.finish() });
  });
}

const statesOf = (id: SubmissionId) => store.read((reader) => recipientsOf(reader, id).map((one) => one.state));
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 5000, interval: 2 });

/** Polls go by until it is so, however slow the disk is. */
const inTime = (check: () => void) =>
  until(async () => {
    await clock.advance(1000);
    check();
  });

/** Lets fake time pass in steps, so that timers, commits and attempts of each step come to their end. */
async function pass(ms: number, stepMs = 10_000): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) await clock.advance(Math.min(stepMs, ms - passed));
}

/** Days in a moment: the wall clock jumps, then every loop of the relay gets its turn. */
async function leap(ms: number): Promise<void> {
  clock.jump(ms - 16_000);
  await clock.advance(16_000);
}

describe('an accepted message', () => {
  test('leaves by the best route, whole, with our Received on top', async () => {
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(smtp.countFor('bob@far.test')).toBe(1);
    const text = smtp.taken[0]?.bytes.toString() ?? '';
    expect(text.startsWith('Received: from laptop')).toBe(true);
    expect(text).toContain(`id ${id}.`);
    expect(text.endsWith('\r\n\r\nhello\r\n')).toBe(true);
  });

  test('that is to leave later leaves then and not before, over a restart, and its days of waiting begin then', async () => {
    await start();
    const id = await put(['bob@far.test'], sendLater(10 * 24 * HOUR));
    await leap(9 * 24 * HOUR);
    expect(statesOf(id)).toEqual(['queued']);
    await stop();
    await start();
    expect(smtp.taken).toEqual([]);
    let tries = 0;
    smtp.answer = () => ({ kind: 'deferred', reason: { class: 'greylist', text: `later ${++tries}` } });
    await leap(24 * HOUR);
    await inTime(() => expect(tries).toBeGreaterThan(0));
    await pass(MINUTE);
    expect(statesOf(id)).toEqual(['queued']);
    smtp.answer = () => 'takes';
    await inTime(() => expect(statesOf(id)).toEqual(['delivered']));
  });

  test('that is to leave later says when, and can be called back until then', async () => {
    await start();
    const sendAtMs = clock.nowMs() + 2 * 24 * HOUR;
    const id = await put(['bob@far.test'], sendLater(2 * 24 * HOUR));
    const sendAt = new Date(sendAtMs).toISOString();
    expect(store.read((reader) => queueDetail(reader, id))).toMatchObject({ sendAt, recipients: [{ held: true, nextAttemptAt: sendAt }] });
    expect((await retryNow({ store, clock }, id)).changed).toBe(0);
    expect((await cancel({ store, clock }, id)).changed).toBe(1);
    await leap(3 * 24 * HOUR);
    expect(statesOf(id)).toEqual(['cancelled']);
    expect(store.read((reader) => queueDetail(reader, id))).toMatchObject({ sendAt: null, recipients: [{ nextAttemptAt: null }] });
    expect(smtp.taken).toEqual([]);
  });

  test('that is to leave later, and that a person holds, stays when its time comes', async () => {
    await start();
    const id = await put(['bob@far.test'], sendLater(2 * HOUR));
    expect((await hold({ store, clock }, id)).changed).toBe(1);
    await leap(3 * HOUR);
    await pass(MINUTE);
    expect(store.read((reader) => queueDetail(reader, id))).toMatchObject({ sendAt: null, recipients: [{ state: 'queued', held: true }] });
    expect((await release({ store, clock }, id)).changed).toBe(1);
    await inTime(() => expect(statesOf(id)).toEqual(['delivered']));
  });

  test('that a person lets go before its time waits its days from then, and its time is no longer of any account', async () => {
    await start();
    smtp.answer = webmail.answer = () => ({ kind: 'deferred', reason: { class: 'greylist', text: 'later' } });
    const id = await put(['bob@far.test'], sendLater(20 * 24 * HOUR));
    await leap(10 * 24 * HOUR);
    expect((await release({ store, clock }, id)).changed).toBe(1);
    await inTime(() => expect(store.read((reader) => recipientsOf(reader, id)[0]?.tries)).toBeGreaterThan(0));
    await pass(MINUTE);
    expect(statesOf(id)).toEqual(['queued']);
    await hold({ store, clock }, id);
    await leap(11 * 24 * HOUR);
    await pass(MINUTE);
    expect(store.read((reader) => recipientsOf(reader, id))).toMatchObject([{ state: 'queued', isHeld: true }]);
  });

  test('that is to leave later waits for a smarthost from then on, not from the day it was written', async () => {
    const smarthost = new RecordingRoute();
    const path: Path = {
      id: pathIdOf('provider', 'outgoing', 'smarthost', 'other.test:587'),
      provider: PROVIDER,
      direction: 'outgoing',
      kind: 'smarthost',
      host: 'other.test',
      port: 587,
      security: 'starttls',
      connections: 10,
      afterMs: 2 * HOUR,
    };
    smtp.answer = webmail.answer = () => ({ kind: 'deferred', reason: { class: 'connect', text: 'connection refused' } });
    await start([[path, smarthost]]);
    const id = await put(['bob@far.test'], sendLater(5 * HOUR));
    await leap(5 * HOUR);
    await inTime(() => expect(store.read((reader) => recipientsOf(reader, id)[0]?.tries)).toBeGreaterThan(1));
    await leap(HOUR);
    expect(smarthost.taken).toEqual([]);
    await leap(HOUR);
    await inTime(() => expect(smarthost.countFor('bob@far.test')).toBe(1));
  });

  test('of an account that is being erased, or is gone, is none: it could never leave', async () => {
    await start();
    await store.write((tx) => beginLeaving(tx, ANNA, clock.nowMs()));
    await expect(put(['bob@far.test'])).rejects.toMatchObject({ code: 'account-gone' });
    await store.write((tx) => removeAccount(tx, ANNA));
    await expect(put(['bob@far.test'])).rejects.toMatchObject({ code: 'account-gone' });
    expect(store.read(countQueue).waiting).toBe(0);
  });

  test('that the client sends again within minutes is the same one', async () => {
    await start();
    const request = await requestFor(['bob@far.test']);
    const first = await outbox.put(request);
    const again = await outbox.put(await requestFor(['bob@far.test']));
    expect(again).toEqual({ id: first.id, repeated: true });
    await until(() => expect(statesOf(first.id)).toEqual(['delivered']));
    expect((await outbox.put(await requestFor(['bob@far.test']))).repeated).toBe(true);
    expect(smtp.countFor('bob@far.test')).toBe(1);
  });

  test.each([
    ['another recipient', { to: ['carl@far.test'] }],
    ['another body', { more: { body: 'hello again' } }],
    ['a Message-ID of our own making', { more: { generatedMessageId: true } }],
  ])('is a new one with %s', async (_, change: { to?: string[]; more?: { body?: string; generatedMessageId?: boolean } }) => {
    await start();
    const first = await put(['bob@far.test'], change.more?.generatedMessageId ? { generatedMessageId: true } : {});
    const second = await outbox.put(await requestFor(change.to ?? ['bob@far.test'], change.more));
    expect(second.repeated).toBe(false);
    expect(second.id).not.toBe(first);
  });

  const tomorrow = () => sendLater(24 * HOUR);
  test.each<[string, () => [Partial<PutRequest>, Partial<PutRequest>]]>([
    ['with a time and then without one', () => [tomorrow(), {}]],
    ['without a time and then with one', () => [{}, tomorrow()]],
    ['with another time', () => [tomorrow(), sendLater(48 * HOUR)]],
  ])('is a new one %s', async (_, asked) => {
    await start();
    const [first, second] = asked();
    const id = await put(['bob@far.test'], first);
    const again = await outbox.put(await requestFor(['bob@far.test'], second));
    expect(again.repeated).toBe(false);
    expect(again.id).not.toBe(id);
  });

  test('that was to leave later and is asked for again with the same words is the same one, though the clock went on', async () => {
    await start();
    const id = await put(['bob@far.test'], tomorrow());
    clock.jump(5 * MINUTE);
    expect(await outbox.put(await requestFor(['bob@far.test'], tomorrow()))).toEqual({ id, repeated: true });
  });

  test('that was refused before is sent anew when the client sends it again', async () => {
    smtp.answer = () => ({ kind: 'rejected', reason: { class: 'recipient', text: 'no such user', code: 550, status: '5.1.1' } });
    await start();
    const first = await put(['bob@far.test']);
    await until(() => expect(statesOf(first)).toEqual(['rejected']));
    smtp.answer = () => 'takes';
    const second = await outbox.put(await requestFor(['bob@far.test']));
    expect(second.repeated).toBe(false);
    await until(() => expect(statesOf(second.id)).toEqual(['delivered']));
  });
});

describe('when a route fails', () => {
  test('the next one takes the message at once, and only once', async () => {
    smtp.answer = () => ({ kind: 'deferred', reason: { class: 'connect', text: 'refused' } });
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(store.read((reader) => queueDetail(reader, id))?.recipients[0]?.reason).toBeNull();
    expect(webmail.countFor('bob@far.test')).toBe(1);
    expect(smtp.taken).toHaveLength(0);
  });

  test('a refused password never rejects mail', async () => {
    smtp.answer = () => ({ kind: 'deferred', reason: { class: 'auth', text: '535 wrong password', code: 535 } });
    webmail.answer = smtp.answer;
    await start();
    const id = await put(['bob@far.test']);
    await pass(10 * MINUTE);
    expect(statesOf(id)).toEqual(['queued']);
    webmail.answer = () => 'takes';
    for (let minutes = 0; minutes < 120; minutes += 20) await leap(20 * MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
  });

  test('one bad recipient of three does not keep the others, and the sender is told once', async () => {
    smtp.answer = (recipient) =>
      recipient.address === 'bad@far.test'
        ? { kind: 'rejected', reason: { class: 'recipient', text: '550 5.1.1 no such user', code: 550, status: '5.1.1' } }
        : 'takes';
    await start();
    const id = await put(['a@far.test', 'bad@far.test', 'c@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['delivered', 'rejected', 'delivered']));
    await until(() => expect(smtp.countFor('anna@provider.test')).toBe(1));
    const notice = smtp.taken.find((one) => one.job.envelope.from === '')?.bytes.toString() ?? '';
    expect(notice).toContain('bad@far.test');
    expect(notice).toContain('multipart/report');
    expect(notice).not.toContain('a@far.test,');
    await leap(HOUR);
    expect(smtp.countFor('anna@provider.test')).toBe(1);
    expect(told).toEqual([`failed notice about 1 of ${id} to anna@provider.test`]);
  });

  test('a notice that is refused causes no notice', async () => {
    smtp.answer = () => ({ kind: 'rejected', reason: { class: 'policy', text: 'no' } });
    await start();
    await put(['bob@far.test']);
    await until(() =>
      expect(store.read((reader) => reader.all('SELECT id FROM submission WHERE final_at_ms IS NOT NULL'))).toHaveLength(2),
    );
    await leap(HOUR);
    expect(store.read((reader) => reader.all('SELECT id FROM submission'))).toHaveLength(2);
  });

  test('greylisting is waited out on the same route', async () => {
    let calls = 0;
    smtp.answer = () => (++calls === 1 ? { kind: 'deferred', reason: { class: 'greylist', text: '450 come back' } } : 'takes');
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(calls).toBe(1));
    await pass(20_000);
    expect(statesOf(id)).toEqual(['queued']);
    await pass(MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(webmail.taken).toHaveLength(0);
  });
});

describe('what an attempt left upstream is put in order, once its outcome is on record,', () => {
  const asked: string[] = [];
  const leaving = (options: ConstructorParameters<typeof RecordingRoute>[0]) =>
    Object.assign(new RecordingRoute(options), {
      async keepOneCopy({ settledWitnesses, deliveredWitnesses }: SettledSending) {
        const states = store.read((reader) => reader.column('SELECT state FROM recipient'));
        asked.push(`${settledWitnesses.length} settled, ${deliveredWitnesses.length} delivered, ${states.join(' ')}`);
        return 'done' as const;
      },
    });
  beforeEach(() => {
    asked.length = 0;
  });

  test.each<readonly [string, Outcome, string]>([
    ['was refused', { kind: 'rejected', reason: { class: 'policy', text: 'no' }, leftUntidy: true }, '1 settled, 0 delivered, rejected'],
    ['was sent', { kind: 'delivered', by: 'x', reply: 'y', leftUntidy: true }, '1 settled, 1 delivered, delivered'],
  ])('when it %s', async (_, outcome, known) => {
    smtp = leaving({ answer: ({ address }) => (address === 'bob@far.test' ? outcome : 'takes') });
    await start();
    await put(['bob@far.test']);
    await inTime(() => expect(asked[0]).toContain(known));
  });

  test('and whoever is slow about it holds up nothing else', async () => {
    smtp = Object.assign(
      new RecordingRoute({ answer: () => ({ kind: 'rejected', reason: { class: 'policy', text: 'no' }, leftUntidy: true }) }),
      {
        keepOneCopy: async (_: SettledSending, signal: AbortSignal) => {
          asked.push('asked');
          await clock.wait(24 * HOUR, signal);
          return 'later' as const;
        },
      },
    );
    await start();
    await put(['bob@far.test']);
    await inTime(() => expect(asked).toEqual(['asked']));
    smtp.answer = webmail.answer = () => 'loses-taken';
    const id = await put(['carl@far.test'], { messageId: '<two@provider.test>' });
    await until(() => expect(statesOf(id)).toEqual(['unsure']));
    smtp.answer = webmail.answer = () => 'takes';
    await pass(6 * MINUTE);
    await inTime(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(asked).toEqual(['asked']);
  });

  test('when a look shows that it was not sent', async () => {
    smtp = leaving({ answer: () => 'loses-untaken', findSent: async () => 'not-sent' });
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['unsure']));
    // So that no other attempt follows.
    await cancel({ store, clock }, id);
    await pass(6 * MINUTE);
    await inTime(() => expect(asked).toEqual(['1 settled, 0 delivered, cancelled']));
  });
});

describe('law 2: an attempt whose answer was lost', () => {
  const witnessed = (verdict: () => SentVerdict) =>
    new RecordingRoute({ answer: (recipient, job) => answerOf(recipient, job), findSent: async () => verdict() });
  let answerOf: RecordingRoute['answer'] = () => 'takes';

  test('counts as delivered when the witness is found, and is not sent again', async () => {
    answerOf = () => 'loses-taken';
    smtp = witnessed(() => 'sent');
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['unsure']));
    await pass(6 * MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(smtp.countFor('bob@far.test')).toBe(1);
    expect(webmail.countFor('bob@far.test')).toBe(0);
  });

  test('is sent again when the witness proves that it was not sent', async () => {
    answerOf = () => 'loses-untaken';
    smtp = witnessed(() => 'not-sent');
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['unsure']));
    answerOf = () => 'takes';
    await pass(6 * MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(smtp.countFor('bob@far.test') + webmail.countFor('bob@far.test')).toBe(1);
  });

  const unprovable: Outcome = {
    kind: 'unsure',
    reason: { class: 'lost-answer', text: 'The webmail lost its mail server in the middle of the message', isUnprovable: true },
  };
  /** What arrived: a route that only says how it ended took nothing. */
  test.each<readonly [string, SentVerdict, Outcome | 'loses-taken', number]>([
    ['for an empty Sent when the webmail itself does not know whether it left', 'not-sent', unprovable, 0],
    ['while nobody can look', 'unknown', 'loses-taken', 1],
  ])('stays unsure %s', async (_, first, answer, arrived) => {
    answerOf = () => answer;
    let verdict = first;
    smtp = witnessed(() => verdict);
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['unsure']));
    await leap(3 * HOUR);
    expect(statesOf(id)).toEqual(['unsure']);
    verdict = 'sent';
    await leap(HOUR);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(smtp.countFor('bob@far.test')).toBe(arrived);
  });

  test('about which a person decides while Sent is being looked into is told of in the log as that person decided', async () => {
    answerOf = () => 'loses-untaken';
    let decide = async (): Promise<unknown> => undefined;
    smtp = new RecordingRoute({
      answer: (recipient, job) => answerOf(recipient, job),
      findSent: async () => decide().then(() => 'sent' as const),
    });
    const resolved = vi.spyOn(events, 'resolved');
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['unsure']));
    answerOf = () => 'takes';
    decide = () => resolve({ store, clock }, id, 'resend');
    await pass(6 * MINUTE);
    await inTime(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(told).toEqual([`resend 1 of ${id} of anna@provider.test`]);
    expect(resolved).not.toHaveBeenCalled();
  });

  test('without a witness goes again as often as the policy says, then a person decides', async () => {
    smtp.answer = () => 'loses-untaken';
    webmail.answer = () => 'loses-untaken';
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['unsure']));
    for (let hours = 0; hours < 12; hours += 1) await leap(HOUR);
    expect(statesOf(id)).toEqual(['unsure']);
    const detail = store.read((reader) => queueDetail(reader, id));
    expect(detail?.attempts).toHaveLength(2);
    smtp.answer = () => 'takes';
    webmail.answer = () => 'takes';
    expect(await resolve({ store, clock }, id, 'resend')).toEqual({ changed: 1, underWay: 0 });
    await pass(2000, 1000);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(told).toEqual([`resend 1 of ${id} of anna@provider.test`]);
    expect(smtp.countFor('bob@far.test') + webmail.countFor('bob@far.test')).toBe(1);
  });

  test('is named to the next attempt at the same message, so that its proof is left alone', async () => {
    let isFirst = true;
    const named: (readonly string[])[] = [];
    smtp.answer = ({ address }, job) => {
      named.push(job.unsettled());
      if (address === 'b@far.test') return 'loses-taken';
      return isFirst ? { kind: 'deferred', reason: { class: 'greylist', text: 'later' } } : 'takes';
    };
    await start();
    const id = await put(['a@far.test', 'b@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['queued', 'unsure']));
    isFirst = false;
    await pass(MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered', 'unsure']));
    expect(named).toEqual([[], [], [smtp.taken[0]?.job.witness]]);
  });

  test('of one recipient says nothing about the others', async () => {
    smtp.answer = (recipient) => (recipient.address === 'b@far.test' ? 'loses-taken' : 'takes');
    await start();
    const id = await put(['a@far.test', 'b@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['delivered', 'unsure']));
    smtp.answer = () => 'takes';
    await pass(10 * MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered', 'delivered']));
    expect(smtp.countFor('a@far.test') + webmail.countFor('a@far.test')).toBe(1);
  });
});

describe('a person', () => {
  test('holds a message and lets it go', async () => {
    smtp.answer = webmail.answer = () => ({ kind: 'deferred', reason: { class: 'greylist', text: 'later' } });
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(store.read((reader) => recipientsOf(reader, id)[0]?.tries)).toBe(1));
    expect((await hold({ store, clock }, id)).changed).toBe(1);
    smtp.answer = () => 'takes';
    await leap(HOUR);
    expect(statesOf(id)).toEqual(['queued']);
    expect(store.read(countQueue)).toEqual({ waiting: 0, unsure: 0, held: 1 });
    await release({ store, clock }, id);
    await pass(MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
  });

  test('who lets go what was held for longer than mail may wait has it tried for its days from then on', async () => {
    smtp.answer = webmail.answer = () => ({ kind: 'deferred', reason: { class: 'greylist', text: 'later' } });
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(store.read((reader) => recipientsOf(reader, id)[0]?.tries)).toBe(1));
    await hold({ store, clock }, id);
    await leap(6 * 24 * HOUR);
    await release({ store, clock }, id);
    await inTime(() => expect(store.read((reader) => recipientsOf(reader, id)[0]?.tries)).toBe(2));
    await leap(HOUR);
    expect(statesOf(id)).toEqual(['queued']);
    smtp.answer = () => 'takes';
    await leap(HOUR);
    await inTime(() => expect(statesOf(id)).toEqual(['delivered']));
  });

  test('is told of in the mail log, once for each decision that changed something', async () => {
    smtp.answer = webmail.answer = () => ({ kind: 'deferred', reason: { class: 'greylist', text: 'later' } });
    await start();
    const id = await put(['bob@far.test', 'carl@far.test']);
    await until(() => expect(store.read((reader) => recipientsOf(reader, id)[0]?.tries)).toBe(1));
    await hold({ store, clock }, id);
    await hold({ store, clock }, id);
    const held = `hold 2 of ${id} of anna@provider.test`;
    await inTime(() => expect(told).toEqual([held]));
    await stop();
    // By a command while no relay runs: the next one tells.
    await release({ store, clock }, id);
    await retryNow({ store, clock }, undefined);
    await cancel({ store, clock }, id);
    await start();
    const later = [
      `release 2 of ${id} of anna@provider.test`,
      'retry 2 of undefined of undefined',
      `cancel 2 of ${id} of anna@provider.test`,
    ];
    await inTime(() => expect(told).toEqual([held, ...later]));
    await pass(MINUTE);
    expect(told).toHaveLength(4);
  });

  test('cancels what is being prepared: the fence stops it before the last byte', async () => {
    let letGo: () => void = () => undefined;
    smtp.beforeMark = () => new Promise((done) => (letGo = done));
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(statesOf(id)).toEqual(['leased']));
    expect(await cancel({ store, clock }, id)).toEqual({ changed: 1, underWay: 0, asked: 0 });
    letGo();
    await pass(MINUTE);
    expect(statesOf(id)).toEqual(['cancelled']);
    expect(smtp.countFor('bob@far.test')).toBe(0);
  });

  describe('who cancels what may have left', () => {
    const LATER: Outcome = { kind: 'deferred', reason: { class: 'greylist', text: 'later' } };
    /** `a` waits, `b` may have it. */
    async function inDoubt(): Promise<SubmissionId> {
      smtp.answer = webmail.answer = ({ address }) => (address === 'a@far.test' ? LATER : 'loses-taken');
      await start();
      const id = await put(['a@far.test', 'b@far.test']);
      await until(() => expect(statesOf(id)).toEqual(['queued', 'unsure']));
      smtp.answer = webmail.answer = () => 'takes';
      return id;
    }

    test('has it sent to nobody again: without a witness it stays unsure, until `resolve` decides', async () => {
      const id = await inDoubt();
      expect(await cancel({ store, clock }, id)).toEqual({ changed: 1, underWay: 0, asked: 1 });
      expect(await cancel({ store, clock }, id)).toEqual({ changed: 0, underWay: 0, asked: 0 });
      for (let hours = 0; hours < 30; hours += 1) await leap(HOUR);
      expect(statesOf(id)).toEqual(['cancelled', 'unsure']);
      expect(await resolve({ store, clock }, id, 'delivered')).toEqual({ changed: 1, underWay: 0 });
      expect(statesOf(id)).toEqual(['cancelled', 'delivered']);
      expect(['a@far.test', 'b@far.test'].map((to) => smtp.countFor(to) + webmail.countFor(to))).toEqual([0, 1]);
    });

    test('is heard at last by `resolve`: what did not arrive is not sent again either', async () => {
      const id = await inDoubt();
      await cancel({ store, clock }, id);
      expect(await resolve({ store, clock }, id, 'cancelled')).toEqual({ changed: 1, underWay: 0 });
      expect(await resolve({ store, clock }, id, 'cancelled')).toEqual({ changed: 0, underWay: 0 });
      expect(statesOf(id)).toEqual(['cancelled', 'cancelled']);
      const recipients = store.read((reader) => queueDetail(reader, id))?.recipients;
      expect(recipients?.map(({ reason }) => reason)).toEqual(['Cancelled before it left.', 'Given up; nobody knows whether it left.']);
      expect(store.read((reader) => reader.all('SELECT 1 FROM submission WHERE final_at_ms IS NULL'))).toEqual([]);
      await leap(HOUR);
      const line = `cancel 1 of ${id} of anna@provider.test`;
      await until(() => expect(told).toEqual([line, line]));
      expect(statesOf(id)).toEqual(['cancelled', 'cancelled']);
      expect(smtp.countFor('b@far.test') + webmail.countFor('b@far.test')).toBe(1);
    });

    test('may have it sent all the same, by `resolve`', async () => {
      const id = await inDoubt();
      await cancel({ store, clock }, id);
      await resolve({ store, clock }, id, 'resend');
      await inTime(() => expect(statesOf(id)).toEqual(['cancelled', 'delivered']));
      expect(smtp.countFor('b@far.test')).toBe(2);
    });

    test('may send the same message again, which is a new one', async () => {
      const id = await inDoubt();
      await cancel({ store, clock }, id);
      const again = await outbox.put(await requestFor(['a@far.test', 'b@far.test']));
      expect(again).toMatchObject({ repeated: false });
      await inTime(() => expect(statesOf(again.id)).toEqual(['delivered', 'delivered']));
      expect(statesOf(id)).toEqual(['cancelled', 'unsure']);
    });

    test.each([
      ['not-sent', 'cancelled', ['cancel 1']],
      ['sent', 'delivered', []],
    ] as const)('has what a look proves: %s is %s', async (verdict, state, lines) => {
      smtp = new RecordingRoute({ answer: () => 'loses-untaken', findSent: async () => verdict });
      const resolved = vi.spyOn(events, 'resolved');
      await start();
      const id = await put(['bob@far.test']);
      await until(() => expect(statesOf(id)).toEqual(['unsure']));
      // Who held it before holds back no look.
      await hold({ store, clock }, id);
      told.length = 0;
      expect(await cancel({ store, clock }, id)).toEqual({ changed: 0, underWay: 0, asked: 1 });
      await leap(HOUR);
      await inTime(() => expect(statesOf(id)).toEqual([state]));
      await pass(MINUTE);
      expect(told.filter((line) => line.startsWith('cancel'))).toEqual(lines.map((line) => `${line} of ${id} of anna@provider.test`));
      expect(resolved).toHaveBeenCalledTimes(state === 'delivered' ? 1 : 0);
      expect(store.read((reader) => reader.all('SELECT 1 FROM submission WHERE final_at_ms IS NULL'))).toEqual([]);
      expect(webmail.taken).toEqual([]);
    });

    test('has what the attempt under way ends with: what did not leave is not tried again', async () => {
      let letGo: () => void = () => undefined;
      smtp.afterMark = () => new Promise((done) => (letGo = done));
      smtp.answer = ({ address }) => (address === 'a@far.test' ? LATER : address === 'b@far.test' ? 'loses-taken' : 'takes');
      await start();
      const id = await put(['a@far.test', 'b@far.test', 'c@far.test']);
      await until(() => expect(statesOf(id)).toEqual(['leased', 'leased', 'leased']));
      await until(() => expect(store.read((reader) => reader.all('SELECT 1 FROM attempt WHERE marked_at_ms IS NOT NULL'))).toHaveLength(1));
      expect(await cancel({ store, clock }, id)).toEqual({ changed: 0, underWay: 3, asked: 3 });
      letGo();
      await until(() => expect(statesOf(id)).toEqual(['cancelled', 'unsure', 'delivered']));
      smtp.answer = () => 'takes';
      for (let hours = 0; hours < 12; hours += 1) await leap(HOUR);
      expect(statesOf(id)).toEqual(['cancelled', 'unsure', 'delivered']);
      expect(told).toEqual([`cancel 1 of ${id} of anna@provider.test`]);
      expect(store.read((reader) => recipientsOf(reader, id))[0]?.reason?.text).toBe('Cancelled before it left.');
    });

    test('stops an attempt under way before its next sending', async () => {
      let letGo: () => void = () => undefined;
      smtp.deliver = async (job) => {
        const [a, b] = job.recipients;
        await job.mark(a && [a]);
        await new Promise<void>((done) => (letGo = done));
        const isFenced = await job.mark(b && [b]).then(
          () => false,
          () => true,
        );
        const later: Outcome = { kind: 'deferred', reason: { class: 'internal', text: 'not marked' } };
        const takes: Outcome = { kind: 'delivered', by: 'x', reply: 'y' };
        return new Map(job.recipients.map((one) => [one.id, one === a || !isFenced ? takes : later]));
      };
      await start();
      const id = await put(['a@far.test', 'b@far.test']);
      await until(() => expect(store.read((reader) => reader.all('SELECT 1 FROM attempt WHERE marked_at_ms IS NOT NULL'))).toHaveLength(1));
      await cancel({ store, clock }, id);
      letGo();
      await until(() => expect(statesOf(id)).toEqual(['delivered', 'cancelled']));
    });

    test('is remembered over a restart', async () => {
      smtp.deliver = async (job, signal) => {
        const [, b] = job.recipients;
        await job.mark(b && [b]);
        await clock.wait(HOUR, signal);
        return new Map();
      };
      await start();
      const id = await put(['a@far.test', 'b@far.test']);
      await until(() => expect(store.read((reader) => reader.all('SELECT 1 FROM attempt WHERE marked_at_ms IS NOT NULL'))).toHaveLength(1));
      expect(await cancel({ store, clock }, id)).toEqual({ changed: 0, underWay: 2, asked: 2 });
      // As a start finds them, whose predecessor died.
      await releaseLeases({ store, nowMs: clock.nowMs(), settleMs: MINUTE }, Infinity, () => false);
      expect(statesOf(id)).toEqual(['cancelled', 'unsure']);
    });
  });

  test('can not call back what is leaving', async () => {
    let letGo: () => void = () => undefined;
    smtp.afterMark = () => new Promise((done) => (letGo = done));
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(store.read((reader) => reader.all('SELECT 1 FROM attempt WHERE marked_at_ms IS NOT NULL'))).toHaveLength(1));
    expect(await cancel({ store, clock }, id)).toEqual({ changed: 0, underWay: 1, asked: 1 });
    letGo();
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
  });
});

describe('an outage of every path', () => {
  const dead = () => ({ kind: 'deferred' as const, reason: { class: 'connect' as const, text: 'connection refused' } });

  test('stops the expiry clock: after five days of it the message still leaves', async () => {
    smtp.answer = webmail.answer = dead;
    await start();
    const id = await put(['bob@far.test']);
    for (let hours = 0; hours < 6 * 24; hours += 4) {
      for (const path of [SMTP, WEBMAIL])
        board.probed(path.id, { kind: 'failed', reason: { class: 'connect', text: 'connection refused' } });
      await clock.advance(10 * MINUTE);
    }
    expect(statesOf(id)).toEqual(['queued']);
    smtp.answer = () => 'takes';
    await inTime(() => {
      board.probed(SMTP.id, { kind: 'answered', elapsedMs: 5 });
      expect(statesOf(id)).toEqual(['delivered']);
    });
    expect(smtp.countFor('bob@far.test')).toBe(1);
  }, 60_000);

  test('does not stop it while a path works: what nobody takes for five days expires, with one notice', async () => {
    smtp.answer = webmail.answer = (_, job) =>
      job.envelope.from === '' ? 'takes' : { kind: 'deferred', reason: { class: 'quota', text: '452 mailbox full' } };
    await start();
    const id = await put(['bob@far.test']);
    for (let hours = 0; hours < 5 * 24 + 1; hours += 1) await leap(HOUR);
    await inTime(() => expect(statesOf(id)).toEqual(['expired']));
    await leap(HOUR);
    const noticesOf = (action: string) =>
      smtp.taken.filter((one) => one.job.envelope.from === '' && one.bytes.toString().includes(`Action: ${action}`));
    await inTime(() => expect(noticesOf('failed')).toHaveLength(1));
    expect(noticesOf('delayed')).toHaveLength(1);
    expect(told).toEqual(['delayed', 'failed'].map((kind) => `${kind} notice about 1 of ${id} to anna@provider.test`));
  }, 60_000);
});

test('a webmail that takes its time to be looked into keeps nothing else from its end', async () => {
  const look = Promise.withResolvers<SentVerdict>();
  smtp = new RecordingRoute({
    answer: ({ address }, { envelope }) => {
      if (envelope.from === '') return 'takes';
      return address === 'bob@far.test' ? 'loses-untaken' : { kind: 'deferred', reason: { class: 'quota', text: '452 mailbox full' } };
    },
    findSent: () => look.promise,
  });
  await start();
  const unsure = await put(['bob@far.test']);
  await until(() => expect(statesOf(unsure)).toEqual(['unsure']));
  webmail.answer = smtp.answer;
  const other = await put(['carl@far.test']);
  for (let hours = 0; hours < 5 * 24 + 1; hours += 1) await leap(HOUR);
  await inTime(() => expect(statesOf(other)).toEqual(['expired']));
  expect(statesOf(unsure)).toEqual(['unsure']);
  look.resolve('sent');
  await inTime(() => expect(statesOf(unsure)).toEqual(['delivered']));
}, 60_000);

test('the recovery of a path is not forgotten when the store could not write just then', async () => {
  const looks: number[] = [];
  smtp = new RecordingRoute({
    answer: () => 'loses-untaken',
    findSent: async () => (looks.push(clock.nowMs()), 'unknown'),
  });
  await start();
  const id = await put(['bob@far.test']);
  await until(() => expect(statesOf(id)).toEqual(['unsure']));
  for (let i = 0; i < 3; i++) board.probed(SMTP.id, { kind: 'failed', reason: { class: 'connect', text: 'connection refused' } });
  await leap(3 * HOUR);
  const isPutOff = () => (store.read((reader) => recipientsOf(reader, id))[0]?.notBeforeMs ?? 0) > clock.nowMs() + 10 * MINUTE;
  await inTime(() => expect(isPutOff()).toBe(true));
  const write = vi.spyOn(store, 'write').mockRejectedValue(new Error('disk full'));
  for (let i = 0; i < 3; i++) board.probed(SMTP.id, { kind: 'answered', elapsedMs: 5 });
  await inTime(() => expect(board.health(SMTP.id).state).toBe('up'));
  const failures = errors.length;
  await inTime(() => expect(errors.length).toBeGreaterThan(failures + 2));
  write.mockRestore();
  await inTime(() => expect(isPutOff()).toBe(false));
  errors.length = 0;
});

test('nobody is told that mail waits which left while the notice was being composed', async () => {
  smtp.answer = webmail.answer = () => ({ kind: 'deferred', reason: { class: 'quota', text: '452 mailbox full' } });
  await start();
  const id = await put(['bob@far.test']);
  let isComposed = false;
  stageOnceAs((writer) => ({
    ...writer,
    async finish() {
      const blob = await writer.finish();
      await store.write((tx) => tx.run("UPDATE recipient SET state = 'delivered' WHERE submission_id = ?", id));
      isComposed = true;
      return blob;
    },
  }));
  await leap(4 * HOUR + MINUTE);
  await inTime(() => expect(isComposed).toBe(true));
  await pass(MINUTE);
  expect(told).toEqual([]);
  expect(store.read((reader) => reader.all("SELECT 1 FROM submission WHERE kind = 'dsn'"))).toEqual([]);
});

test('the bytes of a large notice that came to nothing go at once, as it is composed anew', async () => {
  smtp.answer = webmail.answer = () => ({ kind: 'deferred', reason: { class: 'quota', text: '452 mailbox full' } });
  await start();
  const request = await requestFor(['bob@far.test'], { body: 'x\r\n'.repeat(60_000) });
  const recipients = [{ address: 'bob@far.test', notify: ['failure'] as const }];
  const { id } = await outbox.put({ ...request, envelope: { ...request.envelope, recipients, ret: 'full' } });
  let file = '';
  stageOnceAs((writer) => ({
    ...writer,
    async finish() {
      const blob = await writer.finish();
      await store.write((tx) => tx.run("UPDATE recipient SET state = 'unsure' WHERE submission_id = ?", id));
      file = blob.file ?? '';
      return blob;
    },
  }));
  for (let hours = 0; hours < 5 * 24 + 1; hours += 1) await leap(HOUR);
  await inTime(() => expect(file).not.toBe(''));
  await inTime(() => expect(existsSync(file)).toBe(false));
  expect(existsSync(request.blob.file ?? '')).toBe(true);
});

test('a notice that was to return the whole message comes with its header where the disk has no room for more', async () => {
  smtp.answer = (_, job) => (job.envelope.from === '' ? 'takes' : { kind: 'rejected', reason: { class: 'policy', text: 'no' } });
  await start();
  const request = await requestFor(['bob@far.test'], { body: 'x\r\n'.repeat(60_000) });
  stageOnceAs((writer) => ({
    ...writer,
    write: () => Promise.reject(new MailError('transient', 'The disk is full.', { code: 'store-full' })),
  }));
  const { id } = await outbox.put({ ...request, envelope: { ...request.envelope, ret: 'full' } });
  await inTime(() => expect(smtp.countFor('anna@provider.test')).toBe(1));
  expect(statesOf(id)).toEqual(['rejected']);
  const notice = smtp.taken.at(-1)?.bytes.toString() ?? '';
  expect(notice).toContain('text/rfc822-headers');
  expect(notice).toContain('Message-ID: <one@provider.test>');
});

test('a notice about a message whose bytes can not be read any more comes without them', async () => {
  smtp.answer = (_, job) => (job.envelope.from === '' ? 'takes' : { kind: 'rejected', reason: { class: 'policy', text: 'no' } });
  smtp.beforeMark = () =>
    store.write((tx) => void tx.run("UPDATE blob SET bytes = NULL WHERE id = (SELECT blob_id FROM submission WHERE kind = 'message')"));
  await start();
  await put(['bob@far.test']);
  await inTime(() => expect(smtp.countFor('anna@provider.test')).toBe(1));
  expect(smtp.taken.at(-1)?.bytes.toString()).toContain('bob@far.test');
});

describe('the file of a large message', () => {
  const large = (letter: string, more: Partial<PutRequest> = {}) => requestFor(['bob@far.test'], { body: letter.repeat(200_000), ...more });
  const isThere = ({ blob }: PutRequest) => existsSync(blob.file ?? '');
  const refuse = async (request: PutRequest) => {
    await store.write((tx) => beginLeaving(tx, ANNA, clock.nowMs()));
    await expect(outbox.put(request)).rejects.toMatchObject({ code: 'account-gone' });
  };

  test('goes at once when it is not taken', async () => {
    await start();
    const request = await large('x');
    await refuse(request);
    expect(isThere(request)).toBe(false);
  });

  test('goes at once when it is a repetition, in other bytes', async () => {
    await start();
    const [first, again] = [await large('x'), await large('y')];
    await outbox.put(first);
    expect(await outbox.put({ ...first, blob: again.blob })).toMatchObject({ repeated: true });
    expect([isThere(first), isThere(again)]).toEqual([true, false]);
  });

  test('stays when an equal one is in the queue', async () => {
    await start();
    const request = await large('x', { generatedMessageId: true });
    const { id } = await outbox.put(request);
    await refuse(request);
    expect(isThere(request)).toBe(true);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
  });
});

describe('of mail that waits too long', () => {
  beforeEach(() => {
    smtp.answer = webmail.answer = (_, job) =>
      job.envelope.from === '' ? 'takes' : { kind: 'deferred', reason: { class: 'quota', text: '452 mailbox full' } };
  });

  test('the sender is told though its bytes can not be read, and it ends', async () => {
    await start();
    const id = await put(['a@far.test']);
    await store.write((tx) => tx.run('UPDATE blob SET bytes = NULL'));
    for (let hours = 0; hours < 5 * 24 + 1; hours += 1) await leap(HOUR);
    await inTime(() => expect(statesOf(id)).toEqual(['expired']));
    expect(told).toEqual(['delayed', 'failed'].map((kind) => `${kind} notice about 1 of ${id} to anna@provider.test`));
    // The attempts could not read it either.
    expect(errors.splice(0)).not.toContainEqual([expect.not.stringContaining('a route failed'), expect.anything()]);
  }, 60_000);

  test('one of which nobody can be told keeps no other from its notices and its end', async () => {
    await start();
    const many = Array.from({ length: 200 }, (_, at) => `a${at}@far.test`);
    const broken = await put(many);
    const id = await put(['b@far.test'], { messageId: '<two@provider.test>' });
    await store.write((tx) =>
      tx.run(`CREATE TRIGGER refuses BEFORE INSERT ON submission WHEN NEW.dsn_of = '${broken}' BEGIN SELECT RAISE(ABORT, 'no'); END`),
    );
    await leap(5 * HOUR);
    await inTime(() => expect(told).toEqual([`delayed notice about 1 of ${id} to anna@provider.test`]));
    await leap(5 * 24 * HOUR);
    await inTime(() => expect(statesOf(id)).toEqual(['expired']));
    expect(told.at(-1)).toBe(`failed notice about 1 of ${id} to anna@provider.test`);
    expect(new Set(statesOf(broken))).toEqual(new Set(['queued']));
    expect(errors).toContainEqual([
      'the sender of a message could not be told that it waits too long; trying again',
      expect.objectContaining({ id: broken }),
    ]);
    await store.write((tx) => tx.run('DROP TRIGGER refuses'));
    await inTime(() => expect(new Set(statesOf(broken))).toEqual(new Set(['expired'])));
    errors.length = 0;
  }, 60_000);
});

describe('a clock that is set back', () => {
  const DAY = 24 * HOUR;
  const notNow = { kind: 'deferred', reason: { class: 'quota', text: '452 mailbox full' } } as const;

  test('does not make mail wait for the old time to come round again', async () => {
    smtp.answer = () => notNow;
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(store.read((reader) => recipientsOf(reader, id))[0]?.tries).toBe(1));
    smtp.answer = () => 'takes';
    clock.jump(-3 * DAY);
    await pass(2 * MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
    expect(smtp.countFor('bob@far.test')).toBe(1);
  });

  test('while the relay is stopped neither', async () => {
    smtp.answer = () => notNow;
    await start();
    const id = await put(['bob@far.test']);
    await until(() => expect(store.read((reader) => recipientsOf(reader, id))[0]?.tries).toBe(1));
    await stop();
    smtp = new RecordingRoute();
    clock.jump(-3 * DAY);
    await start();
    await leap(31 * MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered']));
  });
});

describe('law 12: a stop', () => {
  test('in the middle of everything, and a new start, lose nothing and double nothing that has a mark', async () => {
    // The process dies with one attempt before its mark and one after it: its rows are what a new start finds.
    smtp.beforeMark = () => new Promise(() => undefined);
    await start();
    const unmarked = await put(['a@far.test'], { messageId: '<a@x>' });
    await until(() => expect(statesOf(unmarked)).toEqual(['leased']));
    smtp.beforeMark = async () => undefined;
    smtp.afterMark = () => new Promise(() => undefined);
    const marked = await put(['b@far.test'], { messageId: '<b@x>' });
    await until(() => expect(store.read((reader) => reader.all('SELECT 1 FROM attempt WHERE marked_at_ms IS NOT NULL'))).toHaveLength(1));

    smtp = new RecordingRoute();
    await start();
    await until(() => expect(statesOf(unmarked)).toEqual(['delivered']));
    expect(statesOf(marked)).toEqual(['unsure']);
    expect(smtp.countFor('a@far.test')).toBe(1);
    expect(smtp.countFor('b@far.test')).toBe(0);
  });

  test('between a word that nobody can know and its record does not forget that word: an empty Sent proves nothing', async () => {
    const findSent = async (): Promise<SentVerdict> => 'not-sent';
    smtp = new RecordingRoute({ findSent });
    smtp.deliver = async (job) => {
      await job.mark();
      await job.doubt({ class: 'lost-answer', text: 'The webmail lost its mail server in the middle', isUnprovable: true });
      return new Promise(() => undefined);
    };
    await start();
    const id = await put(['a@far.test']);
    await until(() => expect(store.read((reader) => reader.all('SELECT 1 FROM attempt WHERE result IS NOT NULL'))).toHaveLength(1));

    smtp = new RecordingRoute({ findSent });
    await start();
    await leap(HOUR);
    await pass(MINUTE);
    expect(statesOf(id)).toEqual(['unsure']);
    expect(store.read((reader) => queueDetail(reader, id))?.recipients[0]?.reason).toContain('in the middle');
    expect(smtp.countFor('a@far.test') + webmail.countFor('a@far.test')).toBe(0);
  });

  test('between a sending and its record makes unsure only those whom the last mark was for', async () => {
    // A witness would prove that sending for all of the attempt, also for the one that it left out.
    const findSent = async (): Promise<SentVerdict> => 'sent';
    smtp = new RecordingRoute({ findSent });
    smtp.deliver = async (job) => {
      await job.mark();
      await job.mark(job.recipients.slice(0, 1));
      return new Promise(() => undefined);
    };
    await start();
    const id = await put(['a@far.test', 'left-out@far.test']);
    const narrowed = () => store.read((reader) => reader.all('SELECT 1 FROM attempt WHERE marked_recipients IS NOT NULL'));
    await until(() => expect(narrowed()).toHaveLength(1));

    smtp = new RecordingRoute({ findSent });
    await start();
    await until(() => expect(statesOf(id)).toEqual(['unsure', 'delivered']));
    expect(smtp.countFor('left-out@far.test')).toBe(1);
    await pass(6 * MINUTE);
    await until(() => expect(statesOf(id)).toEqual(['delivered', 'delivered']));
    expect(smtp.countFor('a@far.test')).toBe(0);
  });
});
