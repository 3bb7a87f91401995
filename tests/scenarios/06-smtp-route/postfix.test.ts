import { asId, type JobRecipient, type Outcome, type RecipientId } from '@stopgap/core';
import { loadRoute } from '@stopgap/outbox';
import { makeJob } from '@stopgap/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, until, type Lab } from '../../lab/index.ts';
import { credentialOf, guard, pathThrough } from './providers-servers.ts';

const { createSmtpRoute } = await loadRoute.smtp();
const never = new AbortController().signal;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ parts: ['dovecot', 'postfix'] });
});
afterAll(() => lab?.stop());

const routeThrough = (lab: Lab) =>
  createSmtpRoute({ path: pathThrough(lab, ['smtp', 'submission', 'starttls']), guard, heloName: 'relay.test' });
const jobOf = (message: string, to: readonly string[], recipient: Partial<JobRecipient> = {}, envelope = {}) =>
  makeJob({
    message,
    to,
    overrides: {
      credential: async () => credentialOf(lab, 'alice'),
      envelope: { from: lab.address('alice'), smtpUtf8: false, eightBitMime: true, ...envelope },
      recipients: to.map((address, index) => ({ id: asId.recipient(index + 1), address, ...recipient })),
    },
  });
const letter = (id: string, body: string) =>
  `From: <${lab.address('alice')}>\r\nTo: x@outside.test\r\nMessage-ID: <${id}@provider.test>\r\nSubject: ${id}\r\n\r\n${body}`;
const short = (outcomes: ReadonlyMap<RecipientId, Outcome>) =>
  [...outcomes.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, outcome]) => (outcome.kind === 'delivered' ? 'delivered' : `${outcome.kind} ${outcome.reason.class} ${outcome.reason.code}`));

describe('through the real Postfix', () => {
  test('a message arrives byte for byte, dots and all, and the second one on the same connection', async () => {
    const route = routeThrough(lab);
    const body = `.\r\n..\r\n.x\r\nFrom here\r\n${'y'.repeat(990)}\r\n\u00e9\u00df\r\n\r\n`;
    for (const id of ['one', 'two']) {
      const outcomes = await route.deliver(jobOf(letter(id, body), [lab.address('bob')]), never);
      expect(outcomes.get(asId.recipient(1))).toMatchObject({
        kind: 'delivered',
        reply: expect.stringMatching(/^250 2\.0\.0 Ok: queued/),
        dsnPassedOn: true,
      });
    }
    const inbox = await until('bob has both', async () => ((await lab.inbox('bob')).length === 2 ? lab.inbox('bob') : undefined));
    for (const copy of inbox) expect(copy.toString().endsWith(`\r\n\r\n${body}`)).toBe(true);
    await route.close();
  });

  test('a message of 10 MB goes through TLS in pieces', async () => {
    const route = routeThrough(lab);
    const head = Buffer.from(letter('large', ''));
    const piece = Buffer.from(`${'z'.repeat(62)}\r\n`.repeat(1000));
    const job = makeJob({
      overrides: {
        ...jobOf('', [lab.address('bob')]),
        sizeBytes: head.length + 160 * piece.length,
        open: async function* open() {
          yield head;
          for (let n = 0; n < 160; n += 1) yield piece;
        },
      },
    });
    expect(short(await route.deliver(job, never))).toEqual(['delivered']);
    const copy = await until('bob has it', async () => (await lab.inbox('bob')).find((each) => each.includes('<large@')));
    expect(copy.length - copy.indexOf('\r\n\r\n') - 4).toBe(160 * piece.length);
    await route.close();
  });

  test('each recipient has its own fate, and the good ones have the message', async () => {
    const route = routeThrough(lab);
    const to = ['nobody@provider.test', lab.address('carol'), 'later@outside.test', 'greylisted@outside.test', 'xenia@outside.test'];
    const outcomes = await route.deliver(jobOf(letter('three', 'x\r\n'), to), never);
    expect(short(outcomes)).toEqual([
      'rejected recipient 550',
      'delivered',
      'deferred throttled 451',
      'deferred greylist 450',
      'delivered',
    ]);
    await until('carol has it', async () => (await lab.inbox('carol')).length === 1);
    const departed = await until('it left', async () => (await lab.outside()).find(({ to }) => to.includes('xenia@outside.test')));
    expect(departed.to).toEqual(['xenia@outside.test']);
    await route.close();
  });

  test('all refused: the connection is good for the next message', async () => {
    const route = routeThrough(lab);
    expect(short(await route.deliver(jobOf(letter('four', 'x\r\n'), ['nobody@provider.test']), never))).toEqual(['rejected recipient 550']);
    expect(short(await route.deliver(jobOf(letter('five', 'x\r\n'), [lab.address('carol')]), never))).toEqual(['delivered']);
    await until('carol has it', async () => (await lab.inbox('carol')).some((copy) => copy.includes('<five@')));
    await route.close();
  });

  test('DSN parameters are understood: a notice of success comes back with what was asked for', async () => {
    const route = routeThrough(lab);
    const recipient = { notify: ['success'], orcpt: 'rfc822;Bob+odd@provider.test' } as const;
    const job = jobOf(letter('six', 'x\r\n'), [lab.address('bob')], recipient, { ret: 'hdrs', envid: 'id = 6+' });
    expect(short(await route.deliver(job, never))).toEqual(['delivered']);
    const notice = await until('alice has the notice', async () =>
      (await lab.inbox('alice')).find((copy) => copy.includes('delivery-status')),
    );
    expect(notice.toString()).toMatch(/Original-Envelope-Id: id = 6\+\r\n/i);
    expect(notice.toString()).toMatch(/Original-Recipient: rfc822;\s?Bob\+odd@provider\.test/i);
    expect(notice.toString()).toMatch(/Action: (?:delivered|relayed)/i);
    await route.close();
  });

  test("a sender that is not the log-in's own waits, and nobody is told that a recipient is bad", async () => {
    await lab.postconf({
      smtpd_recipient_restrictions: 'check_sender_access static:{553 5.7.1 Sender address rejected: not owned by user}',
    });
    const route = routeThrough(lab);
    expect(short(await route.deliver(jobOf(letter('seven', 'x\r\n'), [lab.address('bob')]), never))).toEqual(['deferred policy 553']);
    await lab.postconf({ smtpd_recipient_restrictions: '' });
    await route.close();
  });

  test('no room over there: it waits', async () => {
    await lab.postconf({ queue_minfree: '900000000000' });
    const route = routeThrough(lab);
    expect(short(await route.deliver(jobOf(letter('eight', 'x\r\n'), [lab.address('bob')]), never))).toEqual(['deferred quota 452']);
    await lab.postconf({ queue_minfree: '0' });
    await route.close();
  });

  test('the answer to the dot is lost: unsure, and the message is there once', async () => {
    await lab.edge.set('submission', { mode: 'cutAfterDot', delivered: true, times: 1 });
    const path = { ...pathThrough(lab, ['smtp', 'submission', 'starttls']), port: lab.edge.ports.submission };
    const route = createSmtpRoute({ path, guard, heloName: 'relay.test' });
    const job = jobOf(letter('nine', 'x\r\n'), [lab.address('carol')]);
    expect(short(await route.deliver(job, never))).toEqual(['unsure lost-answer undefined']);
    expect(job.marks()).toBe(1);
    await until('carol has it', async () => (await lab.inbox('carol')).filter((copy) => copy.includes('<nine@')).length === 1);
    await route.close();
  });
});
