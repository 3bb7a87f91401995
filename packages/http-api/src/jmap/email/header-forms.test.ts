/* RFC 8621 4.1.2, 4.1.3 in their own words, through the whole server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Of a message that has these fields. */
async function property(fields: string | Buffer, name: string): Promise<unknown> {
  const head = Buffer.isBuffer(fields) ? fields : Buffer.from(fields.replaceAll('\n', '\r\n'));
  const { id } = await bench.deliver(await bench.mailbox('INBOX'), Buffer.concat([head, Buffer.from('\r\n\r\nbody\r\n')]));
  const { list } = await bench.one('Email/get', { ids: [`e${id}`], properties: [name] });
  return (list as Record<string, unknown>[])[0]?.[name];
}

const EXAMPLE = '"  James Smythe" <james@example.com>, Friends:\n jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?=\n <john@example.com>;';
const JAMES = { name: 'James Smythe', email: 'james@example.com' };
const FRIENDS = [
  { name: null, email: 'jane@example.com' },
  { name: 'John Smîth', email: 'john@example.com' },
];

test.each<[string, string | Buffer, string, unknown]>([
  ['Raw: octets that are no UTF-8 are replaced', Buffer.from('X-A: a\xffb', 'latin1'), 'header:X-A', ' a\ufffdb'],
  ['Raw: NUL is dropped', 'X-A: a\0b', 'header:X-A', ' ab'],
  ['Raw: UTF-8 stays (RFC 6532)', 'X-A: é', 'header:X-A', ' é'],
  ['Raw: the folds and blanks stay', 'X-A:  a \n\tb', 'header:X-A', '  a \r\n\tb'],
  ['the last of several', 'X-A: 1\nX-B: 2\nx-a: 3', 'header:X-A', ' 3'],
  ['the name as it was asked for', 'SUBJECT: x', 'header:sUbJeCt:asText', 'x'],
  ['Text: unfolded, without blanks before it', 'Subject:   one\n two', 'subject', 'one two'],
  ['Text: encoded words next to each other are one text', 'Subject: =?utf-8?q?a?=\n =?utf-8?b?Yg==?= c', 'subject', 'ab c'],
  ['Text: control characters in encoded words are dropped', 'Subject: =?utf-8?q?a=00b=07c=0D=0Ad?=', 'subject', 'abcd'],
  ['Text: in NFC', 'Subject: =?utf-8?q?e=CC=81?=', 'subject', 'é'],
  // As mail is, and not as it should be: see the decisions.
  ['Text: an encoded word at the wrong place', 'Subject: x=?utf-8?q?a?=y =?utf-8?q?b c?=', 'subject', 'xay b c'],
  ['Text: a charset that nobody knows', 'Subject: =?klingon?q?a?=', 'subject', 'a'],
  ['Text: what is no encoded word', 'Subject: =?utf-8?x?a?= =?utf-8?q?b', 'subject', '=?utf-8?x?a?= =?utf-8?q?b'],
  ['Text: a language', 'Subject: =?utf-8*en?q?a=20b?=', 'subject', 'a b'],
  ['Addresses: the example of the RFC', `To: ${EXAMPLE}`, 'header:To:asAddresses', [JAMES, ...FRIENDS]],
  ['Addresses: the same by the short name', `To: ${EXAMPLE}`, 'to', [JAMES, ...FRIENDS]],
  [
    'GroupedAddresses: the example of the RFC',
    `To: ${EXAMPLE}`,
    'header:To:asGroupedAddresses',
    [
      { name: null, addresses: [JAMES] },
      { name: 'Friends', addresses: FRIENDS },
    ],
  ],
  ['Addresses: a comment behind it is the name', 'From: jane@x.test (Jane D.)', 'from', [{ name: 'Jane D.', email: 'jane@x.test' }]],
  [
    'Addresses: control characters in encoded words are dropped',
    'From: =?utf-8?q?a=0D=0ABcc=3A_c=40x.test=00?= <b@x.test>',
    'from',
    [{ name: 'aBcc: c@x.test', email: 'b@x.test' }],
  ],
  [
    'GroupedAddresses: in the name of a group, too',
    'To: =?utf-8?q?a=0D=0Ab?=: c@x.test;',
    'header:To:asGroupedAddresses',
    [{ name: 'ab', addresses: [{ name: null, email: 'c@x.test' }] }],
  ],
  ['Addresses: a draft that is half done', 'To: bob', 'to', [{ name: null, email: 'bob' }]],
  [
    'Addresses: of each field, in their order',
    'Resent-To: a@x.test, B <b@x.test>\nResent-To: c@x.test',
    'header:Resent-To:asAddresses:all',
    [
      [
        { name: null, email: 'a@x.test' },
        { name: 'B', email: 'b@x.test' },
      ],
      [{ name: null, email: 'c@x.test' }],
    ],
  ],
  ['Addresses: none', 'X-A: x', 'header:Resent-To:asAddresses:all', []],
  ['MessageIds: without brackets, blanks and comments', 'References: <a@x> (see\n this) <b@x>', 'references', ['a@x', 'b@x']],
  ['MessageIds: by an own field', 'X-Ids: <a@x><b@x>', 'header:X-Ids:asMessageIds', ['a@x', 'b@x']],
  ['MessageIds: what is none', 'X-Ids: a b c', 'header:X-Ids:asMessageIds', null],
  ['Date: what is none', 'Resent-Date: yesterday', 'header:Resent-Date:asDate', null],
  ['URLs: with comments', 'List-Post: NO (posting is not allowed)', 'header:List-Post:asURLs', null],
  [
    'URLs: two ways',
    'List-Help: <ftp://x.test/help.txt> (FTP),\n <mailto:help@x.test?subject=help>',
    'header:List-Help:asURLs:all',
    [['ftp://x.test/help.txt', 'mailto:help@x.test?subject=help']],
  ],
])('%s', async (_, fields, name, expected) => {
  expect(await property(fields, name)).toEqual(expected);
});

test('a draft to many people is taken up with all of them', async () => {
  const people = Array.from({ length: 500 }, (_, index) => ({ name: 'A very long name '.repeat(10).trim(), email: `p${index}@far.test` }));
  const to = people.map(({ name, email }) => `"${name}" <${email}>`).join(',\n ');
  expect(await property(`To: ${to}`, 'to')).toEqual(people);
});
