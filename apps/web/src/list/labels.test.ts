import { assert, pre, property, string, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';
import { COLOURS, isLabel, labelColour, labelKeyword, labelName, labelsOf } from './labels.ts';

const KNOWN = ['Important', 'Work', 'Personal', 'To do', 'Later'];
/** An atom as core keeps it: RFC 9051 flag-keyword in lower case. */
const atom = stringMatching(/^[!#$&'+,\-./0-9:;<=>?@[^_`a-z|}~]{1,60}$/);

test.for([
  ['Wichtige Rechnung', 'wichtige_rechnung'],
  ['Größe', 'gr=c3=b6=c3=9fe'],
  ['a_b=c', 'a=5fb=3dc'],
  ['50 % (net)', '50_=25_=28net=29'],
  ['$seen', '=24seen'],
  ['日本 🎉', '=e6=97=a5=e6=9c=ac_=f0=9f=8e=89'],
  ['to DO', '$label4'],
])('%j is the keyword %j', ([name, keyword]) => {
  expect(labelKeyword(name ?? '', [], KNOWN)).toBe(keyword);
  expect(labelName(keyword ?? '', KNOWN).toLowerCase()).toBe((name ?? '').toLowerCase());
});

test('every keyword has a name, and is found by it', () => {
  assert(
    property(atom.filter(isLabel), (keyword) => {
      const name = labelName(keyword, KNOWN);
      pre(name.trim() === name && name !== '' && !/\s\s|[\t\n\r]/.test(name));
      expect(labelKeyword(name, [keyword], [])).toBe(keyword);
    }),
  );
});

test('a name becomes a keyword that IMAP takes, and is read again as the same name', () => {
  assert(
    property(string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), (text) => {
      const keyword = labelKeyword(text, [], []);
      pre(keyword !== undefined);
      expect(keyword).toMatch(/^[^\s\\(){%*"\]\x00-\x1f\x7f-\uffff]{1,100}$/);
      expect(keyword).toBe(keyword?.toLowerCase());
      expect(labelKeyword(labelName(keyword ?? '', []), [], [])).toBe(keyword);
    }),
  );
});

test('what other programs wrote stays what it is, even when it looks like an encoding', () => {
  for (const keyword of ['foo=bar', 'x=zz', '=ff=fe', 'a=41']) {
    expect(labelName(keyword, KNOWN)).toBe(keyword);
    expect(labelKeyword(keyword, [keyword], KNOWN)).toBe(keyword);
  }
});

test('marks of programs are no labels, and none can be made', () => {
  expect(labelsOf([{ keywords: { $seen: true, $label2: true, nonjunk: true, urgent: true } }, { keywords: { urgent: true } }])).toEqual([
    '$label2',
    'urgent',
  ]);
  for (const name of ['NonJunk', '', '  ', 'x'.repeat(101)]) expect(labelKeyword(name, [], KNOWN)).toBeUndefined();
});

test('a label has one of the colours', () => {
  assert(
    property(atom, (keyword) => Number.isInteger(labelColour(keyword)) && labelColour(keyword) >= 0 && labelColour(keyword) < COLOURS),
  );
});
