/* Row 25 and 26: what a session makes of a server that lies, floods or breaks off. Memory stays bounded, the error says that nothing follows from it. */
import {
  asId,
  MailError,
  Secret,
  type ChangesSince,
  type HostPath,
  type IncomingSession,
  type Listing,
  type RemoteMessageId,
  type Security,
} from '@stopgap/core';
import {
  fetched,
  makeCertificate,
  startHostileImap,
  type HostileImap,
  type HostileImapMessage,
  type HostileImapOptions,
  type ImapScript,
} from '@stopgap/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { createGuard } from '../net/guard.ts';
import type { IdleTimes } from './idle.ts';
import { createImapUpstream } from './upstream.ts';

const HOST = 'mail.provider.test';
const CALM = new AbortController().signal;
const FLOOD_BYTES = 4_000_000_000;
const PATIENCE_BYTES = 100_000_000;
const guard = createGuard({ allowPrivate: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
const certificate = await makeCertificate({ name: HOST });
const inbox = asId.remoteMailbox('INBOX');
const ids = (...uids: readonly (string | number)[]) => uids.map((uid) => asId.remoteMessage(String(uid)));
const mail = (uid: number, body = `message ${uid}\r\n`): HostileImapMessage => ({
  uid,
  bytes: Buffer.from(`Subject: ${uid}\r\n\r\n${body}`),
});
const THREE = [mail(1), mail(2), mail(3)];

const servers: HostileImap[] = [];
const sessions: IncomingSession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

const pathTo = (port: number, security: Security = 'none'): HostPath => ({
  id: asId.path('test'),
  provider: asId.provider('test'),
  direction: 'incoming',
  connections: 1,
  kind: 'imap',
  host: HOST,
  port,
  security,
  ca: certificate.cert,
});

async function start(options: HostileImapOptions): Promise<HostileImap> {
  const server = await startHostileImap({ messages: THREE, ...options });
  servers.push(server);
  return server;
}

interface Opening {
  readonly security?: Security;
  readonly silenceMs?: number;
  readonly idleTimes?: IdleTimes;
}

async function open(server: HostileImap, { security, ...times }: Opening = {}): Promise<IncomingSession> {
  const upstream = createImapUpstream({ guard, silenceMs: 20_000, ...times });
  const credential = async () => ({ username: 'alice', password: new Secret('hunter2') });
  const session = await upstream.open?.(pathTo(server.port, security), credential, CALM);
  if (session === undefined) throw new Error('this path can not be read');
  sessions.push(session);
  return session;
}

async function errorOf(call: Promise<unknown>): Promise<MailError> {
  const error: unknown = await call.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MailError)) throw error;
  expect(error.reason).toBeDefined();
  return error;
}

const look = (session: IncomingSession, since: ChangesSince = { known: new Set() }): Promise<Listing> =>
  session.changes(inbox, since, CALM);

async function fetchAll(session: IncomingSession, uids: readonly number[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const message of session.fetch(inbox, ids(...uids), CALM)) {
    const chunks: Buffer[] = [];
    for await (const chunk of message.bytes) chunks.push(chunk);
    found.set(message.id, Buffer.concat(chunks).toString());
  }
  return found;
}

/** Only the answers that carry a message. */
const body = (says: (rest: string) => string): ImapScript => ({
  'UID FETCH': (_, { rest }) => (rest.includes('BODY.PEEK[]') ? says(rest) : `${fetched(rest, THREE)}$tag OK done`),
});

test('a server that behaves is read', async () => {
  const session = await open(await start({}));
  expect(await look(session)).toMatchObject({ kind: 'full', messages: [{ id: '3' }, { id: '2' }, { id: '1' }] });
  expect(await fetchAll(session, [3, 1, 9])).toEqual(new Map([1, 3].map((uid) => [String(uid), mail(uid).bytes.toString()])));
});

test('a server that asks to come back later says so, and until when', async () => {
  const server = await start({});
  const session = await open(server);
  server.script = { LIST: '$tag BAD Request is throttled. Suggested Backoff Time: 40 milliseconds' };
  expect(await errorOf(session.list(CALM))).toMatchObject({
    kind: 'transient',
    code: 'throttled',
    reason: { class: 'throttled' },
    retryAfterMs: 40,
  });
});

