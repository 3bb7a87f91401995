import { expect, test } from 'vitest';
import { isTooLong, parseSearch } from './parse-search.ts';

const options = {
  findMailbox: (name: string) => (name.toLowerCase() === 'projekte' ? 'm7' : undefined),
  leftOut: [],
  findLabel: (name: string) => (name === 'To do' ? '$label4' : undefined),
};

test.for<[string, unknown]>([
  ['', undefined],
  ['   ', undefined],
  ['hello', { text: 'hello' }],
  ['hello world', { operator: 'AND', conditions: [{ text: 'hello' }, { text: 'world' }] }],
  ['"hello world"', { text: '"hello world"' }],
  ['from:anna', { from: 'anna' }],
  ['from:"Anna Berg"', { from: 'Anna Berg' }],
  ['-from:anna', { operator: 'NOT', conditions: [{ from: 'anna' }] }],
  ['-spam', { operator: 'NOT', conditions: [{ text: 'spam' }] }],
  ['has:attachment', { hasAttachment: true }],
  ['is:unread', { notKeyword: '$seen' }],
  ['is:flagged', { hasKeyword: '$flagged' }],
  ['larger:5mb', { minSize: 5 * 1024 * 1024 }],
  ['smaller:1.5k', { maxSize: 1536 }],
  ['in:Projekte', { inMailbox: 'm7' }],
  ['label:"To do"', { hasKeyword: '$label4' }],
  ['-label:"To do"', { operator: 'NOT', conditions: [{ hasKeyword: '$label4' }] }],
  ['label:?', { text: 'label:?' }],
  // What is not understood is looked for as it stands.
  ['in:nowhere', { text: 'in:nowhere' }],
  ['has:hope', { text: 'has:hope' }],
  ['before:soon', { text: 'before:soon' }],
  ['re:invoice', { text: 're:invoice' }],
  ['12:30', { text: '12:30' }],
  ['"open', { text: '"open"' }],
])('%j', ([text, filter]) => {
  expect(parseSearch(text, options)).toEqual(filter);
});

test('a day begins where the person is', () => {
  const at = new Date(2026, 0, 31).toISOString().replace('.000Z', 'Z');
  expect(parseSearch('after:2026-01-31', options)).toEqual({ after: at });
});

test('trash and junk are left out, unless a mailbox is named', () => {
  const leftOut = ['m8', 'm9'];
  expect(parseSearch('a', { ...options, leftOut })).toEqual({
    operator: 'AND',
    conditions: [{ text: 'a' }, { inMailboxOtherThan: leftOut }],
  });
  expect(parseSearch('a in:Projekte', { ...options, leftOut })).toEqual({
    operator: 'AND',
    conditions: [{ text: 'a' }, { inMailbox: 'm7' }],
  });
});

test.each([
  ['a word', 'x'.repeat(501)],
  ['a sentence', 'word '.repeat(31)],
  ['what attackers paste', 'a:"'.repeat(20_000)],
])('%s that is too long is not looked for, nor a part of it', (_, text) => {
  expect(isTooLong(text)).toBe(true);
  expect(parseSearch(text, options)).toBeUndefined();
});

test('what is as long as it may be is looked for, all of it', () => {
  expect(parseSearch('x'.repeat(500), options)).toEqual({ text: 'x'.repeat(500) });
  expect(parseSearch('word '.repeat(30), options)).toMatchObject({ conditions: { length: 30 } });
});
