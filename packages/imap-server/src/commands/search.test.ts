import { describe, expect, test } from 'vitest';
import { TestServer, type Talk } from '../test-server.ts';

const DAY_MS = 86_400_000;

async function opened(server: TestServer): Promise<Talk> {
  const { mail } = server;
  const at = Date.UTC(2026, 10, 20);
  const letter = (from: string, subject: string, body: string): string =>
    `From: ${from}\nTo: team@a.test\nSubject: ${subject}\nX-Tag: ${body}\nDate: Fri, 20 Nov 2026 23:30:00 +0000\n\n${body}\n`;
  mail.deliver('INBOX', letter('Ann <ann@a.test>', 'Plan', 'one'), { flags: ['\\Seen'], receivedAtMs: at });
  mail.deliver('INBOX', letter('Bob <bob@b.test>', 'Grüße', 'two'), { flags: ['\\Flagged', 'work'], receivedAtMs: at + DAY_MS });
  mail.deliver('INBOX', letter('Cid <cid@c.test>', 'Re: Plan', 'three'.repeat(100)), {
    flags: ['\\Deleted'],
    receivedAtMs: at + 2 * DAY_MS,
  });
  mail.deliver('INBOX', letter('Ann <ann@a.test>', 'Other', 'two'), { receivedAtMs: at + 3 * DAY_MS });
  mail.expunge('INBOX', [1]);
  mail.deliver('INBOX', letter('Dan <dan@d.test>', 'Plan', 'five'), { flags: ['\\Seen', '\\Answered'], receivedAtMs: at + 4 * DAY_MS });
  return await server.logIn('INBOX');
}

