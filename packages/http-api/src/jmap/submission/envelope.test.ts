import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asId } from '@stopgap/core';
import { cancel, release } from '@stopgap/outbox';
import { findSubmission, insertRecipients, insertSubmission, recipientsOf } from '@stopgap/store';
import { ALICE, ALICE_ID, basic, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
let drafts: string;
let identity: string;
beforeAll(async () => {
  bench = await startBench();
  drafts = `m${await bench.mailbox('Drafts', { role: 'drafts' })}`;
  const { list } = (await bench.one('Identity/get', { ids: null })) as unknown as { list: { id: string }[] };
  identity = list[0]?.id ?? '';
});
afterAll(() => bench[Symbol.asyncDispose]());

type Parameters = Record<string, string | null>;
type Created = Record<string, { id: string; sendAt?: string }>;

async function draft(messageId = `${crypto.randomUUID()}@laptop.test`): Promise<string> {
  const answer = await bench.one('Email/set', {
    create: {
      d: {
        mailboxIds: { [drafts]: true },
        from: [{ email: ALICE }],
        to: [{ email: 'x@far.test' }],
        messageId: [messageId],
        subject: messageId,
        textBody: [{ partId: 't' }],
        bodyValues: { t: { value: 'Hello\n' } },
      },
    },
  });
  return (answer['created'] as Created)['d']?.id ?? '';
}

const submit = async (emailId: string, mailFrom: Parameters | null, rcptTo: Parameters | null = null) =>
  await bench.one('EmailSubmission/set', {
    create: {
      s: {
        identityId: identity,
        emailId,
        envelope: { mailFrom: { email: ALICE, parameters: mailFrom }, rcptTo: [{ email: 'x@far.test', parameters: rcptTo }] },
      },
    },
  });
const madeOf = (answer: Record<string, unknown>) => (answer['created'] as Created)['s'] ?? { id: '' };
const idOf = (wireId: string) => asId.submission(wireId.slice(1));
const get = async (id: string) =>
  ((await bench.one('EmailSubmission/get', { ids: [id] })) as unknown as { list: Record<string, unknown>[] }).list[0];
const later = (ms: number) => new Date(bench.clock.nowMs() + ms).toISOString();

describe('the parameters of an envelope', () => {
  test('are kept as they were given, and what they ask for is in the queue', async () => {
    const { id } = madeOf(
      await submit(await draft(), { ENVID: 'QQ 314', ret: 'hdrs' }, { NOTIFY: 'SUCCESS,failure', ORCPT: 'rfc822;y@far.test' }),
    );
    expect(await get(id)).toMatchObject({
      envelope: {
        mailFrom: { email: ALICE, parameters: { ENVID: 'QQ 314', ret: 'hdrs' } },
        rcptTo: [{ email: 'x@far.test', parameters: { NOTIFY: 'SUCCESS,failure', ORCPT: 'rfc822;y@far.test' } }],
      },
    });
    bench.store.read((reader) => {
      expect(findSubmission(reader, idOf(id))?.envelope).toMatchObject({ envid: 'QQ 314', ret: 'hdrs' });
      expect(recipientsOf(reader, idOf(id))).toMatchObject([{ notify: ['success', 'failure'], orcpt: 'rfc822;y@far.test', isHeld: false }]);
    });
  });

  test('without any are null', async () => {
    const { id } = madeOf(await submit(await draft(), null));
    expect(await get(id)).toMatchObject({ envelope: { mailFrom: { parameters: null }, rcptTo: [{ parameters: null }] } });
  });

  test.each<[string, Parameters | null, Parameters | null]>([
    ['one that is not known', { 'MT-PRIORITY': '3' }, null],
    ['one that is not known, of a recipient', null, { CONNEG: null }],
    ['RET with something else', { RET: 'SOME' }, null],
    ['ENVID with a line break', { ENVID: 'x\r\nMAIL' }, null],
    ['ENVID without a value', { ENVID: null }, null],
    ['NOTIFY with something else', null, { NOTIFY: 'LATER' }],
    ['NOTIFY never and at success', null, { NOTIFY: 'NEVER,SUCCESS' }],
    ['ORCPT without its type', null, { ORCPT: 'y@far.test' }],
    ['HOLDFOR with a word', { HOLDFOR: 'soon' }, null],
    ['HOLDFOR without a value', { HOLDFOR: null }, null],
    ['HOLDFOR and HOLDUNTIL', { HOLDFOR: '60', HOLDUNTIL: '2027-01-01T00:00:00Z' }, null],
    ['HOLDUNTIL as people write a date', { HOLDUNTIL: 'Jan 1 2027' }, null],
    ['HOLDUNTIL beyond maxDelayedSend', { HOLDUNTIL: '2999-01-01T00:00:00Z' }, null],
    ['more of them than a command takes', Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`SIZE${at}`, '1'])), null],
  ])('%s is refused', async (_, mailFrom, rcptTo) => {
    expect(await submit(await draft(), mailFrom, rcptTo)).toMatchObject({
      notCreated: { s: { type: 'invalidProperties', properties: ['envelope'] } },
    });
  });
});

