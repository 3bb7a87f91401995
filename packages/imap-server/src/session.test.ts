import { describe, expect, test } from 'vitest';
import { TestServer } from './test-server.ts';

const LETTER = `From: Alice <alice@a.test>
To: Bob <bob@b.test>
Subject: Hello
Date: Thu, 26 Nov 2026 10:00:00 +0000
Message-ID: <one@a.test>

Hi Bob
`;

describe('a session', () => {
  test('from the greeting to the good bye', async () => {
    await using server = await TestServer.start();
    server.mail.deliver('INBOX', LETTER);
    const talk = await server.talk();
    expect(await talk.command('CAPABILITY')).toMatchInlineSnapshot(`
      [
        "* CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE STARTTLS AUTH=PLAIN AUTH=LOGIN",
        "OK That is all",
      ]
    `);
    expect(await talk.command('LOGIN alice@a.test "wonder land"')).toMatchInlineSnapshot(`
      [
        "OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID ENABLE NAMESPACE IDLE COMPRESS=DEFLATE QUOTA QUOTA=RES-STORAGE UNSELECT SORT SORT=DISPLAY THREAD=ORDEREDSUBJECT THREAD=REFERENCES MOVE UIDPLUS CONDSTORE QRESYNC ESEARCH SEARCHRES WITHIN BINARY PREVIEW OBJECTID SAVEDATE UTF8=ACCEPT CHILDREN SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED LIST-STATUS STATUS=SIZE MULTIAPPEND APPENDLIMIT=1000000] Logged in",
      ]
    `);
    expect(await talk.command('LIST "" *')).toMatchInlineSnapshot(`
      [
        "* LIST (\\HasNoChildren) "/" "INBOX"",
        "OK Done",
      ]
    `);
    expect(await talk.command('SELECT INBOX')).toMatchInlineSnapshot(`
      [
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
        "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags that can be changed",
        "* 1 EXISTS",
        "* 0 RECENT",
        "* OK [UNSEEN 1] First unseen",
        "* OK [UIDVALIDITY 101] UIDs valid",
        "* OK [UIDNEXT 2] Predicted next UID",
        "* OK [HIGHESTMODSEQ 3] Highest",
        "* OK [MAILBOXID (M101)] Ok",
        "OK [READ-WRITE] Done",
      ]
    `);
    expect(await talk.command('FETCH 1:* FULL')).toMatchInlineSnapshot(`
      [
        "* 1 FETCH (FLAGS () INTERNALDATE "26-Nov-2026 12:00:00 +0000" RFC822.SIZE 141 ENVELOPE ("Thu, 26 Nov 2026 10:00:00 +0000" "Hello" (("Alice" NIL "alice" "a.test")) (("Alice" NIL "alice" "a.test")) (("Alice" NIL "alice" "a.test")) (("Bob" NIL "bob" "b.test")) NIL NIL NIL "<one@a.test>") BODY ("text" "plain" NIL NIL NIL "7bit" 8 1))",
        "OK Done",
      ]
    `);
    expect(await talk.command('FETCH 1 (BODY[] BODY[HEADER.FIELDS (Subject)] BODY[TEXT]<1.3>)')).toMatchInlineSnapshot(`
      [
        "* 1 FETCH (BODY[] {141}
      From: Alice <alice@a.test>
      To: Bob <bob@b.test>
      Subject: Hello
      Date: Thu, 26 Nov 2026 10:00:00 +0000
      Message-ID: <one@a.test>

      Hi Bob
       BODY[HEADER.FIELDS (Subject)] {18}
      Subject: Hello

       BODY[TEXT]<1> {3}
      i B)",
        "* 1 FETCH (UID 1 FLAGS (\\Seen))",
        "OK Done",
      ]
    `);
    expect(await talk.command('STORE 1 +FLAGS (\\Deleted)')).toMatchInlineSnapshot(`
      [
        "* 1 FETCH (UID 1 FLAGS (\\Deleted \\Seen))",
        "OK Done",
      ]
    `);
    expect(await talk.command('EXPUNGE')).toMatchInlineSnapshot(`
      [
        "* 1 EXPUNGE",
        "OK Expunged",
      ]
    `);
    expect(await talk.command('LOGOUT')).toMatchInlineSnapshot(`
      [
        "* BYE Logging out",
        "OK Good bye",
      ]
    `);
    await talk.ended();
    expect(server.failures).toEqual([]);
  });
});
