import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asId } from '@stopgap/core';
import type { SearchCriteria } from '../search-criteria.ts';
import { TestServer } from '../test-server.ts';
import { openMailboxSession } from './mailbox-session.ts';
import { TestSession } from './test-session.ts';
import { writtenDayOf } from './written-day.ts';

const day = (date: number): number => Date.UTC(2026, 10, date);
const letter = (head: string, body: string): string => `From: bob@b.test\r\n${head}\r\n\r\n${body}\r\n`;

describe('a search', () => {
  let at: TestSession;
  beforeAll(async () => {
    at = await TestSession.open();
    await at.arrive([letter('Subject: apples\r\nDate: Fri, 20 Nov 2026 23:30:00 -0800', 'red and green')], { flags: ['$seen'] });
    await at.arrive([letter('Subject: pears\r\nDate: 21 Nov 26 00:30 +1400\r\nX-Kind: special', 'yellow, no apples')], {
      flags: ['fruit'],
    });
    await at.arrive([letter('Subject: plums', `blue ${'x'.repeat(500)}`)], { flags: ['$seen', '$flagged'] });
    await at.arrive([letter('Subject: apples elsewhere', 'red')], { name: 'Other' });
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
  });

  const cases: readonly (readonly [string, SearchCriteria, readonly number[]])[] = [
    ['everything', { kind: 'all', of: [] }, [1, 2, 3]],
    ['nothing', { kind: 'any', of: [] }, []],
    [
      'UIDs',
      {
        kind: 'uid',
        ranges: [
          [2, 2],
          [3, 99],
        ],
      },
      [2, 3],
    ],
    ['seen', { kind: 'flag', flag: '$seen' }, [1, 3]],
    ['unseen', { kind: 'not', of: { kind: 'flag', flag: '$seen' } }, [2]],
    [
      'unseen in some place',
      {
        kind: 'all',
        of: [
          { kind: 'uid', ranges: [[1, 1]] },
          { kind: 'not', of: { kind: 'flag', flag: '$seen' } },
        ],
      },
      [],
    ],
    ['a keyword', { kind: 'flag', flag: 'fruit' }, [2]],
    ['a subject', { kind: 'text', field: 'subject', value: 'Apples' }, [1]],
    ['a body', { kind: 'text', field: 'body', value: 'apples' }, [2]],
    ['any text', { kind: 'text', field: 'text', value: 'apples' }, [1, 2]],
    [
      'any text among UIDs',
      {
        kind: 'all',
        of: [
          { kind: 'uid', ranges: [[2, 9]] },
          { kind: 'text', field: 'text', value: 'apples' },
        ],
      },
      [2],
    ],
    [
      'either',
      {
        kind: 'any',
        of: [
          { kind: 'text', field: 'subject', value: 'plums' },
          { kind: 'flag', flag: 'fruit' },
        ],
      },
      [2, 3],
    ],
    ['a header field', { kind: 'header', name: 'x-kind', value: 'SPEC' }, [2]],
    ['that there is a field', { kind: 'header', name: 'date', value: '' }, [1, 2]],
    ['larger', { kind: 'size', fromBytes: 500 }, [3]],
    ['smaller', { kind: 'size', untilBytes: 500 }, [1, 2]],
    ['the day that stands written, west', { kind: 'sent', fromMs: day(20), untilMs: day(21) }, [1, 3]],
    ['the day that stands written, east', { kind: 'sent', fromMs: day(21), untilMs: day(22) }, [2]],
    ['sent before', { kind: 'sent', untilMs: day(20) }, []],
    ['received', { kind: 'received', fromMs: day(20), untilMs: day(21) }, [1, 2, 3]],
    ['saved', { kind: 'saved', untilMs: day(20) }, []],
    ['has a save date', { kind: 'has-save-date' }, [1, 2, 3]],
    ['an e-mail id', { kind: 'email-id', id: 'm2' }, [2]],
    ['a thread id', { kind: 'thread-id', id: 't99' }, []],
    ['changed', { kind: 'modseq', from: asId.modSeq(1) }, [1, 2, 3]],
    [
      'nested',
      {
        kind: 'not',
        of: {
          kind: 'all',
          of: [
            { kind: 'flag', flag: '$seen' },
            { kind: 'not', of: { kind: 'flag', flag: '$flagged' } },
          ],
        },
      },
      [2, 3],
    ],
  ];
  test.each(cases)('for %s', async (_, criteria, uids) => {
    const { mailbox } = await at.session.open('INBOX', { isReadOnly: true });
    expect(await mailbox.search(criteria, AbortSignal.timeout(10_000))).toEqual({ uids, isComplete: true });
  });
});

