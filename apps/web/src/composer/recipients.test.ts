import { expect, test } from 'vitest';
import { activeOf, added, begins, isAddress, parseRecipients, textOf } from './recipients.ts';

test.for<[string, [string | null, string][]]>([
  ['a@b.test', [[null, 'a@b.test']]],
  [
    'a@b.test, c@d.test; e@f.test\ng@h.test',
    [
      [null, 'a@b.test'],
      [null, 'c@d.test'],
      [null, 'e@f.test'],
      [null, 'g@h.test'],
    ],
  ],
  ['Anna Berg <anna@b.test>', [['Anna Berg', 'anna@b.test']]],
  [
    '"Berg, Anna" <anna@b.test>, x@y.test',
    [
      ['Berg, Anna', 'anna@b.test'],
      [null, 'x@y.test'],
    ],
  ],
  [String.raw`"An \"X\" na" <a@b.test>`, [['An "X" na', 'a@b.test']]],
  ['<a@b.test>', [[null, 'a@b.test']]],
  ['Baker, Ben <ben@x.test>', [['Baker, Ben', 'ben@x.test']]],
  [
    'Baker, Ben <ben@x.test>; Berg, Anna <anna@b.test>, x@y.test',
    [
      ['Baker, Ben', 'ben@x.test'],
      ['Berg, Anna', 'anna@b.test'],
      [null, 'x@y.test'],
    ],
  ],
  [
    'karl, Baker, Ben <ben@x.test>',
    [
      [null, 'karl'],
      ['Baker, Ben', 'ben@x.test'],
    ],
  ],
  [
    'karl; Ben <ben@x.test>',
    [
      [null, 'karl'],
      ['Ben', 'ben@x.test'],
    ],
  ],
  [
    'karl, <ben@x.test>',
    [
      [null, 'karl'],
      [null, 'ben@x.test'],
    ],
  ],
  [
    'karl,, Ben <ben@x.test>',
    [
      [null, 'karl'],
      ['Ben', 'ben@x.test'],
    ],
  ],
  ['nobody', [[null, 'nobody']]],
  // A group (RFC 5322 3.4), or the head of a message.
  [
    'Team: a@x.test, b@x.test; c@x.test',
    [
      [null, 'a@x.test'],
      [null, 'b@x.test'],
      [null, 'c@x.test'],
    ],
  ],
  [
    '"Team: all": Anna <a@x.test>, "B: Ben" <b@x.test>;\nCc: c@x.test',
    [
      ['Anna', 'a@x.test'],
      ['B: Ben', 'b@x.test'],
      [null, 'c@x.test'],
    ],
  ],
  ['undisclosed-recipients:;', []],
  ['http://x.test/', [[null, 'http://x.test/']]],
  // Links.
  ['mailto:kim@x.test', [[null, 'kim@x.test']]],
  ['MAILTO:kim%2Bme@x.test?subject=Hello', [[null, 'kim+me@x.test']]],
  [
    'Kim <mailto:kim@x.test>; ben@x.test<mailto:ben@x.test>',
    [
      ['Kim', 'kim@x.test'],
      [null, 'ben@x.test'],
    ],
  ],
  ['mailto:who?@x.test', [[null, 'mailto:who?@x.test']]],
  // Names without brackets, in brackets of the old kind, and in quotes that Outlook puts around.
  ['Kim Berg kim@x.test', [['Kim Berg', 'kim@x.test']]],
  ['"Berg, Kim" kim@x.test', [['Berg, Kim', 'kim@x.test']]],
  ['kim@x.test (Kim Berg)', [['Kim Berg', 'kim@x.test']]],
  [
    "'kim@x.test' <kim@x.test>, 'ben@x.test'",
    [
      [null, 'kim@x.test'],
      [null, 'ben@x.test'],
    ],
  ],
  ['Write to kim@x.test.', [['Write to', 'kim@x.test']]],
  // Tables, and lists with nothing but blanks.
  [
    'Anna\tBerg\ta@x.test\r\nBen\tBaker\tb@x.test\r\n',
    [
      ['Anna Berg', 'a@x.test'],
      ['Ben Baker', 'b@x.test'],
    ],
  ],
  [
    'Anna <a@x.test> Ben <b@x.test> c@x.test',
    [
      ['Anna', 'a@x.test'],
      ['Ben', 'b@x.test'],
      [null, 'c@x.test'],
    ],
  ],
  [
    'a@x.test Ben b@x.test',
    [
      [null, 'a@x.test'],
      ['Ben', 'b@x.test'],
    ],
  ],
  [
    'Adler, Alice <a@x.test>; Bob <b@x.test>',
    [
      ['Adler, Alice', 'a@x.test'],
      ['Bob', 'b@x.test'],
    ],
  ],
  ['Kim @ Work <kim@x.test>', [['Kim @ Work', 'kim@x.test']]],
  ['"boss@x.test" <kim@x.test>', [['boss@x.test', 'kim@x.test']]],
  [
    'a@x.test Ben <b@x.test>',
    [
      [null, 'a@x.test'],
      ['Ben', 'b@x.test'],
    ],
  ],
  ['Kim <kim>', [['Kim', 'kim']]],
  // One of them is no name, or both are meant.
  ['boss@x.test <kim@x.test>', [[null, 'boss@x.test <kim@x.test>']]],
  // It may be another one that is not whole.
  ['kim@x.test Ben', [[null, 'kim@x.test Ben']]],
  ['kim@ ben@x.test', [[null, 'kim@ ben@x.test']]],
  // What is not to be seen in what was copied.
  ['\u200Bkim@x.test\u00A0', [[null, 'kim@x.test']]],
  [' , ;', []],
])('%j', ([text, wanted]) => {
  expect(parseRecipients(text).map(({ name, email }) => [name, email])).toEqual(wanted);
});

