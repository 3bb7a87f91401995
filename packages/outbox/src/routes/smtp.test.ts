import { asId, Secret } from '@stopgap/core';
import { makeCertificate, makeJob, startHostileSmtp, STANDARD_OFFERS, type HostileSmtp, type HostileSmtpOptions } from '@stopgap/testkit';
import { assert as assertProperty, asyncProperty, constantFrom, array } from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { HOST, routeTo, short } from './test-smtp.ts';

const never = new AbortController().signal;
const without = (...offers: readonly string[]) => STANDARD_OFFERS.filter((offer) => !offers.some((word) => offer.startsWith(word)));

let server: HostileSmtp;
afterEach(() => server[Symbol.asyncDispose]());
const start = async (options: HostileSmtpOptions = {}) => (server = await startHostileSmtp(options));
const said = () => server.talks.map((talk) => talk.commands.filter((line) => !line.startsWith('AUTH')));

describe('a message', () => {
  test('leaves in one portion where the server takes pipelining, log-in and EHLO before it', async () => {
    await start();
    const route = routeTo(server.port);
    const outcomes = await route.deliver(makeJob({ to: ['a@x.test', 'b@x.test'] }), never);
    expect(short(outcomes)).toEqual(['delivered', 'delivered']);
    expect([...outcomes.values()][0]).toEqual({ kind: 'delivered', by: HOST, reply: '250 2.0.0 taken', dsnPassedOn: true });
    const [talk] = server.talks;
    expect(talk?.commands[0]).toBe('EHLO relay.test');
    expect(talk?.reads).toContain(
      `MAIL FROM:<alice@provider.test> SIZE=${makeJob().sizeBytes}\r\nRCPT TO:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n`,
    );
    await route.close();
  });

  test('leaves command by command where it does not, and the body only after the 354', async () => {
    await start({ offers: without('PIPELINING') });
    const route = routeTo(server.port);
    expect(short(await route.deliver(makeJob({ to: ['a@x.test', 'b@x.test'] }), never))).toEqual(['delivered', 'delivered']);
    expect(server.talks[0]?.reads.filter((read) => /^(?:MAIL|RCPT|DATA)/.test(read)).map((read) => read.match(/\n/g)?.length)).toEqual([
      1, 1, 1, 1,
    ]);
    await route.close();
  });

  test('arrives byte for byte, whatever its dots and however it is cut, and is never cut short by them', async () => {
    await start();
    const route = routeTo(server.port);
    const piece = constantFrom('.', '..', '\r\n', '\r\n.\r\n', 'a', '\0', '\u00e9', '.\r\n', '\r\n..');
    await assertProperty(
      asyncProperty(array(array(piece, { maxLength: 8 }), { maxLength: 6 }), async (chunks) => {
        const whole = Buffer.from(`Subject: x\r\n\r\n${chunks.flat().join('')}`);
        const parts = [Buffer.from('Subject: x\r\n\r\n'), ...chunks.map((texts) => Buffer.from(texts.join('')))];
        const open = async function* open() {
          yield* parts;
        };
        const before = server.messages().length;
        expect(short(await route.deliver(makeJob({ overrides: { open } }), never))).toEqual(['delivered']);
        const got = server
          .messages()
          .at(-1)
          ?.toString('latin1')
          .replaceAll(/(^|\r\n)\./g, '$1');
        const end = whole.toString('latin1').endsWith('\r\n') ? '' : '\r\n';
        expect(got).toBe(whole.toString('latin1') + end);
        expect(server.messages()).toHaveLength(before + 1);
      }),
      { numRuns: 60 },
    );
    await route.close();
  });

  test.each([
    ['an LF alone', 'a\nb\r\n'],
    ['a CR alone', 'a\rb\r\n'],
    ['the end of smugglers', 'a\n.\nMAIL FROM:<x@y.test>\r\n'],
    ['another end of smugglers', 'a\r\n.\rMAIL FROM:<x@y.test>\r\n'],
    ['a CR as its last octet', 'a\r'],
    ['an LF as its first octet', '\na\r\n'],
  ])('row 2: with %s does not leave', async (_, body) => {
    await start();
    const route = routeTo(server.port);
    const job = makeJob({ message: `Subject: x\r\n\r\nfirst\r\n${body}` });
    expect(short(await route.deliver(job, never))).toEqual(['deferred internal']);
    expect(job.marks()).toBe(0);
    expect(server.messages()).toEqual([]);
    await route.close();
  });

  test.each([
    ['CR and LF', 'a@x.test\r\nRCPT TO:<evil@x.test>'],
    ['an angle bracket and a parameter', 'a@x.test> NOTIFY=NEVER'],
    ['a NUL', 'a\0@x.test'],
    ['a blank', 'a b@x.test'],
  ])('row 7: with %s in an envelope address never reaches the wire', async (_, address) => {
    await start();
    const route = routeTo(server.port);
    expect(short(await route.deliver(makeJob({ to: [address, 'good@x.test'] }), never))).toEqual(['deferred route', 'delivered']);
    const envelope = { from: address, smtpUtf8: false, eightBitMime: false };
    expect(short(await route.deliver(makeJob({ overrides: { envelope } }), never))).toEqual(['deferred route']);
    expect(server.talks[0]?.received).not.toMatch(/evil|NEVER|\0@/);
    await route.close();
  });

  test('row 7: line breaks in ENVID and ORCPT travel as xtext', async () => {
    await start();
    const route = routeTo(server.port);
    const envelope = {
      from: 'alice@provider.test',
      smtpUtf8: false,
      eightBitMime: true,
      ret: 'hdrs',
      envid: 'a\r\nRCPT TO:<e@x.test>=+',
    } as const;
    const recipients = [{ id: asId.recipient(1), address: 'b@x.test', notify: ['success', 'delay'], orcpt: 'rfc822;b+c@x.test' } as const];
    expect(short(await route.deliver(makeJob({ overrides: { envelope, recipients } }), never))).toEqual(['delivered']);
    expect(said()[0]?.slice(1, 3)).toEqual([
      `MAIL FROM:<alice@provider.test> SIZE=${makeJob().sizeBytes} BODY=8BITMIME RET=HDRS ENVID=a+0D+0ARCPT+20TO:<e@x.test>+3D+2B`,
      'RCPT TO:<b@x.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@x.test',
    ]);
    await route.close();
  });

  test('goes without the parameters that the server does not know', async () => {
    await start({ offers: ['AUTH PLAIN'] });
    const route = routeTo(server.port);
    const envelope = { from: 'alice@provider.test', smtpUtf8: true, eightBitMime: true, ret: 'full', envid: 'x' } as const;
    const recipients = [{ id: asId.recipient(1), address: 'b@x.test', notify: [], orcpt: 'rfc822;b@x.test' }];
    const [outcome] = (await route.deliver(makeJob({ overrides: { envelope, recipients } }), never)).values();
    expect(outcome).toMatchObject({ kind: 'delivered', dsnPassedOn: false });
    expect(said()[0]?.slice(1, 3)).toEqual(['MAIL FROM:<alice@provider.test>', 'RCPT TO:<b@x.test>']);
    await route.close();
  });

  test('larger than the server takes waits, and not a word is said of it', async () => {
    await start({ offers: ['SIZE 100', 'AUTH PLAIN'] });
    const route = routeTo(server.port);
    expect(short(await route.deliver(makeJob(), never))).toEqual(['deferred too-big']);
    expect(said()[0]?.some((line) => line.startsWith('MAIL'))).toBe(false);
    await route.close();
  });

  test('to an address beyond ASCII waits where the server can not be told it, and the others go', async () => {
    await start({ offers: without('SMTPUTF8') });
    const route = routeTo(server.port);
    const to = ['j\u00fcrgen@x.test', 'b@b\u00fccher.test', 'c@x.test'];
    expect(short(await route.deliver(makeJob({ to }), never))).toEqual(['deferred route', 'delivered', 'delivered']);
    expect(said()[0]).toContain('RCPT TO:<b@xn--bcher-kva.test>');
    await route.close();
  });
});