describe('a flood', () => {
  test('of a literal of four gigabytes is not awaited', async () => {
    const server = await start({});
    const session = await open(server);
    server.script = body(() => '* 1 FETCH (UID 1 BODY[] {4294967296}');
    expect(await errorOf(fetchAll(session, [1]))).toMatchObject({ kind: 'protocol', code: 'void' });
  });

  test.each([
    ['a line that does not end', 'x'],
    ['parentheses', '('],
    ['quotes', '"'],
  ])('of %s is cut off', async (_, text) => {
    const server = await start({});
    const session = await open(server);
    server.script = {
      async 'UID FETCH'(talk) {
        talk.write(`* 1 FETCH (${text}`);
        await talk.flood(text, FLOOD_BYTES);
        return undefined;
      },
    };
    expect((await errorOf(look(session))).code).toMatch(/^(?:void|session-ended)$/);
    expect(server.talks[0]?.floodedBytes).toBeLessThan(PATIENCE_BYTES);
  });

  test('of a hundred thousand nested parentheses in one answer harms nobody', async () => {
    const server = await start({});
    const session = await open(server);
    const nested = `${'('.repeat(100_000)}${')'.repeat(100_000)}`;
    server.script = { 'UID FETCH': `* 1 FETCH (UID 1 FLAGS ${nested})\r\n$tag OK done` };
    expect(await errorOf(look(session))).toMatchObject({ code: 'void' });
  });

  test('of messages that nobody has is cut off', async () => {
    const server = await start({});
    const session = await open(server);
    let uid = 0;
    server.script = {
      async 'UID FETCH'(talk) {
        while (!talk.isClosed) {
          const lines = Array.from({ length: 1000 }, () => `* 1 FETCH (UID ${(uid += 1)})\r\n`);
          await talk.flood(lines.join(''), talk.floodedBytes + 1);
        }
        return undefined;
      },
    };
    expect(await errorOf(look(session))).toMatchObject({ code: 'void' });
    expect(server.talks[0]?.floodedBytes).toBeLessThan(PATIENCE_BYTES);
  });

  test('of EXISTS and of mailboxes is borne or cut off', async () => {
    const server = await start({});
    const session = await open(server);
    server.script = { LIST: `${Array.from({ length: 30_000 }, (_, at) => `* LIST () "/" m${at}\r\n`).join('')}$tag OK done` };
    expect(await errorOf(session.list(CALM))).toMatchObject({ code: 'void' });
    server.script = { EXAMINE: `${'* 5 EXISTS\r\n'.repeat(50_000)}* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n$tag OK done` };
    expect(await look(await open(server))).toMatchObject({ kind: 'full', messages: [] });
  });
});

describe('a listing is void when', () => {
  const rows = (...lines: readonly string[]): ImapScript => ({
    'UID FETCH': `${lines.map((line) => `* ${line}\r\n`).join('')}$tag OK done`,
  });

  test.each<readonly [string, ImapScript]>([
    ['a message is not listed', rows('1 FETCH (UID 1)', '3 FETCH (UID 3)')],
    ['none is listed', rows()],
    ['UIDs go backwards', rows('1 FETCH (UID 3)', '2 FETCH (UID 2)', '3 FETCH (UID 1)')],
    ['two messages have one UID', rows('1 FETCH (UID 1)', '2 FETCH (UID 1)', '3 FETCH (UID 3)')],
    ['a line of it is garbage', rows('1 FETCH (UID 1)', '2 FETCH (UID 2 FLAGS (', '3 FETCH (UID 3)')],
    ['a UID is none', rows('1 FETCH (UID 0)', '2 FETCH (UID -1)', '3 FETCH (UID 99999999999)')],
    ['the mailbox has no UIDVALIDITY', { EXAMINE: '* 3 EXISTS\r\n$tag OK done' }],
    ['the mailbox has no number of messages', { EXAMINE: '* OK [UIDVALIDITY 7] x\r\n$tag OK done' }],
  ])('%s', async (_, script) => {
    const server = await start({});
    const session = await open(server);
    server.script = script;
    expect(await errorOf(look(session))).toMatchObject({ kind: 'protocol', code: 'void' });
  });

  test('it is refused, and says so', async () => {
    const server = await start({});
    const session = await open(server);
    server.script = { 'UID FETCH': '$tag NO [SERVERBUG] Internal error occurred' };
    expect(await errorOf(look(session))).toMatchObject({ kind: 'transient', code: 'refused' });
  });

  test('the list of mailboxes has no INBOX', async () => {
    const server = await start({});
    const session = await open(server);
    server.script = { LIST: '$tag OK done' };
    expect(await errorOf(session.list(CALM))).toMatchObject({ code: 'void' });
  });

  test('a mailbox is refused and nothing else is listed either', async () => {
    const server = await start({});
    const session = await open(server);
    server.script = { EXAMINE: '$tag NO what?', LIST: '$tag OK done' };
    expect(await errorOf(look(session))).toMatchObject({ code: 'refused', kind: 'transient' });
  });
});

