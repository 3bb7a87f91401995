import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asId, systemClock, type Route, type UrlPath } from '@stopgap/core';
import { startFakeJmap, type FakeJmap, type JmapRefusal, type JmapSending } from '@stopgap/testkit';
import { deliver, findSent, jobOf, keepOneCopy, letter, newSubmission, openTap } from '@stopgap/testkit/roundcube-contract';
import { createGuard } from '@stopgap/upstreams';
import { createJmapRoute } from './jmap.ts';

const ACCOUNTS = [{ address: 'alice@provider.test', password: 'secret-alice' }];
const ME = 'alice@provider.test';
const [GOOD, BAD, LATER, MORE] = ['good@far.test', 'bad@far.test', 'later@far.test', 'more@far.test'];

let fake: FakeJmap;
let route: Route;
let left: JmapSending[];
let refuse: (sending: JmapSending) => JmapRefusal | undefined;

function routeOn(url: string, settleMs = 0): Route {
  const path: UrlPath = { id: asId.path('t'), provider: asId.provider('t'), direction: 'outgoing', connections: 4, kind: 'jmap', url };
  return createJmapRoute({ path, guard: createGuard({ allowPrivate: true }), clock: systemClock, settleMs });
}

beforeEach(async () => {
  left = [];
  refuse = () => undefined;
  fake = await startFakeJmap({
    accounts: ACCOUNTS,
    async onSend(sending) {
      const refusal = refuse(sending);
      if (refusal === undefined) left.push(sending);
      return refusal;
    },
  });
  route = routeOn(fake.url);
});

afterEach(async () => {
  await route.close();
  await fake.close();
});

function job(
  to: readonly string[],
  options: {
    readonly password?: string;
    readonly from?: string;
    readonly submission?: string;
    readonly mail?: ReturnType<typeof letter>;
  } = {},
) {
  const { mail = letter(ME, '\r\nhello \xe9\r\n'), ...rest } = options;
  return jobOf({ world: { accounts: ACCOUNTS }, letter: mail, to, ...rest });
}

async function inMailbox(role: string): Promise<string[]> {
  const account = fake.account(ME);
  const mailbox = [...account.mailboxes.values()].find((one) => one.role === role);
  return account.inMailbox(mailbox?.id ?? '').map(({ raw }) => raw.toString('latin1'));
}

async function whole(one: { open(): AsyncIterable<Buffer> }): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of one.open()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

test('a message leaves byte for byte to its envelope, and lies in Sent once', async () => {
  const one = job([GOOD, MORE]);
  expect(await deliver(route, one)).toMatchObject([{ kind: 'delivered' }, { kind: 'delivered' }]);
  expect(left.map(({ from, to, raw }) => ({ from, to, raw: raw.toString('latin1') }))).toEqual([
    { from: ME, to: [GOOD, MORE], raw: await whole(one) },
  ]);
  expect(await inMailbox('sent')).toEqual([await whole(one)]);
  expect(await inMailbox('drafts')).toEqual([]);
  const [copy] = fake.account(ME).emails.values();
  expect([...(copy?.keywords ?? [])]).toEqual(['$seen']);
  expect(one.marks()).toBe(1);
  expect(await findSent(route, one)).toBe('sent');
});