/** Messages by sequence number: UIDs 2, 3, 4, 5. */
describe('SEARCH', () => {
  test.each([
    ['ALL', '1 2 3 4'],
    ['SEEN', '4'],
    ['UNSEEN', '1 2 3'],
    ['NOT SEEN', '1 2 3'],
    ['NOT NOT SEEN', '4'],
    ['FLAGGED KEYWORD work', '1'],
    ['UNKEYWORD work UNDELETED', '3 4'],
    ['KEYWORD nothing', ''],
    ['UNKEYWORD nothing', '1 2 3 4'],
    ['ANSWERED', '4'],
    ['FROM ann', '3'],
    ['FROM "Bob" SUBJECT {4+}\r\nGr\xc3\xbc', '1'],
    ['CHARSET UTF-8 SUBJECT {6+}\r\ngr\xc3\xbc\xc3\x9f', '1'],
    ['SUBJECT plan', '2 4'],
    ['OR FROM ann FROM bob', '1 3'],
    ['OR OR FROM ann FROM bob FROM dan', '1 3 4'],
    ['(FROM ann BODY two)', '3'],
    ['BODY two NOT (FROM ann)', '1'],
    ['TEXT "team@a.test"', '1 2 3 4'],
    ['HEADER X-Tag two', '1 3'],
    ['HEADER X-Tag ""', '1 2 3 4'],
    ['HEADER X-Nothing ""', ''],
    ['2:3', '2 3'],
    ['*', '4'],
    ['99', ''],
    ['3:99', '3 4'],
    ['UID 3:4', '2 3'],
    ['UID 1', ''],
    ['UID *', '4'],
    ['NOT 1', '2 3 4'],
    ['LARGER 500', '2'],
    ['SMALLER 500', '1 3 4'],
    ['SINCE 22-Nov-2026', '2 3 4'],
    ['BEFORE 22-Nov-2026', '1'],
    ['ON 22-Nov-2026', '2'],
    ['ON "22-Nov-2026" UNSEEN', '2'],
    ['SENTON 20-Nov-2026', '1 2 3 4'],
    ['SENTBEFORE 20-Nov-2026', ''],
    ['SENTSINCE 20-Nov-2026', '1 2 3 4'],
    ['SAVEDON 26-Nov-2026', '1 2 3 4'],
    ['SAVEDATESUPPORTED', '1 2 3 4'],
    ['EMAILID E2', '1'],
    ['THREADID TE3', '2'],
    ['NEW', ''],
    ['OLD', '1 2 3 4'],
    ['RECENT', ''],
  ])('%s', async (keys, expected) => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command(`SEARCH ${keys}`)).toEqual([`* SEARCH${expected === '' ? '' : ` ${expected}`}`, 'OK Done']);
  });

  test.each([
    '',
    'NONSENSE',
    'FROM',
    'NOT',
    'OR SEEN',
    '(SEEN',
    'SEEN)',
    'BEFORE yesterday',
    'LARGER x',
    'UID',
    '0',
    'SUBJECT {1+}\r\n\xff',
  ])('%j is a fault of the client', async (keys) => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect((await talk.command(`SEARCH ${keys}`)).at(-1)).toMatch(/^BAD /);
  });

  test('takes its strings in any charset, and says which it can not', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('SEARCH CHARSET ISO-8859-1 SUBJECT {3+}\r\nr\xfc\xdf')).toEqual(['* SEARCH 1', 'OK Done']);
    expect((await talk.command('SEARCH CHARSET Shift_JIS SUBJECT {1+}\r\n\x81')).at(-1)).toMatch(/^BAD /);
    expect((await talk.command('SEARCH CHARSET US-ASCII SUBJECT {1+}\r\n\xfc')).at(-1)).toMatch(/^BAD /);
    expect(await talk.command('SEARCH CHARSET x-none SUBJECT x')).toEqual([
      'NO [BADCHARSET (US-ASCII UTF-8)] This charset is not known here',
    ]);
  });

  test('takes no charset once everything is UTF-8 (RFC 6855 3), but for IMAP4rev2', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    await talk.command('ENABLE UTF8=ACCEPT');
    expect(await talk.command('SEARCH CHARSET UTF-8 SUBJECT x')).toEqual(['BAD Since UTF8=ACCEPT every text is UTF-8']);
    await talk.command('ENABLE IMAP4rev2');
    expect((await talk.command('SEARCH CHARSET UTF-8 SUBJECT x')).at(-1)).toBe('OK Done');
  });

  test('by age (RFC 5032)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    server.mail.deliver('INBOX', 'Subject: now\n\nx\n', { receivedAtMs: Date.now() - 100_000 });
    expect(await talk.command('SEARCH YOUNGER 3600')).toEqual(['* 5 EXISTS', '* SEARCH 5', 'OK Done']);
    expect(await talk.command('SEARCH YOUNGER 10')).toEqual(['* SEARCH', 'OK Done']);
    expect((await talk.command('UID SEARCH OLDER 50'))[0]).toContain(' 6');
  });

  test('answers as ESEARCH when asked to, and after ENABLE IMAP4rev2', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('SEARCH RETURN (MIN MAX COUNT ALL) UNSEEN')).toEqual([
      '* ESEARCH (TAG "t3") MIN 1 MAX 3 ALL 1:3 COUNT 3',
      'OK Done',
    ]);
    expect(await talk.command('UID SEARCH RETURN () SUBJECT plan')).toEqual(['* ESEARCH (TAG "t4") UID ALL 3,5', 'OK Done']);
    expect(await talk.command('UID SEARCH RETURN (COUNT MIN) SUBJECT nothing')).toEqual(['* ESEARCH (TAG "t5") UID COUNT 0', 'OK Done']);
    await talk.command('ENABLE IMAP4rev2');
    expect(await talk.command('SEARCH SEEN')).toEqual(['* ESEARCH (TAG "t7") ALL 4', 'OK Done']);
  });

  test('keeps what it found for `$` (RFC 5182), as long as it is there', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('SEARCH RETURN (SAVE) UNSEEN')).toEqual(['OK Done']);
    expect((await talk.command('FETCH $ UID')).slice(0, -1)).toEqual(['* 1 FETCH (UID 2)', '* 2 FETCH (UID 3)', '* 3 FETCH (UID 4)']);
    server.mail.expunge('INBOX', [3]);
    await talk.command('NOOP');
    expect((await talk.command('UID FETCH $ UID')).slice(0, -1)).toEqual(['* 1 FETCH (UID 2)', '* 2 FETCH (UID 4)']);
    expect(await talk.command('SEARCH $ FROM ann')).toEqual(['* SEARCH 2', 'OK Done']);
    await talk.command('SEARCH RETURN (SAVE MAX) ALL');
    expect(await talk.command('UID SEARCH $')).toEqual(['* SEARCH 5', 'OK Done']);
    await talk.command('SEARCH RETURN (SAVE) NONSENSE');
    await talk.command('SEARCH RETURN (SAVE) KEYWORD nothing');
    expect(await talk.command('FETCH $ UID')).toEqual(['OK Done']);
  });

  test('tells the highest number of a change when it is asked for one (RFC 7162)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    server.mail.setFlags('INBOX', 3, ['\\Seen']);
    const modSeq = server.mail.modSeq;
    expect(await talk.command(`SEARCH MODSEQ ${modSeq}`)).toEqual([
      '* 2 FETCH (UID 3 FLAGS (\\Seen))',
      `* OK [HIGHESTMODSEQ ${modSeq}] Highest`,
      `* SEARCH 2 (MODSEQ ${modSeq})`,
      'OK Done',
    ]);
    const last = server.mail.modSeq;
    server.mail.setFlags('INBOX', 4, ['\\Seen']);
    const highest = server.mail.modSeq;
    await talk.command('NOOP');
    // RFC 4731 3.2: of MIN or MAX alone it is theirs.
    for (const [options, answer] of [
      ['MIN', `MIN 2 MODSEQ ${last}`],
      ['MAX', `MAX 3 MODSEQ ${highest}`],
      ['MIN COUNT', `MIN 2 COUNT 2 MODSEQ ${highest}`],
    ]) {
      expect((await talk.command(`SEARCH RETURN (${options}) MODSEQ ${last}`))[0]).toContain(` ${answer}`);
    }
    expect(await talk.command(`SORT (REVERSE ARRIVAL) UTF-8 MODSEQ ${last}`)).toEqual([`* SORT 3 2 (MODSEQ ${highest})`, 'OK Done']);
    expect(await talk.command(`SEARCH MODSEQ "/flags/\\\\Seen" all ${highest + 1}`)).toEqual(['* SEARCH', 'OK Done']);
  });
});

