import { expect, test } from 'vitest';
import { createTextFinder, headerFieldHolds, messageHolds, type TextPlace } from './text-finder.ts';

const crlf = (lines: readonly string[]): Buffer => Buffer.from(lines.join('\r\n'));
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

const PLAIN = crlf([
  'Received: from here',
  '\tby there with ESMTP',
  'From: =?utf-8?Q?J=C3=BCrgen?= <j@a.test>',
  'Subject: weekly report',
  'X-Note: =?iso-8859-1?B?' + base64(Buffer.from('Grüße', 'latin1')) + '?=',
  '',
  'Look at http://a.test/?q=1&x=--> and wait',
  'x'.repeat(70) + 'needle' + '9'.repeat(40),
]);

const PARTS = crlf([
  'Subject: parts',
  'Content-Type: multipart/mixed; boundary=m',
  '',
  'preamble unseen',
  '--m',
  'Content-Type: multipart/alternative; boundary=a',
  '',
  '--a',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'gr=C3=BCn und bl=',
  'au',
  '--a',
  'Content-Type: text/html; charset=utf-8',
  'Content-Transfer-Encoding: base64',
  '',
  base64('<p>only in HTML: <b>Жук</b></p>'),
  '--a--',
  '--m',
  'Content-Type: text/csv; charset=utf-16le',
  'Content-Disposition: attachment; filename=numbers.csv',
  'Content-Transfer-Encoding: base64',
  '',
  base64(Buffer.from('one;two;three', 'utf16le')),
  '--m',
  'Content-Type: application/octet-stream',
  'Content-Transfer-Encoding: base64',
  '',
  base64('binary secret'),
  '--m',
  'Content-Type: message/rfc822',
  '',
  'Subject: =?utf-8?Q?carried_b=C3=A4r?=',
  '',
  'inner body',
  '--m--',
]);

const cases: readonly (readonly [string, Buffer, string, TextPlace, boolean])[] = [
  ['a part of a word', PLAIN, 'oo', 'body', true],
  ['one letter', PLAIN, 'k', 'body', true],
  ['signs', PLAIN, '-->', 'body', true],
  ['signs that are not there', PLAIN, '<--', 'body', false],
  ['the inside of a very long word', PLAIN, 'XNEEDLE99', 'body', true],
  ['a field of the header, in the body', PLAIN, 'weekly', 'body', false],
  ['a field of the header', PLAIN, 'WEEKLY rep', 'all', true],
  ['what a fold stands in', PLAIN, 'here\tby there', 'all', true],
  ['the name of a field', PLAIN, 'x-note:', 'all', true],
  ['an encoded word', PLAIN, 'jürgen', 'all', true],
  ['an encoded word of another charset', PLAIN, 'GRÜßE', 'all', true],
  ['letters as they are composed otherwise', PLAIN, 'Ju\u0308rgen', 'all', true],
  ['quoted-printable', PARTS, 'GRÜN', 'body', true],
  ['what a soft line end stands in', PARTS, 'blau', 'body', true],
  ['base64, in the HTML version', PARTS, 'html: <b>жук', 'body', true],
  ['an attached text in UTF-16', PARTS, 'two;th', 'body', true],
  ['an attachment that is no text', PARTS, 'secret', 'all', false],
  ['the header of a part, in the body', PARTS, 'numbers.csv', 'body', false],
  ['the header of a part', PARTS, 'numbers.csv', 'all', true],
  ['the header of a carried message', PARTS, 'carried bär', 'body', true],
  ['the body of a carried message', PARTS, 'inner', 'body', true],
  ['what nobody is shown', PARTS, 'unseen', 'body', false],
];

test.each(cases)('%s', (_, message, value, place, expected) => {
  expect(messageHolds(message, value, place)).toBe(expected);
});

test.each(cases)('%s, octet by octet', (_, message, value, place, expected) => {
  const finder = createTextFinder(value, place);
  for (let at = 0; at < message.length; at += 1) finder.write(message.subarray(at, at + 1));
  expect(finder.finish()).toBe(expected);
});

test.each([
  ['subject', 'WEEKLY', true],
  ['subject', '', true],
  ['x-none', '', false],
  ['received', 'here\tby', true],
  ['x-note', 'grüße', true],
  ['x-note', 'other', false],
  ['look at http', '', false],
])('the field %s holds %j: %s', (name, value, expected) => {
  expect(headerFieldHolds(PLAIN, name, value)).toBe(expected);
});

test('a header with bare line feeds has its fields, too', () => {
  expect(headerFieldHolds(Buffer.from('A: 1\nB : 2\n 3\n\nC: 4\n'), 'b', '2 3')).toBe(true);
  expect(headerFieldHolds(Buffer.from('A: 1\nB : 2\n 3\n\nC: 4\n'), 'c', '')).toBe(false);
});
