import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeXtext, encodeUtf8Address, encodeXtext } from './xtext.ts';

describe('xtext', () => {
  test('plus, equals and blanks are encoded, the rest is not', () => expect(encodeXtext('a+b=c d@x.test')).toBe('a+2Bb+3Dc+20d@x.test'));

  test('what was encoded is decoded to the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[\p{Cc}\u2028\u2029\ufffd]/u.test(text));
        const xtext = encodeXtext(text);
        expect(xtext).toMatch(/^[!-~]*$/);
        expect(decodeXtext(xtext)).toBe(text);
      }),
    );
  });

  test.each([
    ['a hidden line break', 'a+0D+0ABcc:'],
    ['a hidden NUL', 'a+00'],
    ['a bare plus', 'a+b+'],
    ['bad hex', 'a+G1'],
    ['an equals sign', 'a=b'],
    ['a blank', 'a b'],
    ['a real line break', 'a\r\nb'],
    ['octets that are no UTF-8', 'a+FF'],
  ])('%s is refused', (_, xtext) => expect(decodeXtext(xtext)).toBeUndefined());

  test('lower-case hex is read', () => expect(decodeXtext('a+2bb')).toBe('a+b'));

  test('an address beyond ASCII gets the form of RFC 6533', () => {
    expect(encodeUtf8Address('jürgen+x@möbel.test')).toBe('j\\x{FC}rgen\\x{2B}x@m\\x{F6}bel.test');
  });
});
