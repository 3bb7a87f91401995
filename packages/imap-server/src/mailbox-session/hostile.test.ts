/* Hostile clients and hostile mail at the door before mailboxes in a store: what the tests on mail in memory can not reach. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestServer, type Talk } from '../test-server.ts';
import { openMailboxSession } from './mailbox-session.ts';
import { TestSession } from './test-session.ts';

/** What takes a while on a busy machine. */
const SLOW_MS = 60_000;

let real: TestSession;
let server: TestServer;
let talk: Talk;

beforeAll(async () => {
  real = await TestSession.open();
  server = await TestServer.start({ openSession: (who) => openMailboxSession(who, real.deps) });
  await real.arrive(['Subject: one\r\n\r\n100% "quoted" a_b c*d it\'s\r\n', 'Subject: two\r\n\r\nplain NEAR words\r\n']);
  talk = await server.logIn('INBOX');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await real[Symbol.asyncDispose]();
});
afterEach(async () => {
  expect(server.failures).toEqual([]);
  expect(await last('NOOP')).toBe('OK Done');
});

const last = async (command: string): Promise<string> => (await talk.command(command)).at(-1) ?? '';
const append = async (message: string): Promise<string> => await last(`APPEND INBOX {${message.length}+}\r\n${message}`);

test.each([
  ['"100%"', '1'],
  ['"a_b"', '1'],
  ['"p%n"', ''],
  ['"c*d"', '1'],
  ['"\\"quoted\\""', '1'],
  ['"it\'s"', '1'],
  ['"\' OR 1=1 --"', ''],
  ['"p*n"', ''],
  ['"NEAR(plain words)"', ''],
  ['"plain OR words"', ''],
  ['"plain AND words"', ''],
  ['"NOT plain"', ''],
  ['"body:plain"', ''],
  ['"{body}: ^plain"', ''],
  ['"\\""', '1'],
])('no word of a search is an operator of the index behind it: %s', async (text, found) => {
  expect(await talk.command(`SEARCH BODY ${text}`)).toEqual([`* SEARCH${found === '' ? '' : ` ${found}`}`, 'OK Done']);
});

test(
  'searches with all the keys that are allowed, and sets of ten thousand pieces, are answered',
  async () => {
    const odd = Array.from({ length: 10_000 }, (_, index) => index * 2 + 1).join(',');
    for (const command of [
      `SEARCH ${'SUBJECT o '.repeat(1999)}ALL`,
      `SEARCH ${'NOT HEADER X-None nothing '.repeat(1999)}ALL`,
      `SEARCH ${'NOT TEXT nothing '.repeat(300)}ALL`,
      `SEARCH ${'OR TEXT nothing '.repeat(90)}ALL`,
      `UID SEARCH UID ${odd} TEXT plain`,
      `UID FETCH ${odd} (FLAGS ENVELOPE)`,
      `UID STORE ${odd} +FLAGS.SILENT (\\Seen)`,
      `UID COPY ${odd} INBOX`,
    ])
      expect((await last(command)).slice(0, 12), command.slice(0, 40)).toMatch(/^OK /);
  },
  SLOW_MS,
);

test('a message gets a hundred keywords and no more, and mailboxes twenty levels', async () => {
  const keywords = Array.from({ length: 9000 }, (_, index) => `k${index}`).join(' ');
  expect(await last(`STORE 1 +FLAGS (${keywords})`)).toMatch(/^NO \[LIMIT\] /);
  expect(await last(`STORE 1 FLAGS (${keywords})`)).toMatch(/^NO \[LIMIT\] /);
  expect((await talk.command('FETCH 1 FLAGS'))[0]).toBe('* 1 FETCH (FLAGS (\\Seen))');
  expect(await last(`CREATE "${'a/'.repeat(200)}a"`)).toBe('NO [CANNOT] A mailbox can not have this name');
  expect(await last(`CREATE "${'a/'.repeat(20_000)}a"`)).toMatch(/^BAD /);
  expect(await talk.command('LIST "" "a*"')).toEqual(['OK Done']);
});

test(
  'messages that are made to be slow or endless are taken, and told of in one line',
  async () => {
    const deep = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n'.repeat(5000);
    const nested = 'Content-Type: message/rfc822\r\n\r\n'.repeat(5000);
    const wide = `${Array.from({ length: 20_000 }, (_, index) => `X-${index}: y`).join('\r\n')}\r\n\r\nx\r\n`;
    const addressed = `To: ${Array.from({ length: 20_000 }, (_, index) => `"n\\"${index}" <a${index}@b.test>`).join(',\r\n ')}\r\n\r\nx\r\n`;
    const folded = `Subject: ${'\r\n x'.repeat(50_000)}\r\n\r\nx\r\n`;
    const encoded = `Subject: ${'=?UTF-8?B?'.repeat(20_000)}\r\n\r\nx\r\n`;
    for (const message of [deep, nested, wide, addressed, folded, encoded]) {
      expect(await append(message)).toMatch(/^OK \[APPENDUID /);
      const lines = await talk.command('FETCH * (UID RFC822.SIZE ENVELOPE BODYSTRUCTURE PREVIEW FLAGS)');
      expect(lines).toHaveLength(2);
      expect(lines[0]).toContain(`RFC822.SIZE ${message.length} `);
      expect(lines[1]).toBe('OK Done');
    }
  },
  SLOW_MS,
);

test('what the provider calls keywords, and what mail says, can not inject', async () => {
  const evil = `=?UTF-8?B?${Buffer.from('x"\r\n* 99 EXPUNGE\r\n').toString('base64')}?=`;
  const flags = ['a\r\n* 99 EXPUNGE', 'b)c', 'd"e', '\\Evil', 'f g', 'ok'];
  await real.arrive([`From: ${evil} <x@y.test>\r\nSubject: ${evil}\r\nContent-Type: text/plain; name="${evil}"\r\n\r\nx\r\n`], { flags });
  const lines = await talk.command('FETCH * (FLAGS ENVELOPE BODYSTRUCTURE PREVIEW)');
  expect(lines.filter((line) => !/^\* \d+ (?:EXISTS|FETCH )|^\* FLAGS \(|^\* OK \[PERMANENTFLAGS |^OK /.test(line))).toEqual([]);
  expect(lines.join('\n')).not.toMatch(/^\* 99 /m);
  expect(/FETCH \(FLAGS \(([^)]*)\)/.exec(lines.join('\n'))?.[1]?.split(' ')).toContain('ok');
  const other = await server.logIn();
  expect((await other.command('SELECT INBOX')).join('\n')).not.toMatch(/^\* 99 /m);
});
