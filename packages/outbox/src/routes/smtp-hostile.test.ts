import { startHostileSmtp, makeJob, until, STANDARD_OFFERS, type HostileSmtp, type HostileTalk, type Script } from '@stopgap/testkit';
import type { SmtpTimeouts } from '@stopgap/upstreams';
import { afterEach, describe, expect, test } from 'vitest';
import { routeTo, short } from './test-smtp.ts';

const never = new AbortController().signal;
/** A hundred megabytes are announced; a client that reads more than this of them holds it in memory. */
const MOST_READ = 16_000_000;
const HUNDRED_MB = 100_000_000;
const SHORT_MS = 150;

let server: HostileSmtp;
afterEach(() => server[Symbol.asyncDispose]());

const start = async (script: Script, offers: readonly string[] = STANDARD_OFFERS) => (server = await startHostileSmtp({ script, offers }));
const talk = (): HostileTalk => {
  const [first] = server.talks;
  if (!first) throw new Error('nobody called');
  return first;
};
/** What goes wrong, how, what is made of it, and the times that must run out. */
type Case = readonly [name: string, script: Script, expected: string, times: Partial<SmtpTimeouts>];
const END = /(?:^|\r\n)\.\r\n/;

const quiet = () => undefined;
const cut = (one: HostileTalk) => {
  one.reset();
  return undefined;
};
const drip = (text: string) => async (one: HostileTalk) => {
  for (const char of text.repeat(1000)) {
    if (one.isClosed) return undefined;
    one.write(char);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return undefined;
};
const flood = (text: string) => async (one: HostileTalk) => {
  await one.flood(text, HUNDRED_MB);
  return undefined;
};

describe('row 24: before the dot every misbehaviour leaves the message queued, unmarked and unsent', () => {
  test.each<Case>([
    ['garbage as banner', { banner: 'SSH-2.0-OpenSSH_9.2' }, 'deferred protocol', {}],
    ['binary as banner', { banner: '\u0000\u0001\u0002\n' }, 'deferred protocol', {}],
    ['no banner at all', { banner: quiet }, 'deferred connect', { bannerMs: SHORT_MS }],
    ['a banner that drips without end', { banner: drip('2') }, 'deferred connect', { bannerMs: SHORT_MS }],
    ['a banner that breaks off', { banner: (one) => (one.write('220 hosti'), one.hangUp(), undefined) }, 'deferred connect', {}],
    ['a banner line of 100 MB', { banner: flood('2') }, 'deferred protocol', {}],
    ['an EHLO answer of a million lines', { ehlo: flood('250-X\r\n') }, 'deferred protocol', {}],
    ['a MAIL answer of a million lines', { mail: flood('250-X\r\n') }, 'deferred protocol', {}],
    ['a million answers to one command', { mail: flood('250 X\r\n') }, 'deferred protocol', {}],
    ['lines of one reply with different codes', { mail: '250-one\r\n251 two' }, 'deferred protocol', {}],
    ['421 as banner', { banner: '421 4.3.2 too busy' }, 'deferred connect', {}],
    ['421 to EHLO', { ehlo: '421 4.3.2 shutting down' }, 'deferred connect', {}],
    ['421 to MAIL', { mail: '421 4.3.2 shutting down' }, 'deferred throttled', {}],
    ['421 to RCPT', { rcpt: '421 4.3.2 shutting down' }, 'deferred throttled', {}],
    ['421 to DATA', { data: '421 4.3.2 shutting down' }, 'deferred throttled', {}],
    ['554 as banner', { banner: '554 5.7.1 no mail from you' }, 'deferred connect', {}],
    ['a cut at EHLO', { ehlo: cut }, 'deferred connect', {}],
    ['a cut at MAIL', { mail: cut }, 'deferred connect', {}],
    ['a cut at RCPT', { rcpt: cut }, 'deferred connect', {}],
    ['a cut at DATA', { data: cut }, 'deferred connect', {}],
    ['silence at MAIL', { mail: quiet }, 'deferred connect', { mailMs: SHORT_MS, rcptMs: 0, dataMs: 0 }],
    ['250 to DATA', { data: '250 2.0.0 taken already' }, 'deferred protocol', {}],
    ['250 behind the 354, before the dot', { data: '354 go\r\n250 2.0.0 taken' }, 'deferred protocol', {}],
    ['535 to AUTH', { auth: '535 5.7.8 wrong' }, 'deferred auth', {}],
    ['454 to AUTH', { auth: '454 4.7.0 user store down' }, 'deferred auth', {}],
    ['garbage to AUTH', { auth: 'welcome!' }, 'deferred protocol', {}],
  ])('%s', async (_, script, expected, times) => {
    await start(script);
    const route = routeTo(server.port, { short: times });
    const job = makeJob();
    expect(short(await route.deliver(job, never))).toEqual([expected]);
    await route.close();
    for (const one of server.talks) {
      await one.closed();
      expect(one.received).not.toMatch(END);
      expect(one.floodedBytes).toBeLessThan(MOST_READ);
    }
    expect(job.marks()).toBe(0);
  });

  test('a cut in the middle of the body', async () => {
    await start({});
    const route = routeTo(server.port);
    const job = makeJob({
      overrides: {
        open: async function* open() {
          yield Buffer.from('Subject: x\r\n\r\n');
          await until(() => talk().received.includes('Subject'));
          talk().reset();
          for (;;) yield Buffer.from(`${'x'.repeat(60)}\r\n`.repeat(1000));
        },
      },
    });
    expect(short(await route.deliver(job, never))).toEqual(['deferred connect']);
    expect(job.marks()).toBe(0);
  });

  test('a server that stops reading', async () => {
    await start({ data: (one) => (one.write('354 go\r\n'), new Promise(() => undefined)) });
    const route = routeTo(server.port, { short: { bodyMs: SHORT_MS } });
    const big = Buffer.from(`${'x'.repeat(60)}\r\n`.repeat(1000));
    const job = makeJob({
      overrides: {
        open: async function* open() {
          await until(() => talk().received.includes('DATA'));
          talk().stopReading();
          for (;;) yield big;
        },
      },
    });
    expect(short(await route.deliver(job, never))).toEqual(['deferred connect']);
    expect(job.marks()).toBe(0);
  });

  test('an answer of refusal in the middle of the body is about the message, not the path', async () => {
    await start({ data: '354 go' });
    const route = routeTo(server.port);
    const job = makeJob({
      overrides: {
        open: async function* open() {
          yield Buffer.from('Subject: x\r\n\r\n');
          await until(() => talk().received.includes('Subject'));
          talk().write('552 5.3.4 message too big\r\n');
          talk().hangUp();
          for (;;) {
            yield Buffer.from(`${'x'.repeat(60)}\r\n`.repeat(100));
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        },
      },
    });
    expect(short(await route.deliver(job, never))).toEqual(['deferred too-big']);
  });
});

describe('from the dot on, only an answer is an answer', () => {
  test.each<Case>([
    ['a cut after the dot', { dot: cut }, 'unsure lost-answer', {}],
    ['a close in good order after the dot', { dot: (one) => (one.hangUp(), undefined) }, 'unsure lost-answer', {}],
    ['silence after the dot', { dot: quiet }, 'unsure lost-answer', { afterDotMs: SHORT_MS }],
    ['half an answer to the dot', { dot: (one) => (one.write('250 2.0.0 o'), one.hangUp(), undefined) }, 'unsure lost-answer', {}],
    [
      'the first line of a longer answer',
      { dot: (one) => (one.write('250-2.0.0 o\r\n'), one.hangUp(), undefined) },
      'unsure lost-answer',
      {},
    ],
    ['garbage after the dot', { dot: 'taken!' }, 'unsure lost-answer', {}],
    ['an answer of a million lines', { dot: flood('250-X\r\n') }, 'unsure lost-answer', {}],
    ['a second 354 instead of an answer to the dot', { dot: '354 go on' }, 'unsure lost-answer', {}],
    ['451 to the dot', { dot: '451 4.3.0 not now' }, 'deferred throttled', {}],
    ['421 to the dot', { dot: '421 4.3.2 shutting down' }, 'deferred throttled', {}],
    ['554 to the dot', { dot: '554 5.6.0 virus' }, 'rejected content', {}],
    ['250 and a close', { dot: (one) => (one.write('250 2.0.0 taken\r\n'), one.hangUp(), undefined) }, 'delivered', {}],
  ])('%s', async (_, script, expected, times) => {
    await start(script);
    const route = routeTo(server.port, { short: times });
    const job = makeJob();
    expect(short(await route.deliver(job, never))).toEqual([expected]);
    expect(job.marks()).toBe(1);
    expect(server.messages()).toHaveLength(1);
    await route.close();
  });
});

describe('the mark', () => {
  test('is awaited before the dot leaves', async () => {
    await start({});
    const route = routeTo(server.port);
    const { promise: marked, resolve: letMark } = Promise.withResolvers<void>();
    let isAsked = false;
    const mark = () => {
      isAsked = true;
      return marked;
    };
    const delivery = route.deliver(makeJob({ overrides: { mark } }), never);
    await until(() => isAsked && talk().received.includes('A line.'));
    expect(talk().received).not.toMatch(END);
    letMark();
    expect(short(await delivery)).toEqual(['delivered']);
    expect(talk().received).toMatch(END);
    await route.close();
  });

  test('that can not be made keeps the dot from leaving', async () => {
    await start({});
    const route = routeTo(server.port);
    const mark = () => Promise.reject(new Error('disk full'));
    expect(short(await route.deliver(makeJob({ overrides: { mark } }), never))).toEqual(['deferred internal']);
    await talk().closed();
    expect(talk().received).not.toMatch(END);
    expect(server.messages()).toEqual([]);
  });

  test('made while the server went away leaves the message deferred, for the dot has not left', async () => {
    await start({});
    const route = routeTo(server.port);
    const mark = async () => {
      talk().write('421 4.3.2 shutting down\r\n');
      talk().hangUp();
      await talk().closed();
    };
    expect(short(await route.deliver(makeJob({ overrides: { mark } }), never))).toEqual(['deferred throttled']);
    expect(talk().received).not.toMatch(END);
  });

  test('is not made when the message breaks off', async () => {
    await start({});
    const route = routeTo(server.port);
    const job = makeJob({
      overrides: {
        open: async function* open() {
          yield Buffer.from('Subject: x\r\n');
          throw new Error('blob gone');
        },
      },
    });
    expect(short(await route.deliver(job, never))).toEqual(['deferred internal']);
    await talk().closed();
    expect(talk().received).not.toMatch(END);
    expect(job.marks()).toBe(0);
  });
});

describe('an abort', () => {
  test('before the mark defers, and the dot never leaves', async () => {
    await start({ data: quiet });
    const route = routeTo(server.port);
    const abort = new AbortController();
    const job = makeJob();
    const delivery = route.deliver(job, abort.signal);
    await until(() => server.talks[0]?.received.includes('DATA') === true);
    abort.abort();
    expect(short(await delivery)).toEqual(['deferred cancelled']);
    await talk().closed();
    expect(job.marks()).toBe(0);
  });

  test('after the mark is unsure', async () => {
    const abort = new AbortController();
    await start({ dot: () => (abort.abort(), undefined) });
    const route = routeTo(server.port);
    expect(short(await route.deliver(makeJob(), abort.signal))).toEqual(['unsure lost-answer']);
  });

  test('that came before the attempt connects to nobody', async () => {
    await start({});
    expect(short(await routeTo(server.port).deliver(makeJob(), AbortSignal.abort()))).toEqual(['deferred cancelled']);
    expect(server.talks.every((one) => one.commands.length === 0)).toBe(true);
  });

  test('leaves a pooled connection to the next message in no wrong state', async () => {
    await start({});
    const route = routeTo(server.port);
    await route.deliver(makeJob(), never);
    const abort = new AbortController();
    server.script = { mail: () => (abort.abort(), undefined) };
    expect(short(await route.deliver(makeJob(), abort.signal))).toEqual(['deferred cancelled']);
    server.script = {};
    expect(short(await route.deliver(makeJob(), never))).toEqual(['delivered']);
    expect(server.talks).toHaveLength(2);
    await route.close();
  });
});