test.for<[string, boolean]>([
  ['a@b.test', true],
  ['jürgen@köln.test', true],
  ['"a b"@c.test', true],
  ['a@b', false],
  ['a b@c.test', false],
  ['@b.test', false],
  ['a@b..test', false],
  ['a@b.test\r\nBcc: x@y.test', false],
  [`${'a'.repeat(250)}@b.test`, false],
])('%j is an address: %j', ([text, isOne]) => {
  expect(isAddress(text)).toBe(isOne);
});

test('nobody is added twice, whatever the case', () => {
  const one = { name: null, email: 'a@b.test' };
  expect(
    added(
      [one],
      [
        { name: 'A', email: 'A@B.test' },
        { name: null, email: 'c@d.test' },
      ],
    ),
  ).toEqual([one, { name: null, email: 'c@d.test' }]);
});

const ONE = { name: 'Lena Braun', email: 'lena@elsewhere.test' };
const OTHER = { name: null, email: 'ben@demo.test.example' };

test.for<[string, boolean]>([
  ['b', true],
  ['BRAU', true],
  ['lena b', true],
  ['lena@', true],
  ['aun', false],
  ['be', false],
  ['ben@demo.test', false],
])('who is called Lena Braun is offered for %j: %j', ([text, isOffered]) => {
  expect(begins(ONE, text)).toBe(isOffered);
});

test.for<[string, { text: string; moved?: string }, number]>([
  ['the first one', { text: 'b' }, 0],
  ['the one that the arrows went to', { text: 'b', moved: OTHER.email }, 1],
  ['the first one, as that one is not offered any more', { text: 'b', moved: 'gone@elsewhere.test' }, 0],
  ["an address that was typed in full, and is nobody's", { text: 'ben@demo.test' }, -1],
  ['the one whose address was typed in full', { text: 'Lena@Elsewhere.test' }, 0],
  ['the one that the arrows went to, all the same', { text: 'ben@demo.test', moved: OTHER.email }, 1],
])('taken is %s', ([, { text, moved }, at]) => {
  expect(activeOf([ONE, OTHER], { text, moved })).toBe(at);
});

test('where nobody is offered, what was typed is taken', () => {
  expect(activeOf([], { text: 'b', moved: undefined })).toBe(-1);
});

test('addresses with nothing but blanks between them are several', () => {
  expect(parseRecipients('a@x.test b@y.test\tc@z.test').map(({ email }) => email)).toEqual(['a@x.test', 'b@y.test', 'c@z.test']);
});

test('of more than the field takes nobody is left out unseen', () => {
  const all = Array.from({ length: 250 }, (_, index) => `p${index}@x.test`);
  const taken = parseRecipients(all.join(';'));
  expect(taken.slice(0, 200).map(({ email }) => email)).toEqual(all.slice(0, 200));
  expect(taken.slice(200)).toEqual([{ name: null, email: all.slice(200).join(', ') }]);
  expect(isAddress(taken[200]?.email ?? '')).toBe(false);
});

test.for([
  { name: null, email: 'a@b.test' },
  { name: null, email: 'nobody' },
  { name: 'Baker, Ben', email: 'ben@x.test' },
  { name: String.raw`An "X" \ na`, email: 'a@b.test' },
])('what is taken back to be changed is the same again: %j', (one) => {
  expect(parseRecipients(textOf(one))).toEqual([one]);
});