describe('a lost answer', () => {
  test('after the sending is unsure, and Sent is the witness', async () => {
    const one = job([GOOD]);
    fake.switches.lost = { method: 'EmailSubmission/set', processed: true };
    expect(await deliver(route, one)).toMatchObject([{ kind: 'unsure', reason: { class: 'lost-answer' } }]);
    expect(await findSent(route, one)).toBe('sent');
    expect(left).toHaveLength(1);
  });

  test('of a request that never arrived is unsure, and a draft that was never begun proves it', async () => {
    const one = job([GOOD]);
    fake.switches.lost = { method: 'EmailSubmission/set', processed: false };
    expect(await deliver(route, one)).toMatchObject([{ kind: 'unsure' }]);
    expect(await findSent(route, one)).toBe('not-sent');
    const again = job([GOOD], {
      mail: { messageId: one.messageId, bytes: Buffer.from((await whole(one)).replace(/^Received:.*\r\n(?:[ \t].*\r\n)*/, ''), 'latin1') },
    });
    expect(await deliver(route, again)).toMatchObject([{ kind: 'delivered' }]);
    expect(await inMailbox('drafts')).toEqual([]);
    expect(await inMailbox('sent')).toEqual([await whole(again)]);
    expect(left).toHaveLength(1);
  });

  test('of a request that never arrived is still proven by its draft when others of its recipients got theirs meanwhile', async () => {
    const mail = letter(ME, '\r\nhello\r\n');
    const one = job([GOOD], { mail });
    fake.switches.lost = { method: 'EmailSubmission/set', processed: false };
    expect(await deliver(route, one)).toMatchObject([{ kind: 'unsure' }]);
    const next = { ...job([MORE], { mail }), unsettled: () => [one.witness] };
    expect(await deliver(route, next)).toMatchObject([{ kind: 'delivered' }]);
    expect(await findSent(route, one)).toBe('not-sent');
  });

  test('of one that may still be on its way is not called unsent', async () => {
    const patient = routeOn(fake.url, 60_000);
    const one = job([GOOD]);
    fake.switches.lost = { method: 'EmailSubmission/set', processed: false };
    expect(await deliver(patient, one)).toMatchObject([{ kind: 'unsure' }]);
    expect(await findSent(patient, one)).toBe('unknown');
    await patient.close();
  });

  test('of a server that died behind the sending: nobody can tell, and nobody sends it again', async () => {
    const one = job([GOOD]);
    fake.switches.diesAfterSending = true;
    expect(await deliver(route, one)).toMatchObject([{ kind: 'unsure' }]);
    expect(await findSent(route, one)).toBe('unknown');
    expect(left).toHaveLength(1);
  });

  test.for([{ status: 503, retryAfterS: 9 }, { status: 429 }, { status: 500 }])('%j to the sending is one, too', async (refusal) => {
    const one = job([GOOD]);
    const marked = { ...one, mark: async () => void (fake.switches.refusal = refusal) };
    expect(await deliver(route, marked)).toMatchObject([{ kind: 'unsure', reason: { class: 'lost-answer' } }]);
    expect(await findSent(route, one)).toBe('unknown');
    fake.switches.refusal = undefined;
    expect(await findSent(route, one)).toBe('not-sent');
  });

  test('a draft that somebody took away proves nothing', async () => {
    const one = job([GOOD]);
    fake.switches.lost = { method: 'EmailSubmission/set', processed: false };
    await deliver(route, one);
    for (const id of fake.account(ME).emails.keys()) fake.account(ME).destroyEmail(id);
    expect(await findSent(route, one)).toBe('unknown');
  });

  test('a draft that somebody put into the trash is no message that was sent', async () => {
    const one = job([GOOD]);
    fake.switches.lost = { method: 'EmailSubmission/set', processed: false };
    await deliver(route, one);
    const account = fake.account(ME);
    const trash = [...account.mailboxes.values()].find(({ role }) => role === 'trash');
    for (const email of account.emails.values()) {
      email.mailboxIds.clear();
      email.mailboxIds.add(trash?.id ?? '');
    }
    expect(await findSent(route, one)).toBe('not-sent');
  });
});

describe('a draft that can not say that it was begun', () => {
  test('is not sent: after a lost answer it would prove that nothing of it was', async () => {
    fake.switches.isReadOnly = true;
    fake.switches.lost = { method: 'EmailSubmission/set', processed: true };
    const one = job([GOOD]);
    expect(await deliver(route, one)).toMatchObject([{ kind: 'unsure' }]);
    expect(await findSent(route, one)).toBe('not-sent');
    expect(left).toEqual([]);
  });

  test.for<[string, () => void, string]>([
    ['as its mailbox takes no change', () => (fake.switches.isReadOnly = true), 'route'],
    ['as the method fails', () => fake.switches.methodErrors.set('Email/set', 'serverFail'), 'protocol'],
    ['as there is too much just now', () => fake.switches.methodErrors.set('Email/set', 'rateLimit'), 'throttled'],
  ])('comes later, %s, to all at once', async ([, fail, reason]) => {
    fail();
    const one = job([GOOD, MORE]);
    const later = { kind: 'deferred', reason: { class: reason }, leftUntidy: true };
    expect(await deliver(route, one)).toMatchObject([later, later]);
    expect(one.marks()).toBe(1);
    expect(await keepOneCopy(route, [one], [])).toBe('later');
    fake.switches.isReadOnly = false;
    fake.switches.methodErrors.clear();
    expect(await keepOneCopy(route, [one], [])).toBe('done');
    expect(fake.account(ME).emails.size).toBe(0);
    expect(left).toEqual([]);
  });
});

