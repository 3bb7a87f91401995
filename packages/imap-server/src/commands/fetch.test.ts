import { asId } from '@stopgap/core';
import { digestOf } from '@stopgap/message';
import { describe, expect, test, vi } from 'vitest';
import { simpleItemText } from '../fetch/simple-items.ts';
import { TestServer, type Talk } from '../test-server.ts';

const NESTED = `From: Alice <alice@a.test>
Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=
X-Long: one
 two
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

preamble
--outer
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

caf=C3=A9 =
goes on
--outer
Content-Type: message/rfc822

From: Bob <bob@b.test>
Subject: inner
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain

first
--inner
Content-Type: text/html

<b>second</b>
--inner--
--outer
Content-Type: application/octet-stream; name="=?UTF-8?Q?Gr=C3=B6=C3=9Fe.bin?="
Content-Transfer-Encoding: base64

AAECAwQF
--outer--
`;

const rest = (lines: readonly string[]): string => lines.slice(0, -1).join('\n').replaceAll('\r\n', '\n');

async function opened(server: TestServer, message = NESTED): Promise<Talk> {
  server.mail.deliver('INBOX', message);
  return await server.logIn('INBOX');
}

describe.each([true, false])('sections of a message (octets at hand: %s)', (isContentAtHand) => {
  test.each([
    ['BODY.PEEK[1]', 'BODY[1] {20}\ncaf=C3=A9 =\ngoes on'],
    ['BODY.PEEK[1.MIME]', 'BODY[1.MIME] {88}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n'],
    [
      'BODY.PEEK[2.HEADER]',
      'BODY[2.HEADER] {95}\nFrom: Bob <bob@b.test>\nSubject: inner\nContent-Type: multipart/alternative; boundary=inner\n\n',
    ],
    ['BODY.PEEK[2.HEADER.FIELDS (subject)]', 'BODY[2.HEADER.FIELDS (subject)] {18}\nSubject: inner\n\n'],
    ['BODY.PEEK[2.1]', 'BODY[2.1] {5}\nfirst'],
    ['BODY.PEEK[2.2.MIME]', 'BODY[2.2.MIME] {27}\nContent-Type: text/html\n\n'],
    ['BODY.PEEK[2.3]', 'BODY[2.3] ""'],
    ['BODY.PEEK[1.1]', 'BODY[1.1] ""'],
    ['BODY.PEEK[4]', 'BODY[4] ""'],
    ['BODY.PEEK[1.HEADER]', 'BODY[1.HEADER] ""'],
    [
      'BODY.PEEK[HEADER.FIELDS ("SUBJECT" X-Long nothing)]',
      'BODY[HEADER.FIELDS (SUBJECT X-Long nothing)] {59}\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\nX-Long: one\n two\n\n',
    ],
    [
      'BODY.PEEK[HEADER.FIELDS.NOT (From Subject MIME-Version Content-Type)]',
      'BODY[HEADER.FIELDS.NOT (From Subject MIME-Version Content-Type)] {21}\nX-Long: one\n two\n\n',
    ],
    ['BODY.PEEK[]<0.5>', 'BODY[]<0> {5}\nFrom:'],
    ['BODY.PEEK[2.1]<2.10>', 'BODY[2.1]<2> {3}\nrst'],
    ['BODY.PEEK[2.1]<99.10>', 'BODY[2.1]<99> {0}\n'],
    ['BODY.PEEK[HEADER.FIELDS (From)]<6.5>', 'BODY[HEADER.FIELDS (From)]<6> {5}\nAlice'],
    ['BINARY.PEEK[1]', 'BINARY[1] {13}\ncaf\xc3\xa9 goes on'],
    ['BINARY.PEEK[1]<3.2>', 'BINARY[1]<3> {2}\n\xc3\xa9'],
    ['BINARY.SIZE[1]', 'BINARY.SIZE[1] 13'],
    ['BINARY.SIZE[3]', 'BINARY.SIZE[3] 6'],
    ['BINARY.SIZE[9]', 'BINARY.SIZE[9] 0'],
    [
      'RFC822.HEADER',
      'RFC822.HEADER {153}\nFrom: Alice <alice@a.test>\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\nX-Long: one\n two\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=outer\n\n',
    ],
  ])('%s', async (item, expected) => {
    await using server = await TestServer.start();
    server.mail.isContentAtHand = isContentAtHand;
    const talk = await opened(server);
    expect(rest(await talk.command(`FETCH 1 ${item}`))).toBe(`* 1 FETCH (${expected})`);
  });

  test('a part that holds NUL comes as literal8 (RFC 3516)', async () => {
    await using server = await TestServer.start();
    server.mail.isContentAtHand = isContentAtHand;
    const talk = await opened(server);
    talk.send('x FETCH 1 BINARY.PEEK[3]\r\n');
    expect(await talk.line()).toBe('* 1 FETCH (BINARY[3] ~{6}\r\n\0\x01\x02\x03\x04\x05)');
  });
});

