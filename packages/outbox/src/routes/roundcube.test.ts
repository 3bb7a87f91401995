import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asId, systemClock, type Reason, type Route, type UrlPath } from '@stopgap/core';
import { startFakeRoundcube, type FakeRoundcube, type Sending } from '@stopgap/testkit';
import {
  copiesOf,
  deliver,
  expectSentOnce,
  findSent,
  jobOf,
  letter,
  roundcubeContract,
  type Letter,
  type RoundcubeWorld,
} from '@stopgap/testkit/roundcube-contract';
import { createGuard } from '@stopgap/upstreams';
import { createRoundcubeRoute } from './roundcube.ts';

interface FakeWorld extends RoundcubeWorld {
  readonly webmail: FakeRoundcube;
}

async function startFakeWorld(): Promise<FakeWorld> {
  const accounts = ['alice', 'bob', 'carol'].map((name) => ({ address: `${name}@provider.test`, password: `secret-${name}` }));
  const departed: Sending[] = [];
  const webmail = await startFakeRoundcube({ accounts, onSend: (mail) => void departed.push(mail) });
  return {
    webmail,
    url: webmail.url,
    accounts,
    mailbox: async (address, name) => webmail.mailbox(address, name)?.messages.map((message) => message.raw) ?? [],
    departed: async () => departed,
    refuse: async (address, reply) => void webmail.switches.refusals.set(address, reply),
    setStorage: async (isUp) => void (webmail.switches.imapDown = !isUp),
    setMailServer: async (isUp) => void (webmail.switches.smtpDown = !isUp),
    close: () => webmail.close(),
  };
}

function createTestRoute(url: string): Route {
  return createRoundcubeRoute({
    path: testPath(url),
    guard: createGuard({ allowPrivate: true }),
    clock: systemClock,
    settleMs: 0,
  });
}

function testPath(url: string): UrlPath {
  return { id: asId.path('test'), provider: asId.provider('test'), direction: 'outgoing', connections: 6, kind: 'roundcube', url };
}

roundcubeContract('the fake webmail', { start: startFakeWorld, createRoute: createTestRoute });

