import { expect, test } from 'vitest';
import type { BodyPart } from '../api/methods.ts';
import { fileNameOf, partNameOf } from './file-name.ts';
import { attachmentsOf, htmlOf, textOf } from './message-text.ts';

const part = (partId: string, type: string, some: Partial<BodyPart> = {}): BodyPart => ({
  partId,
  blobId: `b${partId}`,
  size: 1,
  name: null,
  type,
  charset: null,
  disposition: null,
  cid: null,
  ...some,
});
const value = (text: string, isTruncated = false) => ({ value: text, isTruncated, isEncodingProblem: false });

test('plain text between HTML is text, not HTML', () => {
  const bodyValues = { 1: value('<b>hi</b>'), 2: value('<script>', true) };
  const htmlBody = [part('1', 'text/html'), part('2', 'text/plain')];
  expect(htmlOf({ htmlBody, bodyValues })).toEqual({ value: '<b>hi</b>\n<pre>&lt;script&gt;</pre>', isTruncated: true });
  expect(textOf({ textBody: htmlBody, bodyValues })?.value).toBe('<script>');
  expect(htmlOf({ htmlBody: [part('2', 'text/plain')], bodyValues })).toBeUndefined();
});

test('a part that names a property of every object has no value', () => {
  expect(textOf({ textBody: [part('constructor', 'text/plain')], bodyValues: {} })).toEqual({ value: '', isTruncated: false });
});

test('images among the text are files, too, once', () => {
  const image = part('3', 'image/png');
  expect(attachmentsOf({ attachments: [image], htmlBody: [part('1', 'text/html'), image], textBody: [] })).toEqual([image]);
});

test.for<[string | null, string]>([
  ['../../etc/passwd', '_.._etc_passwd'],
  ['a\u202Egpj.exe', 'a gpj.exe'],
  ['.bashrc', 'bashrc'],
  [null, 'unnamed'],
  ['C:\\x|y.txt', 'C__x_y.txt'],
])('a file named %j is saved as %j', ([name, wanted]) => {
  expect(fileNameOf({ name }, 'unnamed')).toBe(wanted);
});

test.for<[string | null, string, string]>([
  [null, 'message/rfc822', 'message.eml'],
  ['', 'Application/PDF', 'document.pdf'],
  [null, 'text/calendar', 'event.ics'],
  [null, 'application/octet-stream', 'unnamed'],
  [null, 'constructor', 'unnamed'],
  ['Plan', 'application/pdf', 'Plan'],
])('a part named %j of type %s is saved as %s', ([name, type, wanted]) => {
  expect(partNameOf({ name, type }, 'unnamed')).toBe(wanted);
});
