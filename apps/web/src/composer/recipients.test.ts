import { expect, test } from 'vitest';
import { added, isAddress, parseRecipients } from './recipients.ts';

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
