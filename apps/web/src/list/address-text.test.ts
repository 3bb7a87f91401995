import { expect, test } from 'vitest';
import { fullName, plainText, pretendedAddress, shortName } from './address-text.ts';

test('text of strangers loses what turns, hides or controls it', () => {
  expect(plainText('invoice\u202Efdp.exe')).toBe('invoice fdp.exe');
  expect(plainText('a\r\nb\u200Bc\u0000d\u{E0041}')).toBe('a b c d');
  expect(plainText('Jürgen 日本 שלום 😀')).toBe('Jürgen 日本 שלום 😀');
});

test.for<[string | null, string, string | undefined]>([
  ['chef@firma.test', 'evil@other.test', 'chef@firma.test'],
  ['Chef (chef@firma.test)', 'evil@other.test', 'chef@firma.test'],
  ['Ａ＠firma.test', 'evil@other.test', 'A@firma.test'],
  ['Chef', 'evil@other.test', undefined],
  ['Chef@Firma.test', 'chef@firma.TEST', undefined],
  [null, 'a@b.test', undefined],
])('a name that is another address: %j <%s>', ([name, email, wanted]) => {
  expect(pretendedAddress({ name, email })).toBe(wanted);
});

test('names for lists and in full', () => {
  expect(shortName({ name: ' ', email: 'a@b.test' })).toBe('a@b.test');
  expect(fullName({ name: 'A', email: 'a@b.test' })).toBe('A <a@b.test>');
  expect(fullName({ name: 'a@b.test', email: 'a@b.test' })).toBe('a@b.test');
});
