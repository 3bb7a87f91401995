import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flagList, headerString, headerText, mailboxName, statusText, string, textString, utf8Octets } from './encode.ts';
import { Scanner } from './scanner.ts';

/** What a client that reads strictly makes of it. */
function readBack(encoded: string): string {
  const literal = /^\{(\d+)\}\r\n/.exec(encoded);
  if (literal) {
    const octets = encoded.slice(literal[0].length);
    expect(octets).toHaveLength(Number(literal[1]));
    return octets;
  }
  expect(encoded).not.toMatch(/[\r\n\0]/);
  return new Scanner({ texts: [encoded], literals: [] }).string();
}

describe('a string in a response', () => {
  test('says just its octets, quoted or as a literal, and nothing gets out of it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll('\0', '')),
        fc.boolean(),
        (octets, isUtf8) => {
          expect(readBack(string(octets, isUtf8))).toBe(octets);
        },
      ),
    );
  });

  test.each([
    ['plain', '"plain"'],
    ['', '""'],
    ['say "a\\b"', String.raw`"say \"a\\b\""`],
    ['a\r\n* OK', '{7}\r\na\r\n* OK'],
    ['\xe9', '{1}\r\n\xe9'],
    ['a\0b', '{3}\r\na?b'],
  ])('%j is %j', (octets, expected) => {
    expect(string(octets)).toBe(expected);
  });

  test('may be UTF-8 where the client has enabled it', () => {
    expect(mailboxName('Größe', { isUtf8: true })).toBe('"Gr\xc3\xb6\xc3\x9fe"');
    expect(mailboxName('Größe', { isUtf8: false })).toBe('"Gr&APYA3w-e"');
  });
});

test('text that is plain takes a shorter way to the same string', () => {
  const units = fc.uint16Array({ maxLength: 20 }).map((codes) => String.fromCharCode(...codes));
  const long = fc.constantFrom(...[1999, 2000, 2001].map((length) => 'x'.repeat(length)));
  const text = fc.oneof(fc.string(), units, long, fc.constantFrom('', '=?x', '\0', 'a"b'));
  fc.assert(
    fc.property(text, fc.boolean(), (given, isUtf8) => {
      expect(textString(given, isUtf8)).toBe(string(utf8Octets(given), isUtf8));
      expect(headerString(given)).toBe(string(headerText(given)));
    }),
  );
});

describe('the text of a header field', () => {
  test('is ASCII, with encoded words that hold whole characters and stay short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = headerText(text);
        expect(encoded).toMatch(/^[\x20-\x7e]*$/);
        if (encoded === text) return;
        for (const word of encoded.split(' ')) expect(word.length).toBeLessThanOrEqual(75);
        const decoded = encoded.replaceAll(/=\?UTF-8\?B\?([^?]*)\?=(?: (?==\?))?/g, (_, base64: string) =>
          Buffer.from(base64, 'base64').toString(),
        );
        expect(decoded).toBe(text.toWellFormed());
      }),
    );
  });

  test('that looks encoded already is encoded, so that it is not decoded twice', () => {
    expect(headerText('=?UTF-8?Q?x?=')).toMatch(/^=\?UTF-8\?B\?/);
  });
});

describe('flags', () => {
  test('that can not be spelt are left out', () => {
    expect(flagList(['$seen', 'work', 'č', 'a b', 'a\r\nb', 'a]b', ''])).toBe(String.raw`(\Seen work)`);
  });
});

test('a sentence stays on its line and is no response code', () => {
  expect(statusText('a\r\nb é')).toBe('a?b ?');
  expect(statusText('[ALERT] x')).toBe('_[ALERT] x');
});