test('a mailbox that was set back to an earlier state, UIDVALIDITY and all, is listed in full, and says so', async () => {
  const server = await start({});
  const session = await open(server);
  const { cursor = '' } = await look(session);
  server.messages = [mail(1)];
  const listing = await look(session, { cursor, known: new Set(ids(1, 2, 3)) });
  expect(listing).toMatchObject({ kind: 'full', hasFallenBack: true, messages: [{ id: '1' }] });
  const next = await look(session, { cursor: listing.cursor ?? '', known: new Set(ids(1)), wantsAll: true });
  expect(next).toMatchObject({ kind: 'full', messages: [{}] });
  expect(next).not.toHaveProperty('hasFallenBack');
});

describe('waiting for a sign', () => {
  const idling = { capabilities: ['IDLE'] };
  /** The end of an IDLE has no tag of its own. */
  const ended = (server: HostileImap): number => server.talks.flatMap((talk) => talk.commands).filter((line) => line === 'DONE').length;
  const script = (): ImapScript => {
    let tag = '';
    return {
      IDLE: (_, command) => {
        ({ tag } = command);
        return '+ idling';
      },
      '': () => `${tag} OK done`,
    };
  };

  test('ends by itself when no sign comes, after more than one IDLE', async () => {
    const server = await start({ ...idling, script: script() });
    const session = await open(server, { idleTimes: { oneIdleMs: 20, longestWaitMs: 60, graceMs: 10_000 } });
    await session.idle?.(inbox, CALM);
    expect(ended(server)).toBeGreaterThan(1);
    expect(await look(session)).toMatchObject({ kind: 'full' });
  });

  test('ends when it is called off, though the server does not hear', async () => {
    const server = await start({ ...idling, script: { IDLE: '+ idling', '': () => undefined } });
    const session = await open(server, { idleTimes: { oneIdleMs: 10_000, longestWaitMs: 10_000, graceMs: 20 } });
    const callOff = new AbortController();
    const waiting = session.idle?.(inbox, callOff.signal);
    await expect.poll(() => server.talks.flatMap((talk) => talk.commands).some((line) => line.endsWith('IDLE'))).toBe(true);
    callOff.abort();
    await waiting;
    expect((await errorOf(session.list(CALM))).code).toBe('session-ended');
  });

  test('does not end at once for ever where the numbers move by themselves', async () => {
    let next = 10;
    const moving: ImapScript = {
      ...script(),
      EXAMINE: () => `* 3 EXISTS\r\n* OK [UIDVALIDITY 1] .\r\n* OK [UIDNEXT ${(next += 1)}] .\r\n$tag OK done`,
    };
    const server = await start({ ...idling, script: moving });
    const session = await open(server, { idleTimes: { oneIdleMs: 20, longestWaitMs: 20, graceMs: 10_000 } });
    await look(session);
    await session.idle?.(inbox, CALM);
    expect(ended(server)).toBe(0);
    await look(session);
    await session.idle?.(inbox, CALM);
    // However often: this time it waited.
    expect(ended(server)).toBeGreaterThan(0);
  });

  test('ends with the session', async () => {
    const server = await start({ ...idling, script: { IDLE: (talk) => (talk.reset(), undefined) } });
    const session = await open(server);
    expect((await errorOf(session.idle?.(inbox, CALM) ?? Promise.resolve())).code).toBe('session-ended');
  });
});