describe('a submission that is to leave later', () => {
  test('is pending until then, at the time that was asked for', async () => {
    const until = later(3_600_000);
    const made = madeOf(await submit(await draft(), { HOLDUNTIL: until }));
    expect(made).toMatchObject({ sendAt: until.replace('.000', ''), undoStatus: 'pending' });
    expect(await get(made.id)).toMatchObject({
      sendAt: made.sendAt,
      undoStatus: 'pending',
      envelope: { mailFrom: { parameters: { HOLDUNTIL: until } } },
    });
    expect(await bench.one('OutboxEntry/get', { ids: [made.id] })).toMatchObject({
      list: [{ state: 'held', sendAt: until, actions: ['cancel', 'release'], recipients: [{ nextAttemptAt: until }] }],
    });
  });

  test('is asked for again after a lost answer and tells when it leaves, not when it was asked for again', async () => {
    const email = await draft();
    const first = madeOf(await submit(email, { HOLDFOR: '3600' }));
    bench.clock.jump(60_000);
    const again = madeOf(await submit(email, { HOLDFOR: '3600' }));
    expect(again).toEqual(first);
    expect(await get(first.id)).toMatchObject({ sendAt: first.sendAt });
  });

  test('is asked for again with another time, or with none, and is another', async () => {
    const email = await draft();
    const first = madeOf(await submit(email, { HOLDFOR: '3600' }));
    const others = [madeOf(await submit(email, { HOLDFOR: '7200' })), madeOf(await submit(email, null))];
    expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(3);
  });

  test('that was called back is made anew with another time', async () => {
    const email = await draft();
    const first = madeOf(await submit(email, { HOLDFOR: '3600' }));
    await bench.one('EmailSubmission/set', { update: { [first.id]: { undoStatus: 'canceled' } } });
    expect(await get(first.id)).toMatchObject({ undoStatus: 'canceled' });
    const second = madeOf(await submit(email, { HOLDFOR: '7200' }));
    expect(second.id).not.toBe(first.id);
    expect(second.sendAt).toBe(later(7_200_000).replace('.000', ''));
  });

  test('with a time that has passed leaves at once', async () => {
    const { id } = madeOf(await submit(await draft(), { HOLDUNTIL: later(-1000) }));
    expect(bench.store.read((reader) => recipientsOf(reader, idOf(id)))).toMatchObject([{ isHeld: false }]);
  });

  test('that a person let go, or cancelled, is no longer said to leave then', async () => {
    const options = { store: bench.store, clock: bench.clock };
    const [one, other] = [madeOf(await submit(await draft(), { HOLDFOR: '60' })), madeOf(await submit(await draft(), { HOLDFOR: '60' }))];
    await release(options, idOf(one.id));
    await cancel(options, idOf(other.id));
    const { list } = (await bench.one('OutboxEntry/get', { ids: [one.id, other.id] })) as unknown as { list: object[] };
    expect(list).toMatchObject([{ state: 'waiting', recipients: [{ held: false }] }, { state: 'cancelled' }]);
  });
});

describe('reports about a submission', () => {
  const report = (type: string, about: string, messageId: string) =>
    [
      'From: postmaster@far.test',
      `To: ${ALICE}`,
      `Message-ID: <${messageId}>`,
      `In-Reply-To: <${about}>`,
      'Subject: a report',
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=${type}; boundary=b`,
      '',
      '--b',
      '',
      'What became of it.',
      '--b--',
      '',
    ].join('\n');

  test('are told by what they are, ours until they have arrived; and each is a new state', async () => {
    const inbox = await bench.mailbox('INBOX');
    const { id } = madeOf(await submit(await draft('reported@laptop.test'), null));
    const state = async () => ((await bench.one('EmailSubmission/get', { ids: [] })) as { state: string }).state;
    const states = [await state()];
    expect(await get(id)).toMatchObject({ dsnBlobIds: [], mdnBlobIds: [] });

    const about = bench.store.read((reader) => findSubmission(reader, idOf(id)));
    if (about === undefined) throw new Error('no submission');
    const notice = {
      ...about,
      id: asId.submission('0'.repeat(26)),
      kind: 'dsn' as const,
      messageId: '<notice@relay.test>',
      dsnOf: about.id,
    };
    await bench.store.write((tx) => {
      insertSubmission(tx, notice, 'x');
      insertRecipients(tx, notice, [{ address: ALICE, notify: [] }]);
    });
    states.push(await state());
    expect(await get(id)).toMatchObject({ dsnBlobIds: [`s${notice.id}`], mdnBlobIds: [] });
    const answer = await bench.ask(`/jmap/download/${ALICE_ID}/s${notice.id}/report.eml`, { headers: basic() });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Subject: reported@laptop.test')]);

    const deliver = (type: string, messageId: string, of = 'reported@laptop.test') => bench.deliver(inbox, report(type, of, messageId));
    const arrived = await deliver('delivery-status', 'notice@relay.test');
    const read = await deliver('disposition-notification', 'read@far.test');
    await deliver('feedback-report', 'spam@far.test');
    await deliver('delivery-status', 'other@far.test', 'another@laptop.test');
    states.push(await state());
    expect(await get(id)).toMatchObject({
      dsnBlobIds: [expect.stringMatching(`^b${arrived.id}_`)],
      mdnBlobIds: [expect.stringMatching(`^b${read.id}_`)],
    });
    expect(new Set(states).size).toBe(3);
    expect(await bench.one('EmailSubmission/changes', { sinceState: states[1] })).toMatchObject({ updated: [id] });
  });

  test('of another account are nobody else’s bytes', async () => {
    const { id } = madeOf(await submit(await draft(), null));
    await bench.store.write((tx) => void tx.run("UPDATE submission SET account_id = 'bob@provider.test' WHERE id = ?", idOf(id)));
    expect((await bench.ask(`/jmap/download/${ALICE_ID}/${id}/report.eml`, { headers: basic() })).status).toBe(404);
  });
});
