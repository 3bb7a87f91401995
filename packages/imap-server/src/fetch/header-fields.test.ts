import { expect, test } from 'vitest';
import { chooseFields } from './header-fields.ts';

const HEADER = 'From: a\r\nsubject: one\r\n two\r\nX-Old : blank\r\nno field\r\nTo: b\nCc: c\r\n\r\n';

test.each([
  [['from'], false, 'From: a\r\n\r\n'],
  [['SUBJECT'], false, 'subject: one\r\n two\r\n\r\n'],
  [['x-old'], false, 'X-Old : blank\r\n\r\n'],
  [['to', 'cc'], false, 'To: b\nCc: c\r\n\r\n'],
  [['none'], false, '\r\n'],
  [['from', 'subject', 'cc'], true, 'X-Old : blank\r\nTo: b\n\r\n'],
])('%j (not: %s) of a header', (fields, isNot, expected) => {
  expect(chooseFields(HEADER, { fields, isNot })).toBe(expected);
});

test('a last field without its line end gets one', () => {
  expect(chooseFields('From: a', { fields: ['from'], isNot: false })).toBe('From: a\r\n\r\n');
  expect(chooseFields('', { fields: ['from'], isNot: false })).toBe('\r\n');
});