describe('a VANISHED', () => {
  const qresync = { capabilities: ['ENABLE', 'CONDSTORE', 'QRESYNC'], script: { ENABLE: '* ENABLED CONDSTORE QRESYNC\r\n$tag OK done' } };

  test('of all numbers there are is not written out', async () => {
    const server = await start(qresync);
    const session = await open(server);
    const { cursor = '' } = await look(session);
    server.messages = [mail(3)];
    server.script = {
      EXAMINE: '* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n* OK [HIGHESTMODSEQ 10] x\r\n$tag OK done',
      'UID FETCH': '* VANISHED (EARLIER) 1:2,4:4294967295\r\n$tag OK done',
    };
    const listing = await look(session, { cursor, known: new Set(ids(1, 2, 3)) });
    expect(listing).toMatchObject({ kind: 'delta', changed: [], vanished: ['1', '2'] });
  });

  test('of a single message asks for that one, and does not go through all that is known', async () => {
    const server = await start(qresync);
    const session = await open(server);
    const { cursor = '' } = await look(session);
    server.messages = [mail(1), mail(3)];
    server.script = {
      EXAMINE: '* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n* OK [HIGHESTMODSEQ 10] x\r\n$tag OK done',
      'UID FETCH': '* VANISHED (EARLIER) 2\r\n$tag OK done',
    };
    const all = new Set(ids(1, 2, 3));
    const known = { size: all.size, has: (id: RemoteMessageId) => all.has(id), [Symbol.iterator]: () => expect.unreachable() };
    expect(await look(session, { cursor, known })).toMatchObject({ kind: 'delta', changed: [], vanished: ['2'] });
  });

  test('that does not come out with the number of messages gives way to a full listing', async () => {
    const server = await start(qresync);
    const session = await open(server);
    const { cursor = '' } = await look(session);
    server.script = {
      EXAMINE: '* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n* OK [HIGHESTMODSEQ 10] x\r\n$tag OK done',
      'UID FETCH': (_, { rest }) =>
        rest.includes('CHANGEDSINCE') ? '* VANISHED (EARLIER) 1:3\r\n$tag OK done' : `${fetched(rest, THREE)}$tag OK done`,
    };
    expect(await look(session, { cursor, known: new Set(ids(1, 2, 3)) })).toMatchObject({ kind: 'full', messages: [{}, {}, {}] });
  });
});

