import { formatAddress } from '@stopgap/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddressList } from './addresses.ts';

function read(text: string): string {
  const { addresses, isClean } = parseAddressList(text);
  return `${isClean ? 'clean' : 'doubtful'}: ${addresses.map(formatAddress).join(' ')}`.trimEnd();
}

describe('address lists as programs write them', () => {
  test.each([
    ['a@x.test', 'clean: a@x.test'],
    ['<a@x.test>', 'clean: a@x.test'],
    ['Alice <a@x.test>', 'clean: a@x.test'],
    ['Alice  B. Example <a@X.Test>, "Bob, Jr." <b@x.test>', 'clean: a@x.test b@x.test'],
    ['"a@x.test" <a@x.test>', 'clean: a@x.test'],
    ['a@x.test <a@x.test>', 'clean: a@x.test'],
    ['a@x.test (Alice (the first))', 'clean: a@x.test'],
    ['(hi) Alice (x) <a@x.test> (y)', 'clean: a@x.test'],
    ['=?utf-8?q?J=C3=BCrgen?= <j@x.test>', 'clean: j@x.test'],
    ['Jürgen <jürgen@möbel.test>', 'clean: jürgen@möbel.test'],
    ['Team: a@x.test, Bob <b@x.test>;', 'clean: a@x.test b@x.test'],
    ['undisclosed-recipients:;', 'clean:'],
    [',a@x.test,, b@x.test,', 'clean: a@x.test b@x.test'],
    ['a@x.test, a@x.test', 'clean: a@x.test'],
    ['', 'clean:'],
    ['"q\\"uote" <a@x.test>', 'clean: a@x.test'],
    ['a"b@x.test" <c@x.test>', 'clean: c@x.test'],
    ['a@[192.0.2.1]', 'clean: a@[192.0.2.1]'],
  ])('%s', (text, expected) => expect(read(text)).toBe(expected));
});

describe('address lists that mean to deceive are doubtful, and every address in them is named', () => {
  test.each([
    ['a phrase that is another address', 'a@x.test <b@evil.test>', 'a@x.test b@evil.test'],
    ['two addresses in brackets', '<a@x.test> <b@evil.test>', 'a@x.test b@evil.test'],
    ['no comma between', 'a@x.test b@evil.test', 'a@x.test b@evil.test'],
    ['an address after the bracket', 'Bob <a@x.test> b@evil.test', 'a@x.test b@evil.test'],
    ['a quoted at-sign', '"a@x.test"@evil.test', ''],
    ['a quoted at-sign in brackets', '<"a@x.test x"@evil.test>', ''],
    ['two at-signs', 'a@x.test@evil.test', ''],
    ['a source route', '<@evil.test,@y.test:a@x.test>', 'a@x.test'],
    ['a comment within', 'a@(evil)x.test', ''],
    ['a blank within', 'a@x.test evil', 'a@x.test'],
    ['a comment never closed', 'a@x.test (b', 'a@x.test'],
    ['a quote never closed', '"a@x.test', ''],
    ['a bracket never closed', 'A <a@x.test, b@evil.test', 'a@x.test b@evil.test'],
    ['a bracket too many', '<<a@x.test>>', 'a@x.test'],
    ['an empty bracket', 'A <>', ''],
    ['no address', 'Alice', ''],
    ['a semicolon between', 'a@x.test; b@evil.test', 'a@x.test b@evil.test'],
    ['a group in a group', 'a: b: c@x.test;;', 'c@x.test'],
    ['a group never closed', 'g: a@x.test', 'a@x.test'],
    ['an address as the name of a group', 'a@x.test: b@evil.test;', 'b@evil.test'],
    ['a NUL', 'a@x.test\0@evil.test', ''],
    ['a line break', 'a@x.test\r\nBcc: b@evil.test', 'b@evil.test'],
    ['an escape in the name', '"\u001b[2J" <a@x.test>', 'a@x.test'],
    ['a C1 control in the name', 'Al\u0085ice <a@x.test>', 'a@x.test'],
    ['a backslash outside quotes', 'a\\@x.test', ''],
    ['percent routing', 'a%evil.test@x.test', ''],
  ])('%s', (_, text, addresses) => expect(read(text)).toBe(`doubtful: ${addresses}`.trimEnd()));
});

describe('hostile length', () => {
  const shapes: readonly [string, (n: number) => string][] = [
    ['open parentheses', (n) => '('.repeat(n)],
    ['nested comments', (n) => `${'('.repeat(n / 2)}${')'.repeat(n / 2)}`],
    ['open brackets', (n) => '<'.repeat(n)],
    ['quotes', (n) => '"'.repeat(n)],
    ['backslashes in a quote', (n) => `"${'\\'.repeat(n)}`],
    ['colons after a broken phrase', (n) => `${'a '.repeat(n / 4)}>${':'.repeat(n / 2)}`],
    ['groups', (n) => 'a:;'.repeat(n / 3)],
    ['commas', (n) => ','.repeat(n)],
    ['words without a comma', (n) => 'a@b.c '.repeat(n / 6)],
    ['dots', (n) => `a${'.'.repeat(n)}@b.c`],
    ['at-signs', (n) => '@'.repeat(n)],
    ['domain literals', (n) => '['.repeat(n)],
  ];

  test.each(shapes)('%s take linear time', (_, shape) => {
    // A million characters: linear is some ten milliseconds of processor time, quadratic would be an hour.
    expect(cpuMsOf(() => parseAddressList(shape(1 << 20)))).toBeLessThan(10_000);
  });

  test('no text makes it throw', () => {
    const piece = fc.constantFrom('<', '>', '(', ')', '"', '\\', ',', ';', ':', '@', '.', '[', ']', ' ', 'a', 'a@b.test', '\0', 'ü');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        for (const address of parseAddressList(pieces.join('')).addresses) expect(formatAddress(address)).not.toMatch(/[\s<>(),;:"\\]/);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Processor time, so that a busy machine changes nothing. */
function cpuMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