describe('a server that can not make one call depend on another', () => {
  beforeEach(() => {
    fake.switches.tiesCalls = false;
  });

  test('is asked to send once the draft says that it was begun', async () => {
    const one = job([GOOD]);
    expect(await deliver(route, one)).toMatchObject([{ kind: 'delivered' }]);
    expect(fake.called.slice(-3)).toEqual(['Email/set', 'EmailSubmission/set', 'EmailSubmission/set']);
    expect(await inMailbox('sent')).toEqual([await whole(one)]);
    expect(await inMailbox('drafts')).toEqual([]);
    expect(left).toHaveLength(1);
  });

  test('refuses without a trace', async () => {
    refuse = () => ({ type: 'forbiddenToSend' });
    const one = job([GOOD]);
    expect(await deliver(route, one)).toMatchObject([{ kind: 'deferred', leftUntidy: true }]);
    expect(await findSent(route, one)).toBe('not-sent');
  });

  test('is not asked to where the draft can not say so', async () => {
    fake.switches.isReadOnly = true;
    expect(await deliver(route, job([GOOD]))).toMatchObject([{ kind: 'deferred', reason: { class: 'route' } }]);
    expect(left).toEqual([]);
  });
});

test('a server that refuses the request to send as a whole is not asked to take anything back, and its pause is kept', async () => {
  const tap = await openTap(fake.url);
  const tapped = routeOn(tap.url);
  const one = job([GOOD]);
  let before = 0;
  const mark = async (): Promise<void> => {
    before = tap.seen().length;
    fake.switches.refusal = { status: 401, retryAfterS: 9 };
  };
  expect(await deliver(tapped, { ...one, mark })).toMatchObject([{ kind: 'deferred', reason: { class: 'auth' }, retryAfterMs: 9000 }]);
  expect(tap.seen()).toHaveLength(before + 1);
  fake.switches.refusal = undefined;
  expect(await findSent(tapped, one)).toBe('not-sent');
  await tapped.close();
  await tap.close();
});

describe('before the mark everything is deferred, and nothing is left behind', () => {
  test('a server that is down, asks for a pause, or refuses the log-in', async () => {
    const one = job([GOOD]);
    fake.switches.isDown = true;
    expect(await deliver(route, one)).toMatchObject([{ kind: 'deferred', reason: { class: 'connect' } }]);
    fake.switches.isDown = false;
    fake.switches.refusal = { status: 503, retryAfterS: 120 };
    expect(await deliver(route, one)).toMatchObject([{ kind: 'deferred', reason: { class: 'throttled' }, retryAfterMs: 120_000 }]);
    fake.switches.refusal = undefined;
    expect(await deliver(route, job([GOOD], { password: 'wrong' }))).toMatchObject([{ kind: 'deferred', reason: { class: 'auth' } }]);
    expect(one.marks()).toBe(0);
  });

  test('a server whose own mail server is down shows no submission', async () => {
    const one = job([GOOD]);
    fake.switches.hasSubmission = false;
    expect(await deliver(route, one)).toMatchObject([{ kind: 'deferred', reason: { class: 'connect' } }]);
    expect(one.marks()).toBe(0);
    expect(fake.account(ME).emails.size).toBe(0);
  });

  test('an import whose answer is lost', async () => {
    const one = job([GOOD]);
    fake.switches.lost = { method: 'Email/import', processed: true };
    expect(await deliver(route, one)).toMatchObject([{ kind: 'deferred' }]);
    expect(one.marks()).toBe(0);
    expect(await deliver(route, one)).toMatchObject([{ kind: 'delivered' }]);
    expect(await inMailbox('drafts')).toEqual([]);
  });

  test('a mark that can not be made', async () => {
    const one = { ...job([GOOD]), mark: () => Promise.reject(new Error('the lease is gone')) };
    expect(await deliver(route, one)).toMatchObject([{ kind: 'deferred' }]);
    expect(left).toEqual([]);
    expect(fake.account(ME).emails.size).toBe(0);
  });

  test('a message that is larger than the server takes', async () => {
    const small = await startFakeJmap({ accounts: ACCOUNTS, onSend: async () => undefined, maxSizeUpload: 100 });
    const narrow = routeOn(small.url);
    expect(await deliver(narrow, job([GOOD]))).toMatchObject([{ kind: 'deferred', reason: { class: 'too-big' } }]);
    await narrow.close();
    await small.close();
  });
});

