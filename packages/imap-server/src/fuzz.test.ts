import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMailboxSession } from './mailbox-session/mailbox-session.ts';
import { TestSession } from './mailbox-session/test-session.ts';
import { PASSWORD, TestServer } from './test-server.ts';

/** What clients say, for a byte to go wrong in. */
const SCRIPTS = [
  'a SELECT INBOX\r\nb FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[1.MIME]<0.10>)\r\nc UID FETCH 1 (BINARY.PEEK[1] BODY[HEADER.FIELDS (From "To")])\r\n',
  'a SELECT INBOX (QRESYNC (101 1 1:5 (1 1)))\r\nb STORE 1 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\\Seen work)\r\nc EXPUNGE\r\nd UID MOVE 1 Other\r\n',
  'a APPEND INBOX (\\Seen) " 2-Jan-2026 03:04:05 +0100" {5+}\r\nhello {3+}\r\nabc\r\nb APPEND "Other" UTF8 (~{4+}\r\nabcd)\r\n',
  'a EXAMINE Other\r\nb SEARCH RETURN (MIN ALL SAVE) OR (FROM "x" NOT SEEN) SUBJECT {3+}\r\nabc 1:*,$\r\nc UID SORT (REVERSE DATE) UTF-8 SINCE 1-Jan-2026 LARGER 5\r\nd THREAD REFERENCES UTF-8 ALL\r\ne SEARCH TEXT "a* OR NEAR(b) -c" HEADER X-Y "%_^" BODY {4+}\r\n"x:y NOT KEYWORD w\r\n',
  'a LIST (SUBSCRIBED RECURSIVEMATCH) "" ("*" "Gr&APYA3w-%") RETURN (STATUS (MESSAGES SIZE))\r\nb CREATE "a/b" (USE (\\Trash))\r\nc RENAME "a/b" {3+}\r\nx/y\r\nd STATUS x/y (UIDNEXT)\r\ne DELETE x/y\r\n',
  'a ENABLE QRESYNC IMAP4rev2\r\nb ID ("name" "x" "y" NIL)\r\nc IDLE\r\nDONE\r\nd NAMESPACE\r\ne GETQUOTAROOT INBOX\r\nf LSUB "" %\r\n',
];
const RUNS = 300;
const LIMITS = { connections: 1000, connectionsPerAddress: 1000, connectionsPerAccount: 1000 };

let real: TestSession;
beforeAll(async () => {
  real = await TestSession.open();
  await real.arrive(['Subject: one\r\n\r\n1\r\n', 'Subject: two\r\n\r\n2\r\n']);
});
afterAll(async () => {
  await real[Symbol.asyncDispose]();
});

const MAIL: Readonly<Record<string, () => Promise<TestServer>>> = {
  'mail in memory': () => TestServer.start({ limits: LIMITS }),
  'mailboxes in a store': () => TestServer.start({ limits: LIMITS, openSession: (who) => openMailboxSession(who, real.deps) }),
};

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.constantFrom(
    '(',
    ')',
    '"',
    '\\',
    '{',
    '{9}',
    '{3+}\r\n',
    '~{2+}\r\n',
    '*',
    '$',
    ',',
    ':',
    ' ',
    '\r\n',
    '\r',
    '\n',
    '\0',
    '[',
    ']',
    '<',
    '4294967295',
    '99999999999999999999',
    'NIL',
    'NOT ',
    '&',
    '%',
  ),
);
const edit = fc.record({ at: fc.nat(1000), remove: fc.nat(3), insert: piece });

/** Whatever comes, the fault is the client's: it is answered, or the connection ends, and nothing of ours breaks. */
test.each(Object.entries(MAIL))(
  'a byte wrong here and there, before %s',
  async (_, start) => {
    await using server = await start();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SCRIPTS),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        fc.nat(200),
        async (script, edits, cut) => {
          const talk = await server.talk();
          let text = script;
          for (const { at, remove, insert } of edits)
            text = text.slice(0, at % text.length) + insert + text.slice((at % text.length) + remove);
          talk.send(`x LOGIN alice@a.test "${PASSWORD}"\r\n${text.slice(0, cut)}`);
          talk.send(text.slice(cut));
          // Enough for every literal that still stands open, and an end in any case.
          talk.socket.end(Buffer.from('\r\nDONE\r\nz LOGOUT\r\n'));
          const received = await talk.rest();
          expect(received).toMatch(/^x OK /);
          expect(received.endsWith('\r\n')).toBe(true);
          expect(withoutLiterals(received).replaceAll('\r\n', '')).not.toMatch(/\n/);
          expect(server.failures).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
    expect((await (await server.logIn('INBOX')).command('NOOP')).at(-1)).toBe('OK Done');
  },
  60_000,
);

/** What a message holds is its own, an LF alone, too: only what the server says has lines. */
function withoutLiterals(text: string): string {
  const announced = /\{(\d+)\}\r\n/.exec(text);
  if (!announced) return text;
  const from = announced.index + announced[0].length;
  return text.slice(0, announced.index) + withoutLiterals(text.slice(from + Number(announced[1])));
}