describe('SEARCH and what went meanwhile', () => {
  test.each(['UID SEARCH 1:2', 'UID SEARCH OR FLAGGED 1', 'UID SORT (ARRIVAL) UTF-8 1:2', 'UID THREAD REFERENCES UTF-8 1:2'])(
    '%s is about numbers, so EXPUNGE has to wait (RFC 7162 3.2.10.2)',
    async (command) => {
      await using server = await TestServer.start();
      const talk = await opened(server);
      server.mail.expunge('INBOX', [2]);
      expect((await talk.command(command)).join()).not.toContain('EXPUNGE');
      expect((await talk.command('UID SEARCH ALL')).join()).toContain('* 1 EXPUNGE');
    },
  );

  test('a search with SAVE that is refused leaves nothing behind, one that is wrong leaves all (RFC 5182 2.1)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    await talk.command('SEARCH RETURN (SAVE) 1:2');
    expect((await talk.command('SEARCH RETURN (SAVE) CHARSET x-none ALL')).at(-1)).toMatch(/^NO \[BADCHARSET/);
    expect(await talk.command('FETCH $ UID')).toEqual(['OK Done']);
    await talk.command('SEARCH RETURN (SAVE) 1:2');
    expect((await talk.command('SEARCH RETURN (SAVE) NONSENSE')).at(-1)).toMatch(/^BAD/);
    expect((await talk.command('SEARCH CHARSET x-none ALL')).at(-1)).toMatch(/^NO/);
    expect(await talk.command('FETCH $ UID')).toEqual(['* 1 FETCH (UID 2)', '* 2 FETCH (UID 3)', 'OK Done']);
  });
});