describe('a message', () => {
  test.each<readonly [string, (rest: string) => string]>([
    ['is not given though it is there', () => '$tag OK done'],
    ['has NIL for its octets', () => '* 1 FETCH (UID 1 BODY[] NIL)\r\n$tag OK done'],
    ['comes under the UID of another one', () => '* 1 FETCH (UID 77 BODY[] {3}\r\nabc)\r\n$tag OK done'],
    ['comes without a UID', () => '* 1 FETCH (BODY[] {3}\r\nabc)\r\n$tag OK done'],
    ['is longer than its literal', () => '* 1 FETCH (UID 1 BODY[] {3}\r\nabcdefgh)\r\n$tag OK done'],
  ])('that %s is not taken', async (_, says) => {
    const server = await start({});
    const session = await open(server);
    server.script = body(says);
    expect((await errorOf(fetchAll(session, [1]))).code).toBe('void');
  });

  test('whose size is another one each time is not taken', async () => {
    const server = await start({});
    const session = await open(server);
    let times = 0;
    server.script = body(() => {
      const text = 'x'.repeat((times += 1));
      return `* 1 FETCH (UID 1 BODY[] {${text.length}}\r\n${text})\r\n$tag OK done`;
    });
    expect((await errorOf(fetchAll(session, [1]))).code).toBe('void');
  });

  test('whose size was told wrong, and which is the same each time, is taken', async () => {
    const server = await start({});
    const session = await open(server);
    server.script = body(() => '* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n$tag OK done');
    expect(await fetchAll(session, [1])).toEqual(new Map([['1', 'hello']]));
  });

  test('that comes twice is taken once', async () => {
    const server = await start({});
    const session = await open(server);
    server.script = body((rest) => `${fetched(rest, THREE)}${fetched(rest, THREE)}$tag OK done`);
    expect((await fetchAll(session, [1, 2])).size).toBe(2);
  });

  test('that is cut off by a BYE is not taken, and the session is over', async () => {
    const server = await start({});
    const session = await open(server);
    server.script = {
      'UID FETCH': (talk, { rest }) => {
        if (!rest.includes('BODY.PEEK[]')) return `${fetched(rest, THREE)}$tag OK done`;
        talk.write(`${fetched('1 BODY.PEEK[]', THREE)}* BYE disk on fire\r\n`);
        talk.hangUp();
        return undefined;
      },
    };
    const taken: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const message of session.fetch(inbox, ids(1, 2, 3), CALM)) taken.push(message.id);
    };
    expect(await errorOf(reading())).toMatchObject({ code: 'session-ended', kind: 'transient' });
    expect(taken.every((id) => id === '1')).toBe(true);
    expect((await errorOf(session.list(CALM))).code).toBe('session-ended');
  });

  test('that stops in the middle of its literal ends the session', async () => {
    const server = await start({});
    const session = await open(server, { silenceMs: 300 });
    server.script = body(() => '* 1 FETCH (UID 1 BODY[] {1000}\r\nshort)\r\n$tag OK done');
    expect((await errorOf(fetchAll(session, [1]))).code).toBe('session-ended');
  });

  describe('of some megabytes', () => {
    const large = mail(1, `${'0123456789'.repeat(200_000)}\r\n`);

    test('that ends early is not taken for a whole one', async () => {
      const server = await start({ messages: [large] });
      const session = await open(server);
      server.script = {
        'UID FETCH'(_, { rest }) {
          const from = Number(/<(\d+)\./.exec(rest)?.[1] ?? 0);
          if (from < 600_000 || from > 1_900_000) return `${fetched(rest, [large])}$tag OK done`;
          return `* 1 FETCH (UID 1 BODY[]<${from}> "")\r\n$tag OK done`;
        },
      };
      expect((await errorOf(fetchAll(session, [1]))).code).toBe('void');
    });

    test.each([-1000, 1000])('whose size is told wrong by %i is read to its end', async (wrong) => {
      const server = await start({ messages: [large] });
      const session = await open(server);
      server.script = {
        'UID FETCH': (_, { rest }) =>
          `${fetched(rest, [large]).replace(/RFC822\.SIZE \d+/, `RFC822.SIZE ${large.bytes.length + wrong}`)}$tag OK done`,
      };
      expect((await fetchAll(session, [1])).get('1')).toBe(large.bytes.toString());
    });

    test('that never ends is given up', async () => {
      const server = await start({ messages: [large] });
      const session = await open(server);
      server.script = {
        'UID FETCH'(_, { rest }) {
          const [, from, length] = /<(\d+)\.(\d+)>/.exec(rest) ?? [];
          if (length === undefined) return `${fetched(rest, [large])}$tag OK done`;
          return `* 1 FETCH (UID 1 BODY[]<${from}> {${length}}\r\n${'x'.repeat(Number(length))})\r\n$tag OK done`;
        },
      };
      expect((await errorOf(fetchAll(session, [1]))).code).toBe('void');
    });
  });
});

describe('nothing is said in clear, and nobody is logged in as somebody else, when', () => {
  const attempt = async (options: HostileImapOptions, security: Security): Promise<readonly [MailError, HostileImap]> => {
    const server = await start(options);
    return [await errorOf(open(server, { security })), server];
  };

  test('STARTTLS is not offered', async () => {
    const [error, server] = await attempt({}, 'starttls');
    expect(error.kind).toBe('transient');
    expect(server.talks.map((talk) => talk.clear).join('')).not.toMatch(/hunter2|LOGIN|AUTHENTICATE/i);
  });

  test.each(['none', 'starttls'] as const)('the greeting is PREAUTH (%s)', async (security) => {
    const [error, server] = await attempt({ script: { greeting: '* PREAUTH welcome, whoever you are' } }, security);
    expect(error.kind).toBe('transient');
    expect(server.talks.map((talk) => talk.clear).join('')).not.toMatch(/hunter2|LOGIN|AUTHENTICATE/i);
  });

  test('something stands behind the answer to STARTTLS', async () => {
    const injected = '$tag OK begin TLS\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n';
    const [error, server] = await attempt({ certificate, script: { STARTTLS: injected } }, 'starttls');
    expect(error.kind).toBe('transient');
    expect(server.talks.map((talk) => talk.received).join('')).not.toMatch(/hunter2|LOGIN|AUTHENTICATE/i);
  });
});
