import { asId, Secret, type SmarthostPath } from '@stopgap/core';
import { makeJob, startHostileSmtp, type HostileSmtp, type Script } from '@stopgap/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alignment, AlignmentQuestion, AlignmentVerdict } from './alignment.ts';
import { createSmarthostRoute } from './smarthost.ts';
import { guard, short, timeouts } from './test-smtp.ts';

const never = new AbortController().signal;
const REFUSED: AlignmentVerdict = { kind: 'would-be-refused', why: 'provider.test forbids it' };

let server: HostileSmtp;
beforeEach(async () => {
  server = await startHostileSmtp();
});
afterEach(() => server[Symbol.asyncDispose]());

interface Choice {
  readonly alternateFrom?: string;
  readonly isOpenToAll?: boolean;
}

function open(verdict: AlignmentVerdict | Error, { alternateFrom, isOpenToAll = false }: Choice = {}) {
  const asked: AlignmentQuestion[] = [];
  const alignment: Alignment = {
    async check(question) {
      asked.push(question);
      if (verdict instanceof Error) throw verdict;
      return verdict;
    },
  };
  const path: SmarthostPath = {
    id: asId.path('test outgoing smarthost'),
    provider: asId.provider('test'),
    direction: 'outgoing',
    kind: 'smarthost',
    host: 'smtp.other.test',
    port: server.port,
    security: 'none',
    connections: 5,
    afterMs: 0,
    ...(isOpenToAll ? {} : { username: 'relay-user', password: new Secret('hunter2') }),
    ...(alternateFrom === undefined ? {} : { alternateFrom }),
  };
  return { asked, route: createSmarthostRoute({ path, guard, heloName: 'relay.test', alignment, timeouts: timeouts() }) };
}
const commands = () => server.talks.flatMap((talk) => talk.commands);

describe('mail that may leave', () => {
  test('leaves as it is, with the log-in of the operator, never with that of the account', async () => {
    const { route, asked } = open({ kind: 'may-leave' });
    const job = makeJob();
    expect(short(await route.deliver(job, never))).toEqual(['delivered']);
    expect(asked).toEqual([{ authorDomain: 'provider.test', sender: 'alice@provider.test', smarthost: 'smtp.other.test' }]);
    expect(commands()[1]).toBe(`AUTH PLAIN ${Buffer.from('\0relay-user\0hunter2').toString('base64')}`);
    expect(commands()[2]).toMatch(/^MAIL FROM:<alice@provider\.test>/);
    expect(server.messages()[0]?.toString()).toMatch(/^From: Alice <alice@provider\.test>\r\n/);
    await route.close();
  });

  test('of several accounts shares a connection', async () => {
    const { route } = open({ kind: 'may-leave' });
    for (const account of ['a@x.test', 'b@x.test']) await route.deliver(makeJob({ overrides: { account: asId.account(account) } }), never);
    expect(server.talks).toHaveLength(1);
    await route.close();
  });

  test('goes without a log-in where there is none', async () => {
    const { route } = open({ kind: 'may-leave' }, { isOpenToAll: true });
    expect(short(await route.deliver(makeJob(), never))).toEqual(['delivered']);
    expect(commands().some((line) => line.startsWith('AUTH'))).toBe(false);
    await route.close();
  });

  test('fares as the far side says', async () => {
    const cases: readonly (readonly [Script, string])[] = [
      [{ rcpt: '550 5.1.1 no such user' }, 'rejected recipient'],
      [{ auth: '535 5.7.8 wrong' }, 'deferred auth'],
      [{ mail: '421 4.3.2 bye' }, 'deferred throttled'],
      [{ dot: (talk) => (talk.reset(), undefined) }, 'unsure lost-answer'],
    ];
    for (const [script, outcome] of cases) {
      server.script = script;
      const { route } = open({ kind: 'may-leave' });
      expect(short(await route.deliver(makeJob(), never))).toEqual([outcome]);
      await route.close();
    }
  });

  test('a notice of ours is asked no policy, for it has no sender', async () => {
    const { route, asked } = open(REFUSED);
    const envelope = { from: '', smtpUtf8: false, eightBitMime: false };
    expect(short(await route.deliver(makeJob({ overrides: { envelope } }), never))).toEqual(['delivered']);
    expect(asked).toEqual([]);
    expect(commands()).toContainEqual(expect.stringMatching(/^MAIL FROM:<>/));
    await route.close();
  });
});

describe('mail that would be refused', () => {
  test('waits where there is no alternate From, and nobody is called', async () => {
    const { route } = open(REFUSED);
    const job = makeJob();
    const [outcome] = (await route.deliver(job, never)).values();
    expect(outcome).toMatchObject({
      kind: 'deferred',
      reason: { class: 'route', text: expect.stringContaining('provider.test forbids it') },
    });
    expect(server.talks).toEqual([]);
    expect(job.marks()).toBe(0);
  });

  test('leaves from the alternate address, and answers reach the author', async () => {
    const { route } = open(REFUSED, { alternateFrom: 'relay@other.test' });
    const job = makeJob();
    expect(short(await route.deliver(job, never))).toEqual(['delivered']);
    const mail = commands().find((line) => line.startsWith('MAIL')) ?? '';
    expect(mail).toMatch(/^MAIL FROM:<relay@other\.test> SIZE=\d+$/);
    const sent = server.messages()[0]?.toString() ?? '';
    expect(sent).toMatch(
      /^From: "alice@provider\.test via other\.test"\r\n <relay@other\.test>\r\nReply-To: Alice <alice@provider\.test>\r\nTo: bob/,
    );
    expect(Number(/SIZE=(\d+)/.exec(mail)?.[1])).toBeGreaterThanOrEqual(sent.length);
    expect(job.marks()).toBe(1);
    await route.close();
  });
});

describe('mail of which nothing can be said', () => {
  test.each<readonly [string, AlignmentVerdict | Error, string, string]>([
    ['while the DNS is silent', { kind: 'unknown', why: 'the DNS failed' }, 'From: a@b.test\r\n\r\nx\r\n', 'deferred internal'],
    ['when the check breaks', new Error('bug'), 'From: a@b.test\r\n\r\nx\r\n', 'deferred internal'],
    ['with two authors', { kind: 'may-leave' }, 'From: a@b.test, c@d.test\r\n\r\nx\r\n', 'deferred route'],
    ['with no author', { kind: 'may-leave' }, 'Subject: x\r\n\r\nx\r\n', 'deferred route'],
  ])('waits %s', async (_, verdict, message, outcome) => {
    const { route } = open(verdict, { alternateFrom: 'relay@other.test' });
    expect(short(await route.deliver(makeJob({ message }), never))).toEqual([outcome]);
    expect(server.talks).toEqual([]);
  });

  test('is given back at once when the attempt is broken off', async () => {
    const abort = new AbortController();
    const alignment: Alignment = { check: () => (abort.abort(), new Promise(() => undefined)) };
    const { host, id, provider } = { host: 'smtp.other.test', id: asId.path('p'), provider: asId.provider('test') };
    const path: SmarthostPath = {
      id,
      provider,
      host,
      direction: 'outgoing',
      kind: 'smarthost',
      port: 1,
      security: 'none',
      connections: 1,
      afterMs: 0,
    };
    const route = createSmarthostRoute({ path, guard, heloName: 'relay.test', alignment });
    expect(short(await route.deliver(makeJob(), abort.signal))).toEqual(['deferred cancelled']);
  });
});