describe('refusals of the sending', () => {
  test.for<[string, JmapRefusal, string]>([
    ['a mail server that is down', { type: 'serverFail', description: 'Internal Error' }, 'deferred connect'],
    ['too much at once', { type: 'rateLimit' }, 'deferred throttled'],
    ['a sender that is not ours', { type: 'forbiddenMailFrom' }, 'deferred policy'],
    ['a reply of the mail server', { type: 'forbiddenToSend', description: '4.3.0 later' }, 'deferred policy'],
    ['a size', { type: 'tooLarge', maxSize: 1 }, 'deferred too-big'],
    ['no more recipients at all', { type: 'tooManyRecipients', maxRecipients: 0 }, 'deferred recipient'],
    ['the recipient', { type: 'invalidRecipients', invalidRecipients: [GOOD] }, 'rejected recipient'],
  ])('%s: nothing was sent, as the draft proves until that is on record', async ([, refusal, outcome]) => {
    refuse = () => refusal;
    const one = job([GOOD]);
    const [made] = await deliver(route, one);
    expect(made?.kind === 'delivered' ? made.kind : `${made?.kind} ${made?.reason.class}`).toBe(outcome);
    expect(made).toMatchObject({ leftUntidy: true });
    expect(await findSent(route, one)).toBe('not-sent');
    expect(await keepOneCopy(route, [one], [])).toBe('done');
    expect(fake.account(ME).emails.size).toBe(0);
  });

  test('a draft that can not say any more that it was not begun is not sent again', async () => {
    refuse = () => {
      fake.switches.methodErrors.set('Email/set', 'serverFail');
      return { type: 'invalidRecipients', invalidRecipients: [BAD] };
    };
    const one = job([GOOD, BAD]);
    expect((await deliver(route, one)).map(({ kind }) => kind)).toEqual(['deferred', 'deferred']);
    expect(one.marks()).toBe(1);
    expect(await findSent(route, one)).toBe('unknown');
    fake.switches.methodErrors.clear();
    expect(await keepOneCopy(route, [one], [])).toBe('done');
    expect(fake.account(ME).emails.size).toBe(0);
  });

  test.for<[string, JmapRefusal]>([
    ['smtpProtocolError', { type: 'smtpProtocolError', description: 'go' }],
    ['serverFail for a connection that broke', { type: 'serverFail', description: 'System I/O error' }],
    ['a word that nobody knows', { type: 'somethingNew' }],
  ])('%s leaves it open, and no look can tell', async ([, refusal]) => {
    refuse = () => refusal;
    const one = job([GOOD]);
    expect(await deliver(route, one)).toMatchObject([{ kind: 'unsure', reason: { class: 'lost-answer' } }]);
    expect(await findSent(route, one)).toBe('unknown');
  });

  test('each recipient fares for itself: the unknown one is rejected, the good ones have it', async () => {
    refuse = ({ to }) => (to.includes(BAD) ? { type: 'invalidRecipients', invalidRecipients: [BAD] } : undefined);
    expect(await deliver(route, job([GOOD, BAD, MORE]))).toMatchObject([
      { kind: 'delivered' },
      { kind: 'rejected' },
      { kind: 'delivered' },
    ]);
    expect(left.map(({ to }) => to)).toEqual([[GOOD, MORE]]);
  });

  test('each sending is marked with those whom it is for: after a crash Sent proves it for nobody else', async () => {
    refuse = ({ to }) => (to.includes(LATER) ? { type: 'forbiddenToSend', description: '4.3.2 later' } : undefined);
    const one = job([LATER, GOOD, MORE]);
    await deliver(route, one);
    expect(left.map(({ to }) => to)).toEqual([[GOOD]]);
    expect(one.markedFor()).toEqual([GOOD]);
  });

  test('a further sending that can not be marked is not made', async () => {
    refuse = ({ to }) => (to.includes(BAD) ? { type: 'invalidRecipients', invalidRecipients: [BAD] } : undefined);
    const one = job([GOOD, BAD]);
    const mark = (recipients = one.recipients) => (recipients.length > 1 ? one.mark() : Promise.reject(new Error('the lease is gone')));
    expect(await deliver(route, { ...one, mark })).toMatchObject([{ kind: 'deferred' }, { kind: 'rejected' }]);
    expect(left).toEqual([]);
    expect(await findSent(route, one)).toBe('not-sent');
  });

  test('one that was only named because it stood behind the bad one is not rejected', async () => {
    refuse = ({ to }) => (to.includes(BAD) ? { type: 'invalidRecipients', invalidRecipients: to.slice(to.indexOf(BAD)) } : undefined);
    expect(await deliver(route, job([GOOD, BAD, MORE]))).toMatchObject([
      { kind: 'delivered' },
      { kind: 'rejected' },
      { kind: 'delivered' },
    ]);
  });

  test('one that must come later does not hold up the others, nor is it rejected', async () => {
    refuse = ({ to }) => (to.includes(LATER) ? { type: 'forbiddenToSend', description: '4.3.2 later' } : undefined);
    const outcomes = await deliver(route, job([LATER, GOOD, MORE]));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['deferred', 'delivered', 'deferred']);
    expect(left.map(({ to }) => to)).toEqual([[GOOD]]);
    expect(await deliver(route, job([MORE]))).toMatchObject([{ kind: 'delivered' }]);
  });

  test('with more recipients than the server takes the first ones have it, the rest comes later', async () => {
    refuse = ({ to }) => (to.length > 2 ? { type: 'tooManyRecipients', maxRecipients: 2 } : undefined);
    expect((await deliver(route, job([GOOD, LATER, MORE]))).map(({ kind }) => kind)).toEqual(['delivered', 'delivered', 'deferred']);
  });

  test('two attempts at one message leave one copy in Sent when both are settled, and each its proof until then', async () => {
    const mail = letter(ME, '\r\nhello\r\n');
    const submission = newSubmission();
    const first = job([GOOD], { mail, submission });
    const second = job([MORE], { mail, submission });
    for (const one of [first, second]) expect(await deliver(route, one)).toMatchObject([{ kind: 'delivered' }]);
    for (const one of [first, second]) expect(await findSent(route, one)).toBe('sent');
    expect(await keepOneCopy(route, [second])).toBe('done');
    expect(await inMailbox('sent')).toHaveLength(2);
    expect(await keepOneCopy(route, [first, second])).toBe('done');
    expect(await inMailbox('sent')).toEqual([await whole(first)]);
    fake.switches.isDown = true;
    expect(await keepOneCopy(route, [first, second])).toBe('later');
  });
});

