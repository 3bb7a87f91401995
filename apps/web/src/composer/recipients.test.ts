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

test('addresses with nothing but blanks between them are several, a name before one is none', () => {
  expect(parseRecipients('a@x.test b@y.test\tc@z.test').map(({ email }) => email)).toEqual(['a@x.test', 'b@y.test', 'c@z.test']);
  expect(parseRecipients('Karl karl@x.test').map(({ email }) => email)).toEqual(['Karl karl@x.test']);
});

test.for([
  { name: null, email: 'a@b.test' },
  { name: null, email: 'nobody' },
  { name: 'Baker, Ben', email: 'ben@x.test' },
  { name: String.raw`An "X" \ na`, email: 'a@b.test' },
])('what is taken back to be changed is the same again: %j', (one) => {
  expect(parseRecipients(textOf(one))).toEqual([one]);
});
