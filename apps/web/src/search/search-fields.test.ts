import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { fieldsOf, searchText } from './search-fields.ts';

test.for<[string, object]>([
  ['', { words: '' }],
  ['from:anna has:attachment offer', { from: 'anna', hasAttachment: true, words: 'offer' }],
  ['in:"My things" is:unread is:flagged', { folder: 'My things', isUnread: true, isFlagged: true, words: '' }],
  ['after:2026-01-31 before:2026-02-01 label:x', { after: '2026-01-31', before: '2026-02-01', label: 'x' }],
  ['from:a from:b', { from: 'a', words: 'from:b' }],
  ['-from:a larger:5mb "exact words"', { from: '', words: '-from:a larger:5mb "exact words"' }],
  ['is:answered constructor:x __proto__:y', { words: 'is:answered constructor:x __proto__:y' }],
])('%j has the fields %j', ([text, fields]) => {
  expect(fieldsOf(text)).toMatchObject(fields);
});

test('what a form writes it reads again, and what was written by hand stays', () => {
  assert(
    property(string({ maxLength: 40 }), string({ maxLength: 20 }), (words, from) => {
      const text = searchText({ ...fieldsOf(words), from });
      expect(searchText(fieldsOf(text))).toBe(text);
    }),
  );
  expect(searchText(fieldsOf('-spam is:unread to:"Anna B" word'))).toBe('to:"Anna B" is:unread -spam word');
});