describe('what an attempt leaves in Drafts', () => {
  test('when it was sent and could not be filed is filed in Sent once that is on record, and not sent again', async () => {
    fake.switches.failsToFile = true;
    refuse = () => void fake.switches.methodErrors.set('Email/set', 'serverFail');
    const one = job([GOOD]);
    expect(await deliver(route, one)).toMatchObject([{ kind: 'delivered', leftUntidy: true }]);
    expect(await inMailbox('sent')).toEqual([]);
    expect(await keepOneCopy(route, [one])).toBe('later');
    fake.switches.methodErrors.clear();
    expect(await keepOneCopy(route, [one])).toBe('done');
    expect(await inMailbox('sent')).toEqual([await whole(one)]);
    expect(await inMailbox('drafts')).toEqual([]);
    expect(left).toHaveLength(1);
  });

  test('when nobody knows whether it was sent, and a person says so, is filed in Sent', async () => {
    const one = job([GOOD]);
    fake.switches.diesAfterSending = true;
    await deliver(route, one);
    expect(await keepOneCopy(route, [one])).toBe('done');
    expect(await inMailbox('sent')).toEqual([await whole(one)]);
    expect(await inMailbox('drafts')).toEqual([]);
  });

  test('is left alone while that may be on its way, and while it is the proof of another attempt', async () => {
    const patient = routeOn(fake.url, 60_000);
    const mail = letter(ME, '\r\nhello\r\n');
    const submission = newSubmission();
    const [first, second] = [job([GOOD], { mail, submission }), job([MORE], { mail, submission })];
    fake.switches.diesAfterSending = true;
    await deliver(route, first);
    expect(await keepOneCopy(patient, [first], [])).toBe('later');
    expect(await inMailbox('drafts')).toHaveLength(1);
    fake.switches.diesAfterSending = false;
    await deliver(route, second);
    expect(await keepOneCopy(patient, [second])).toBe('done');
    expect(await inMailbox('drafts')).toHaveLength(1);
    await patient.close();
  });
});