describe('what the index does not know', () => {
  let at: TestSession;
  beforeAll(async () => {
    at = await TestSession.open();
    const html = 'Content-Type: text/html\r\n\r\n<p>also in <i>HTML</i></p>';
    await at.arrive([
      letter(
        'X-Mailer: Pigeon 2\r\nTo: The Team: ann@a.test;\r\nSubject: =?utf-8?Q?C=C3=A4sar?= [list]',
        `A-${'z'.repeat(80)}Q1 at the end`,
      ),
      `Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nplain\r\n--b\r\n${html}\r\n--b--\r\n`,
      letter('Subject: large', `${'lorem ipsum\r\n'.repeat(15_000)}=needle=`),
    ]);
    await at.arrive([letter('Subject: headers only', 'not here')], { unmirrored: 'body' });
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
  });

  const text = (field: 'body' | 'text' | 'subject' | 'from' | 'to', value: string): SearchCriteria => ({ kind: 'text', field, value });
  test.each<readonly [string, SearchCriteria, readonly number[], boolean]>([
    ['a single letter inside of a word', text('body', 'q'), [1], false],
    ['the end of a word longer than 64 letters', text('body', 'zzq1'), [1], false],
    ['signs', text('body', '=needle='), [3], false],
    ['the HTML version', text('text', '<i>html'), [2], false],
    ['another field of the header', text('text', 'pigeon 2'), [1], false],
    ['what is not there', text('text', 'nowhere'), [], false],
    ['what the header alone shows, where there is no more', text('text', 'ders onl'), [4], true],
    ['a header field', { kind: 'header', name: 'x-mailer', value: 'EON' }, [1], true],
    ['a subject with its signs', text('subject', 'sar [li'), [1], true],
    ['a subject without its accents', text('subject', 'casar'), [1], true],
    ['a subject with its accents', text('subject', 'C\u00c4SAR'), [1], true],
    ['a subject with other accents', text('subject', 'cas\u00e4r'), [], true],
    ['a subject with other signs', text('subject', 'sar (li'), [], true],
    ['the name of a group', text('to', 'the team'), [1], true],
    ['a name and its address', text('from', '@B.TEST'), [1, 3, 4], true],
  ])('is read: %s', async (_, criteria, uids, isComplete) => {
    const { mailbox } = await at.session.open('INBOX', { isReadOnly: true });
    expect(await mailbox.search(criteria, AbortSignal.timeout(10_000))).toEqual({ uids, isComplete });
  });
});

test.each([
  ['Fri, 20 Nov 2026 23:30:00 -0800', day(20)],
  ['20 Nov 26 1:00', day(20)],
  ['  Friday, 20-Nov-2026', day(20)],
  ['1 January 99', Date.UTC(1999, 0, 1)],
  ['1 Jan 100', Date.UTC(2000, 0, 1)],
  ['2026-11-20', undefined],
  ['', undefined],
  [undefined, undefined],
])('the day written in %j is %j', (date, expected) => {
  expect(writtenDayOf(date)).toBe(expected);
});

test.each(['UID SEARCH TEXT nowhere', 'UID SORT (ARRIVAL) UTF-8 TEXT nowhere', 'UID THREAD REFERENCES UTF-8 TEXT nowhere'])(
  '%s says that there may be more where a body is not here',
  async (command) => {
    await using at = await TestSession.open();
    await using server = await TestServer.start({ openSession: (who) => openMailboxSession(who, at.deps) });
    await at.arrive([letter('Subject: one', 'text')], { unmirrored: 'body' });
    const talk = await server.logIn('INBOX');
    expect((await talk.command(command)).at(-1)).toMatch(/^OK Done, but there may be more/);
  },
);