test('a FETCH of a few messages does not wait for what others do, one of many does', async () => {
  await using server = await TestServer.start();
  for (let n = 1; n <= 200; n += 1) server.mail.deliver('INBOX', 'Subject: one\n\none\n');
  server.mail.pageSize = 200;
  const talk = await server.logIn('INBOX');
  const turns = vi.spyOn(globalThis, 'setImmediate');
  try {
    await talk.command('FETCH 1:20 (FLAGS ENVELOPE)');
    expect(turns).not.toHaveBeenCalled();
    await talk.command('FETCH 1:* FLAGS');
    expect(turns).toHaveBeenCalledOnce();
  } finally {
    turns.mockRestore();
  }
});

describe('FETCH', () => {
  test('tells the structure', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    const [line] = await talk.command('FETCH 1 BODYSTRUCTURE');
    expect(line).toBe(
      '* 1 FETCH (BODYSTRUCTURE (("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 20 1 NIL NIL NIL NIL)' +
        '("message" "rfc822" NIL NIL NIL "7bit" 201 (NIL "inner" (("Bob" NIL "bob" "b.test")) (("Bob" NIL "bob" "b.test")) (("Bob" NIL "bob" "b.test")) NIL NIL NIL NIL NIL) ' +
        '(("text" "plain" NIL NIL NIL "7bit" 5 0 NIL NIL NIL NIL)("text" "html" NIL NIL NIL "7bit" 13 0 NIL NIL NIL NIL) "alternative" ("boundary" "inner") NIL NIL NIL) 13 NIL NIL NIL NIL)' +
        `("application" "octet-stream" ("name*" "utf-8''Gr%C3%B6%C3%9Fe.bin") NIL NIL "base64" 8 NIL NIL NIL NIL) "mixed" ("boundary" "outer") NIL NIL NIL))`,
    );
  });

  test('tells ids, dates and a preview', async () => {
    await using server = await TestServer.start();
    server.mail.deliver('INBOX', 'Subject: x\n\nWhat it is about\n', { receivedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
    const talk = await server.logIn('INBOX');
    expect(await talk.command('FETCH 1 (INTERNALDATE EMAILID THREADID SAVEDATE PREVIEW (LAZY) MODSEQ)')).toEqual([
      '* OK [HIGHESTMODSEQ 3] Highest',
      '* 1 FETCH (INTERNALDATE " 2-Jan-2026 03:04:05 +0000" EMAILID (E1) THREADID (TE1) SAVEDATE "26-Nov-2026 12:00:00 +0000" PREVIEW "What it is about" MODSEQ (3))',
      'OK Done',
    ]);
  });

  test('tells of a preview that is not known yet apart from an empty one (RFC 8970 3.2)', () => {
    const { envelope, structure } = digestOf(Buffer.from('\r\n'));
    const view = { envelope: () => envelope, structure: () => structure };
    const message = { uid: asId.uid(1), flags: [], modSeq: asId.modSeq(1) };
    expect(simpleItemText('preview', { ...message, view }, false)).toBe('PREVIEW NIL');
    expect(simpleItemText('preview', { ...message, view: { ...view, preview: '' } }, false)).toBe('PREVIEW ""');
  });

  test('of a body marks it as seen, a look does not', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    for (const item of ['BODY.PEEK[]', 'BODY[]', 'BODY[]'].entries()) {
      const lines = await talk.command(`FETCH 1 ${item[1]}`);
      expect(lines.some((line) => line.includes('FLAGS (\\Seen)'))).toBe(item[0] === 1);
    }
  });

  test('in an examined mailbox marks nothing', async () => {
    await using server = await TestServer.start();
    server.mail.deliver('INBOX', NESTED);
    const talk = await server.logIn();
    expect((await talk.command('EXAMINE INBOX')).at(-1)).toBe('OK [READ-ONLY] Done');
    await talk.command('FETCH 1 BODY[]');
    expect(server.mail.folder('INBOX').messages[0]?.flags).toEqual([]);
    expect(await talk.command('STORE 1 +FLAGS (\\Seen)')).toEqual(['NO [READ-ONLY] The mailbox is open read-only']);
    expect(await talk.command('EXPUNGE')).toEqual(['NO [READ-ONLY] The mailbox is open read-only']);
  });

  test('tells all that can be had when one body can not, and says why', async () => {
    await using server = await TestServer.start();
    for (const n of [1, 2, 3]) server.mail.deliver('INBOX', `Subject: ${n}\n\n${n}\n`);
    server.mail.unavailable.add(2);
    const talk = await server.logIn('INBOX');
    const lines = await talk.command('UID FETCH 1:3 (BODY[TEXT])');
    expect(lines.map((line) => line.replaceAll('\r\n', '|'))).toEqual([
      '* 1 FETCH (UID 1 BODY[TEXT] {3}|1|)',
      '* 3 FETCH (UID 3 BODY[TEXT] {3}|3|)',
      '* 1 FETCH (UID 1 FLAGS (\\Seen))',
      '* 3 FETCH (UID 3 FLAGS (\\Seen))',
      'NO [UNAVAILABLE] The provider can not be reached now',
    ]);
    expect((await talk.command('FETCH 2 (ENVELOPE)')).at(-1)).toBe('OK Done');
  });

  test('of octets that end too early ends the connection, for the client counts on them', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    server.mail.broken.add(1);
    talk.send('x FETCH 1 BODY.PEEK[]\r\n');
    expect(await talk.rest()).toMatch(/^\* 1 FETCH \(BODY\[\] \{\d+\}\r\n/);
    expect(talk.received).not.toContain('x OK');
    expect(server.mail.openSessions).toBe(0);
  });

  test('of a message that another client has removed says so, and its number stays until it may be told', async () => {
    await using server = await TestServer.start();
    for (const n of [1, 2, 3]) server.mail.deliver('INBOX', `Subject: ${n}\n\n${n}\n`);
    const talk = await server.logIn('INBOX');
    server.mail.expunge('INBOX', [2]);
    expect(await talk.command('FETCH 1:3 (UID)')).toEqual([
      '* 1 FETCH (UID 1)',
      '* 3 FETCH (UID 3)',
      'NO [EXPUNGEISSUED] Some of these messages are gone',
    ]);
    expect(await talk.command('STORE 3 +FLAGS.SILENT (\\Seen)')).toEqual(['OK Done']);
    expect(await talk.command('NOOP')).toEqual(['* 2 EXPUNGE', 'OK Done']);
    expect(await talk.command('FETCH 1:2 (UID)')).toEqual(['* 1 FETCH (UID 1)', '* 2 FETCH (UID 3)', 'OK Done']);
  });

  test('of an encoding nobody knows is UNKNOWN-CTE', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server, 'Content-Transfer-Encoding: x-rot13\n\nuryyb\n');
    expect(await talk.command('FETCH 1 BINARY[1]')).toEqual(['NO [UNKNOWN-CTE] The encoding of this part is not known']);
  });

  test.each([
    'FETCH 1',
    'FETCH 1 ()x',
    'FETCH 1 NONSENSE',
    'FETCH 1 BODY[1.]x',
    'FETCH 1 BODY[MIME]',
    'FETCH 1 BODY[]<1.0>',
    'FETCH 1 BODY[HEADER.FIELDS ()]',
    'FETCH 1 BODY[HEADER.FIELDS ("a\\"b:")]',
    'FETCH 1 BINARY[HEADER]',
    'FETCH x FLAGS',
    'FETCH 1 FLAGS (CHANGEDSINCE)',
    'FETCH 1 FLAGS (VANISHED)',
  ])('%s is a fault of the client', async (text) => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect((await talk.command(text)).at(-1)).toMatch(/^BAD /);
  });
});