test('a copy that can not be thrown away keeps tidying from being done, and no message from leaving', async () => {
  refuse = () => ({ type: 'invalidRecipients', invalidRecipients: [BAD] });
  const mail = letter(ME, '\r\nhello\r\n');
  const submission = newSubmission();
  const one = job([BAD], { mail, submission });
  expect(await deliver(route, one)).toMatchObject([{ kind: 'rejected' }]);
  fake.switches.isReadOnly = true;
  expect(await keepOneCopy(route, [one], [])).toBe('later');
  expect(await inMailbox('drafts')).toHaveLength(1);
  fake.switches.isReadOnly = false;
  refuse = () => undefined;
  fake.switches.spoiled.set('Email/set', (args) => ({ ...args, destroyed: null, notDestroyed: { a: { type: 'serverFail' } } }));
  expect(await deliver(route, job([GOOD], { mail, submission }))).toMatchObject([{ kind: 'delivered' }]);
});

test("a draft of the person's own with the same Message-ID is left alone", async () => {
  const mail = letter(ME, '\r\nhello\r\n');
  const account = fake.account(ME);
  const drafts = [...account.mailboxes.values()].find(({ role }) => role === 'drafts');
  account.addEmail({ raw: mail.bytes, mailboxIds: new Set([drafts?.id ?? '']), keywords: new Set(['$draft']), receivedAtMs: 0 });
  expect(await deliver(route, job([GOOD], { mail }))).toMatchObject([{ kind: 'delivered' }]);
  expect(await inMailbox('drafts')).toEqual([mail.bytes.toString('latin1')]);
});

test('a server without Drafts and Sent gets them', async () => {
  const account = fake.account(ME);
  for (const { id, role } of account.mailboxes.values()) if (role === 'drafts' || role === 'sent') account.removeMailbox(id);
  const one = job([GOOD]);
  expect(await deliver(route, one)).toMatchObject([{ kind: 'delivered' }]);
  expect(await findSent(route, one)).toBe('sent');
});

/** Not all of them can be searched for. */
const ODD_IDS = ['<>', '<a b"c\\d{3}@[x]>', '<\u00e9\u00e9@x>', '<%*@x>'];

test.for(ODD_IDS)('a Message-ID that is hard to search for, %s, is sent once as well', async (id) => {
  const one = job([GOOD], { mail: letter(ME, '\r\nhello\r\n', id) });
  fake.switches.lost = { method: 'EmailSubmission/set', processed: true };
  expect(await deliver(route, one)).toMatchObject([{ kind: 'unsure' }]);
  expect(await findSent(route, one)).toBe('sent');
});

test.for(ODD_IDS)('attempts at a message whose Message-ID is hard to search for, %s, come down to one copy', async (id) => {
  const mail = letter(ME, '\r\nhello\r\n', id);
  const submission = newSubmission();
  const refused = [job([BAD], { mail, submission }), job([BAD], { mail, submission })];
  const first = job([GOOD], { mail, submission });
  const sent = [first, job([MORE], { mail, submission })];
  const other = job([GOOD], { mail });
  for (const one of [...sent, other]) expect(await deliver(route, one)).toMatchObject([{ kind: 'delivered' }]);
  refuse = () => ({ type: 'invalidRecipients', invalidRecipients: [BAD] });
  const unsettled = () => refused.map(({ witness }) => witness);
  for (const one of refused) expect(await deliver(route, { ...one, unsettled })).toMatchObject([{ kind: 'rejected' }]);
  expect(await inMailbox('drafts')).toHaveLength(2);
  expect(await keepOneCopy(route, [...sent, ...refused], sent)).toBe('done');
  expect(await inMailbox('drafts')).toEqual([]);
  expect((await inMailbox('sent')).toSorted()).toEqual([await whole(first), await whole(other)].toSorted());
});

describe('a notice to the account itself', () => {
  test('lies in INBOX, unread', async () => {
    const one = job([ME], { from: '' });
    expect(await deliver(route, one)).toMatchObject([{ kind: 'delivered' }]);
    expect(await inMailbox('inbox')).toEqual([await whole(one)]);
    expect(left).toEqual([]);
    expect([...(fake.account(ME).emails.values().next().value?.keywords ?? [])]).toEqual([]);
  });

  test('that is lost on its way is found, or proven not to have come', async () => {
    for (const processed of [true, false]) {
      const one = job([ME], { from: '' });
      const marked = { ...one, mark: async () => void (fake.switches.lost = { method: 'Email/set', processed }) };
      expect(await deliver(route, marked)).toMatchObject([{ kind: 'unsure' }]);
      expect(await findSent(route, one)).toBe(processed ? 'sent' : 'not-sent');
    }
  });

  test('goes to nobody else', async () => {
    expect(await deliver(route, job([GOOD], { from: '' }))).toMatchObject([{ kind: 'deferred', reason: { class: 'route' } }]);
  });
});