describe('recipients', () => {
  const replies: Readonly<Record<string, string>> = {
    'gone@x.test': '550 5.1.1 no such user',
    'full@x.test': '452 4.2.2 mailbox full',
    'later@x.test': '450 4.7.1 greylisted, come back in 5 minutes',
  };
  const rcpt = (_: unknown, line: string) => replies[/<(.*)>/.exec(line)?.[1] ?? ''] ?? '250 ok';

  test.each([true, false])('are each told their own fate, pipelined: %s', async (isPipelined) => {
    await start({ script: { rcpt }, offers: isPipelined ? STANDARD_OFFERS : without('PIPELINING') });
    const route = routeTo(server.port);
    const outcomes = await route.deliver(makeJob({ to: ['gone@x.test', 'ok@x.test', 'full@x.test', 'later@x.test'] }), never);
    expect(short(outcomes)).toEqual(['rejected recipient', 'delivered', 'deferred quota', 'deferred greylist']);
    expect(outcomes.get(asId.recipient(4))).toMatchObject({ retryAfterMs: 300_000 });
    expect(outcomes.get(asId.recipient(1))).toMatchObject({
      reason: { code: 550, status: '5.1.1', host: HOST, text: expect.stringContaining('no such user') },
    });
    await route.close();
  });

  test('none of whom is taken, but 354 comes: no dot is sent for nobody', async () => {
    await start({ script: { rcpt: '550 5.1.1 no' } });
    const route = routeTo(server.port);
    const job = makeJob();
    expect(short(await route.deliver(job, never))).toEqual(['rejected recipient']);
    await server.talks[0]?.closed();
    expect(server.talks[0]?.received).not.toMatch(/\r\n\.\r\n/);
    expect(job.marks()).toBe(0);
  });

  test('none of whom is taken: the next message begins with RSET on the same connection', async () => {
    await start({ script: { rcpt: '550 5.1.1 no', data: '503 5.5.1 no valid recipients' } });
    const route = routeTo(server.port);
    await route.deliver(makeJob(), never);
    server.script = {};
    expect(short(await route.deliver(makeJob(), never))).toEqual(['delivered']);
    expect(said()).toHaveLength(1);
    expect(said()[0]?.slice(4)).toEqual(['RSET', expect.stringMatching(/^MAIL/), expect.stringMatching(/^RCPT/), 'DATA']);
    await route.close();
  });

  test('are refused with the sender: nobody is rejected for it', async () => {
    await start({ script: { mail: '553 5.7.1 sender not owned by user', rcpt: '503 need MAIL', data: '503 need MAIL' } });
    const route = routeTo(server.port);
    expect(short(await route.deliver(makeJob({ to: ['a@x.test', 'b@x.test'] }), never))).toEqual(['deferred policy', 'deferred policy']);
    await route.close();
  });
});