describe('where only a webmail that does as told can show it', () => {
  const OUT = 'friend@outside.test';
  const me = 'alice@provider.test';
  let world: FakeWorld;
  let route: Route;
  beforeEach(async () => {
    world = await startFakeWorld();
    route = createTestRoute(world.url);
  });
  afterEach(async () => {
    await route.close();
    await world.close();
  });
  const sent = async (mail: Letter) => copiesOf(await world.mailbox(me, 'Sent'), mail);

  test('sent but not saved is delivered, and the message itself takes its place in Sent', async () => {
    const mail = letter(me, '\r\nhello\r\n');
    world.webmail.switches.sentSaveFails = true;
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    await expectSentOnce(world, me, mail);
  });

  test('a mail server lost in the middle of the message leaves the end open for good: no look into Sent can tell', async () => {
    const mail = letter(me, '\r\nhello\r\n');
    const job = jobOf({ world, letter: mail, to: [OUT] });
    world.webmail.switches.smtpLost = true;
    expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure', reason: { class: 'lost-answer' } }]);
    expect(await findSent(route, job)).toBe('unknown');
    world.webmail.switches.smtpLost = false;
    // Another attempt at the same message, for other recipients, must not wipe out that trace.
    expect(await deliver(route, jobOf({ world, letter: mail, to: ['other@outside.test'] }))).toMatchObject([{ kind: 'delivered' }]);
    expect(await findSent(route, job)).toBe('unknown');
  });

  test.for([[], ['bounce']] as const)(
    'a mail server lost in the middle is on record before the webmail is asked for anything more (without %j)',
    async (lacks) => {
      for (const action of lacks) world.webmail.disable(action);
      world.webmail.switches.smtpLost = true;
      const doubts: Reason[] = [];
      const job = {
        ...jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] }),
        async doubt(reason: Reason) {
          doubts.push(reason);
          await world.setStorage(false);
        },
      };
      expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure', reason: { isUnprovable: true } }]);
      expect(doubts).toMatchObject([{ isUnprovable: true }]);
      await world.setStorage(true);
      // The star did not come to it, so nothing but that record would tell.
      expect(await findSent(route, job)).toBe('not-sent');
    },
  );

  test('a webmail that keeps no copies can not prove that nothing was sent', async () => {
    world.webmail.switches.keepsNoSent = true;
    const job = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] });
    world.webmail.loseAnswer('bounce', { processed: true });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure' }]);
    expect(await findSent(route, job)).toBe('unknown');
  });

  test('more recipients than the webmail takes at once: as many as it takes, the others later', async () => {
    world.webmail.switches.maxRecipients = 2;
    const mail = letter(me, '\r\nhello\r\n');
    const outcomes = await deliver(route, jobOf({ world, letter: mail, to: ['a@outside.test', 'b@outside.test', 'c@outside.test'] }));
    expect(outcomes).toMatchObject([{ kind: 'delivered' }, { kind: 'delivered' }, { kind: 'deferred', reason: { class: 'throttled' } }]);
    expect((await world.departed()).map((out) => out.to)).toEqual([['a@outside.test', 'b@outside.test']]);
  });

  test('a refused content is rejected for all, and nothing is left behind', async () => {
    world.webmail.switches.contentRefusal = '554 5.7.1 spam';
    const mail = letter(me, '\r\nhello\r\n');
    const outcomes = await deliver(route, jobOf({ world, letter: mail, to: [OUT, 'b@outside.test'] }));
    expect(outcomes).toMatchObject([{ kind: 'rejected', reason: { code: 554, status: '5.7.1' } }, { kind: 'rejected' }]);
    expect(copiesOf(await world.mailbox(me, 'Stopgap outbox'), mail)).toHaveLength(0);
  });

  test.for<['import' | 'bounce', 'disabled' | 'unknown']>([
    ['import', 'disabled'],
    ['import', 'unknown'],
    ['bounce', 'disabled'],
    ['bounce', 'unknown'],
  ])('with "%s" %s, the message is written anew, with its Message-ID, references and attachments', async ([action, how]) => {
    world.webmail.disable(action, how);
    const body =
      '\r\n--b\r\nContent-Type: text/plain\r\n\r\nline one  \r\nFrom two\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1,2\r\n--b--\r\n';
    const mail = letter(
      me,
      `Cc: ${OUT}, third@outside.test\r\nIn-Reply-To: <x@y.test>\r\nReferences: <w@y.test> <x@y.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n${body}`,
    );
    const job = jobOf({ world, letter: mail, to: [OUT, 'blind@outside.test'] });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'delivered' }, { kind: 'delivered' }]);
    const [out] = await world.departed();
    const text = out?.raw.toString('latin1') ?? '';
    expect(out?.to.toSorted()).toEqual(['blind@outside.test', OUT]);
    for (const part of [
      `Message-ID: ${mail.messageId}`,
      'In-Reply-To: <x@y.test>',
      'References: <w@y.test> <x@y.test>',
      `Cc: ${OUT}`,
      'line one',
      'From two',
      'a.csv',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('blind@outside.test');
    // Somebody else's recipient of the header must not get a second copy.
    expect(text).not.toContain('third@outside.test');
    expect(await findSent(route, job)).toBe('sent');
    expect(await sent(mail)).toHaveLength(1);
    expect(copiesOf(await world.mailbox(me, 'Stopgap outbox'), mail)).toHaveLength(0);
  });

  test.for<[boolean, string]>([
    [true, 'sent'],
    [false, 'not-sent'],
  ])('an answer lost while writing anew (sent: %s) is settled by the copy in Sent: %s', async ([processed, verdict]) => {
    world.webmail.disable('bounce');
    const job = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] });
    world.webmail.loseAnswer('send', { processed });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure' }]);
    expect(await findSent(route, job)).toBe(verdict);
  });

  test('a session that ends before the message is sent takes the editor along: nothing was sent, and the next attempt does', async () => {
    world.webmail.disable('bounce');
    const mail = letter(me, '\r\nhello\r\n');
    const job = jobOf({ world, letter: mail, to: [OUT] });
    const ending = { ...job, mark: async () => world.webmail.expireSessions() };
    expect(await deliver(route, ending)).toMatchObject([{ kind: 'deferred' }]);
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    expect(await world.departed()).toHaveLength(1);
  });

  test('a mail server lost in the middle of what was written anew says so in the reason, as there is no staged copy to flag', async () => {
    world.webmail.disable('bounce');
    world.webmail.switches.smtpLost = true;
    const job = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure', reason: { isUnprovable: true } }]);
  });

  test('a copy that was written anew for other recipients proves nothing about the first ones', async () => {
    world.webmail.disable('bounce');
    const mail = letter(me, '\r\nhello\r\n');
    const lost = jobOf({ world, letter: mail, to: [OUT] });
    world.webmail.loseAnswer('send', { processed: false });
    expect(await deliver(route, lost)).toMatchObject([{ kind: 'unsure' }]);
    const next = jobOf({ world, letter: mail, to: ['other@outside.test'] });
    expect(await deliver(route, next)).toMatchObject([{ kind: 'delivered' }]);
    expect(await findSent(route, lost)).toBe('not-sent');
    expect(await findSent(route, next)).toBe('sent');
  });

  test.for([
    'multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha512; boundary=b',
    'application/pkcs7-mime; smime-type=enveloped-data',
    'multipart/encrypted; boundary=b',
  ])('a sealed message (%s) is never written anew', async (type) => {
    world.webmail.disable('bounce');
    const job = jobOf({ world, letter: letter(me, `MIME-Version: 1.0\r\nContent-Type: ${type}\r\n\r\nsealed\r\n`), to: [OUT] });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'deferred', reason: { class: 'route' } }]);
    expect(job.marks()).toBe(0);
    expect(await world.departed()).toHaveLength(0);
  });

  test('what a crash left untidied is tidied by the next delivery', async () => {
    const mail = letter(me, '\r\nhello\r\n');
    world.webmail.switches.lost.set('move', { times: 1, processed: false });
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    expect(copiesOf(await world.mailbox(me, 'Stopgap outbox'), mail)).toHaveLength(1);
    expect(await deliver(route, jobOf({ world, letter: letter(me, '\r\nnext\r\n'), to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    await expectSentOnce(world, me, mail);
  });

  test('what the webmail stored for a dead attempt, after the next one had sent the message, is taken away by the next delivery', async () => {
    const mail = letter(me, '\r\nhello\r\n');
    const job = jobOf({ world, letter: mail, to: [OUT] });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'delivered' }]);
    const staging = world.webmail.mailbox(me, 'Stopgap outbox');
    const raw = ((await sent(mail))[0] ?? Buffer.alloc(0)).toString('latin1');
    const late = raw.replace(job.witness, job.witness.replace(/\.\d+$/, '.1'));
    staging?.messages.push({ uid: staging.nextUid++, raw: Buffer.from(late, 'latin1'), flags: new Set(), receivedAtMs: 0 });
    expect(await deliver(route, jobOf({ world, letter: letter(me, '\r\nnext\r\n'), to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    await expectSentOnce(world, me, mail);
  });

  test("a draft of the person's own with the same Message-ID is left alone", async () => {
    const mail = letter(me, '\r\nhello\r\n');
    const drafts = world.webmail.mailbox(me, 'Drafts');
    drafts?.messages.push({ uid: drafts.nextUid++, raw: mail.bytes, flags: new Set(), receivedAtMs: 0 });
    world.webmail.disable('save-folder');
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    expect(await world.mailbox(me, 'Drafts')).toHaveLength(1);
    expect(await sent(mail)).toHaveLength(1);
  });

  test('one log-in serves many messages, and closing ends it', async () => {
    for (let i = 0; i < 3; i++) await deliver(route, jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] }));
    expect(world.webmail.sessionCount()).toBe(1);
    await route.close();
    expect(world.webmail.sessionCount()).toBe(0);
  });

  test('a webmail that is down defers, and marks nothing', async () => {
    world.webmail.setDown(true);
    const job = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'deferred' }]);
    expect(job.marks()).toBe(0);
    await world.close();
    expect(await deliver(route, job)).toMatchObject([{ kind: 'deferred', reason: { class: 'connect' } }]);
    world = await startFakeWorld();
  });

  test('an attempt that may still be on its way is not called unsent', async () => {
    await route.close();
    route = createRoundcubeRoute({ path: testPath(world.url), guard: createGuard({ allowPrivate: true }), clock: systemClock });
    const job = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] });
    world.webmail.loseAnswer('bounce', { processed: false });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure' }]);
    expect(await findSent(route, job)).toBe('unknown');
  });

  test('a mark that fails keeps the message here', async () => {
    const job = {
      ...jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] }),
      mark: () => Promise.reject(new Error('the lease is gone')),
    };
    expect(await deliver(route, job)).toMatchObject([{ kind: 'deferred' }]);
    expect(await world.departed()).toHaveLength(0);
  });

  test('a Sent mailbox that is not there yet is made by the first sending', async () => {
    world.webmail.removeMailbox(me, 'Sent');
    const mail = letter(me, '\r\nhello\r\n');
    const job = jobOf({ world, letter: mail, to: [OUT] });
    world.webmail.loseAnswer('bounce', { processed: true });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure' }]);
    expect(await findSent(route, job)).toBe('sent');
    await expectSentOnce(world, me, mail);
  });

  test('a Sent mailbox that is gone proves nothing', async () => {
    const job = jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'delivered' }]);
    world.webmail.removeMailbox(me, 'Sent');
    expect(await findSent(route, job)).toBe('unknown');
  });

  test('a staging mailbox that was deleted is made again', async () => {
    await deliver(route, jobOf({ world, letter: letter(me, '\r\nhello\r\n'), to: [OUT] }));
    world.webmail.removeMailbox(me, 'Stopgap outbox');
    const mail = letter(me, '\r\nhello\r\n');
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'deferred' }]);
    expect(await deliver(route, jobOf({ world, letter: mail, to: [OUT] }))).toMatchObject([{ kind: 'delivered' }]);
    await expectSentOnce(world, me, mail);
  });

  test('a message larger than the webmail takes is deferred for its size, which says nothing about the path', async () => {
    world.webmail.switches.largestUploadBytes = 10_000;
    const job = jobOf({ world, letter: letter(me, `\r\n${'x'.repeat(20_000)}\r\n`), to: [OUT] });
    expect(await deliver(route, job)).toMatchObject([{ kind: 'deferred', reason: { class: 'too-big' } }]);
    expect(job.marks()).toBe(0);
  });
});