describe('a connection', () => {
  test('is used again, with one log-in', async () => {
    await start();
    const route = routeTo(server.port);
    for (let n = 0; n < 3; n += 1) expect(short(await route.deliver(makeJob(), never))).toEqual(['delivered']);
    expect(server.talks).toHaveLength(1);
    expect(server.talks[0]?.commands.filter((line) => line.startsWith('AUTH'))).toHaveLength(1);
    await route.close();
    await server.talks[0]?.closed();
    expect(server.talks[0]?.received).toMatch(/\r\nQUIT\r\n$/);
  });

  test('is never shared with another account', async () => {
    await start();
    const route = routeTo(server.port);
    await route.deliver(makeJob(), never);
    const credential = async () => ({ username: 'bob', password: new Secret('x') });
    await route.deliver(makeJob({ overrides: { account: asId.account('bob@provider.test'), credential } }), never);
    expect(server.talks.map((talk) => talk.commands[1])).toEqual([plain('alice@provider.test', 'hunter2'), plain('bob', 'x')]);
    await route.close();
  });

  test.each([
    ['cut while it was idle', 'reset'],
    ['closed while it was idle', 'hangUp'],
  ] as const)('%s is replaced, and the message marked once', async (_, how) => {
    await start();
    const route = routeTo(server.port);
    await route.deliver(makeJob(), never);
    // The cut comes as the answer to the next words: the client can not have seen it before.
    server.script = { mail: (talk) => (talk === server.talks[0] ? (talk[how](), undefined) : '250 ok') };
    const job = makeJob();
    expect(short(await route.deliver(job, never))).toEqual(['delivered']);
    expect(server.talks).toHaveLength(2);
    expect(job.marks()).toBe(1);
    await route.close();
  });

  test('over which the server said goodbye while idle is not tried again', async () => {
    await start();
    const route = routeTo(server.port);
    await route.deliver(makeJob(), never);
    server.talks[0]?.write('421 4.4.2 timeout\r\n');
    await server.talks[0]?.closed();
    expect(short(await route.deliver(makeJob(), never))).toEqual(['delivered']);
    expect(server.talks).toHaveLength(2);
    expect(server.talks[0]?.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
    await route.close();
  });

  test.each([true, false])('whose server takes no more messages over it is replaced, pipelined: %s', async (isPipelined) => {
    await start({ offers: isPipelined ? STANDARD_OFFERS : without('PIPELINING') });
    const route = routeTo(server.port);
    await route.deliver(makeJob(), never);
    server.script = { mail: (talk) => (talk === server.talks[0] ? '421 4.7.0 too many messages on this connection' : '250 ok') };
    const job = makeJob();
    expect(short(await route.deliver(job, never))).toEqual(['delivered']);
    expect(server.talks).toHaveLength(2);
    expect(job.marks()).toBe(1);
    await route.close();
  });

  test('that is fresh and hears goodbye to MAIL is not replaced by another', async () => {
    await start({ script: { mail: '421 4.7.0 too many messages' } });
    expect(short(await routeTo(server.port).deliver(makeJob(), never))).toEqual(['deferred throttled']);
    expect(server.talks).toHaveLength(1);
  });

  test('lost after the dot is not tried again on a fresh one', async () => {
    await start();
    const route = routeTo(server.port);
    await route.deliver(makeJob(), never);
    server.script = { dot: (talk) => (talk.reset(), undefined) };
    expect(short(await route.deliver(makeJob(), never))).toEqual(['unsure lost-answer']);
    expect(server.talks).toHaveLength(1);
  });

  test('of an account without a password is not made use of', async () => {
    await start();
    const route = routeTo(server.port);
    expect(short(await route.deliver(makeJob({ overrides: { credential: async () => undefined } }), never))).toEqual(['deferred auth']);
    expect(said()[0]?.some((line) => line.startsWith('MAIL'))).toBe(false);
  });

  test('that nobody listens for defers', async () => {
    await start();
    const { port } = server;
    await server[Symbol.asyncDispose]();
    expect(short(await routeTo(port).deliver(makeJob(), never))).toEqual(['deferred connect']);
    await start();
  });
});

describe('row 26: a password', () => {
  const certificate = makeCertificate({ name: HOST });
  const options = async () => ({ security: 'starttls', ca: (await certificate).cert }) as const;
  const secretWords = [
    Buffer.from('hunter2').toString('base64'),
    plain('alice@provider.test', 'hunter2').slice('AUTH PLAIN '.length),
    'hunter2',
  ];
  const expectNoPassword = () => {
    for (const talk of server.talks) for (const word of secretWords) expect(talk.clear).not.toContain(word);
  };

  test('goes inside TLS, and what was offered in clear is asked again there', async () => {
    await start({ certificate: await certificate });
    const route = routeTo(server.port, await options());
    expect(short(await route.deliver(makeJob(), never))).toEqual(['delivered']);
    expect(said()[0]?.slice(0, 3)).toEqual(['EHLO relay.test', 'STARTTLS', 'EHLO relay.test']);
    expect(server.talks[0]?.commands).toContain(plain('alice@provider.test', 'hunter2'));
    expectNoPassword();
    await route.close();
  });

  test.each([
    ['STARTTLS is stripped from EHLO', { ehlo: '250-x\r\n250 AUTH PLAIN LOGIN' }],
    ['EHLO is refused', { ehlo: '502 5.5.1 what?' }],
    ['STARTTLS is refused', { starttls: '454 4.7.0 not now' }],
    ['STARTTLS is answered with nonsense', { starttls: '250 ok' }],
    ['text is injected behind the answer to STARTTLS', { starttls: '220 go\r\n235 2.7.0 welcome\r\n' }],
    ['half a line is injected there', { starttls: '220 go\r\n235 2.7.0 welcom\0\n' }],
    ['an answer to EHLO is injected there', { starttls: '220 go\r\n250-x\r\n250 AUTH PLAIN\r\n' }],
  ])('does not leave when %s', async (_, script) => {
    await start({ certificate: await certificate, script });
    const route = routeTo(server.port, await options());
    expect(short(await route.deliver(makeJob(), never))[0]).toMatch(/^deferred (?:tls|connect|protocol)$/);
    expectNoPassword();
    expect(said()[0]?.some((line) => line.startsWith('MAIL'))).toBe(false);
  });

  test.each([
    ['a certificate for another name', { name: 'mail.evil.test' }],
    ['a certificate that has expired', { name: HOST, hasExpired: true }],
  ])('does not leave when the server shows %s', async (_, how) => {
    const wrong = await makeCertificate(how);
    await start({ certificate: wrong });
    const route = routeTo(server.port, { security: 'starttls', ca: wrong.cert });
    expect(short(await route.deliver(makeJob(), never))).toEqual(['deferred tls']);
    expect(server.talks[0]?.commands.some((line) => line.startsWith('AUTH'))).toBe(false);
  });

  test('does not leave when the certificate is of an unknown authority', async () => {
    await start({ certificate: await certificate });
    expect(short(await routeTo(server.port, { security: 'starttls' }).deliver(makeJob(), never))).toEqual(['deferred tls']);
    expect(server.talks[0]?.commands.some((line) => line.startsWith('AUTH'))).toBe(false);
  });

  test('does not leave when TLS from the first byte is answered in clear', async () => {
    await start();
    const { cert } = await certificate;
    expect(short(await routeTo(server.port, { security: 'tls', ca: cert }).deliver(makeJob(), never))).toEqual(['deferred tls']);
    expectNoPassword();
  });

  test('goes by LOGIN where there is no PLAIN', async () => {
    await start({ offers: ['AUTH LOGIN'] });
    const route = routeTo(server.port);
    expect(short(await route.deliver(makeJob(), never))).toEqual(['delivered']);
    expect(server.talks[0]?.commands.slice(1, 4)).toEqual(['AUTH LOGIN', base64('alice@provider.test'), base64('hunter2')]);
    await route.close();
  });

  test('does not leave where no known way to log in is offered', async () => {
    await start({ offers: ['AUTH GSSAPI CRAM-MD5'] });
    expect(short(await routeTo(server.port).deliver(makeJob(), never))).toEqual(['deferred auth']);
    expectNoPassword();
  });

  test('is in no outcome, whatever the server echoes', async () => {
    await start({ script: { auth: (_, line) => `535 5.7.8 wrong: ${line}` } });
    const [outcome] = (await routeTo(server.port).deliver(makeJob(), never)).values();
    expect(outcome).toMatchObject({ kind: 'deferred', reason: { class: 'auth', code: 535 } });
    for (const word of secretWords) expect(JSON.stringify(outcome)).not.toContain(word);
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function plain(username: string, password: string): string {
  return `AUTH PLAIN ${base64(`\0${username}\0${password}`)}`;
}
