import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineScan, MAX_LINE_OCTETS } from './line-scan.ts';

/** What the fast scan must agree with: one byte after the other, written for the eye. */
function slowly(text: string): string {
  let longest = 0;
  let line = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\0') return 'nul';
    if (char === '\n') return 'bare-lf';
    if (char === '\r' && text.charAt(i + 1) !== '\n') return 'bare-cr';
    line++;
    if (char !== '\r') continue;
    longest = Math.max(longest, line - 1);
    line = 0;
    i++;
  }
  return `${Math.max(longest, line)} ${line === 0}`;
}

function quickly(chunks: readonly Buffer[]): string {
  const scan = new LineScan();
  for (const chunk of chunks) {
    const violation = scan.push(chunk);
    if (violation !== undefined) return violation;
  }
  const { violation, isEnded } = scan.end();
  return violation ?? `${scan.longestLine} ${isEnded}`;
}

/** Cut at the places, each chunk at an odd address of its own memory. */
function cut(text: string, places: readonly number[], shift: number): Buffer[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].toSorted((a, b) => a - b);
  return ends.map((end, n) => {
    const piece = text.slice(ends[n - 1] ?? 0, end);
    return Buffer.from(`${'?'.repeat(shift)}${piece}??`, 'latin1').subarray(shift, shift + piece.length);
  });
}

describe('scanning for line ends', () => {
  test('agrees with the slow way for any bytes, cut anywhere', () => {
    const piece = fc.constantFrom(
      '\r\n',
      '\r\n',
      '\r\n',
      'a',
      'some words of text',
      '\t',
      '\u00fc',
      '\u000e',
      '\r',
      '\n',
      '\0',
      '\u008d\u008a',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(400), { maxLength: 6 }), fc.nat(3), (pieces, places, shift) => {
        const text = pieces.join('');
        expect(quickly(cut(text, places, shift))).toBe(slowly(text));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a line feed after a carriage return that was the last of a chunk is no violation', ['a\r', '\nb\r\n'], '1 true'],
    ['a bare carriage return at the end of a chunk', ['a\r', 'b\r\n'], 'bare-cr'],
    ['a bare carriage return at the end of all', ['a\r\n', '\r'], 'bare-cr'],
    ['a bare line feed at the start of a chunk', ['a', '\nb'], 'bare-lf'],
    ['the dot of a smuggled end', ['a\n.\r', '\nMAIL FROM:<x>\r\n'], 'bare-lf'],
    ['two carriage returns', ['a\r', '\r\n'], 'bare-cr'],
  ])('%s', (_, chunks, verdict) => {
    expect(quickly(chunks.map((chunk) => Buffer.from(chunk)))).toBe(verdict);
  });

  test('a line above 998 octets is reported, one above the bound is a violation however it is cut', () => {
    const line = Buffer.alloc(MAX_LINE_OCTETS, 'x');
    expect(quickly([line, Buffer.from('\r'), Buffer.from('\n')])).toBe(`${MAX_LINE_OCTETS} true`);
    expect(quickly([line, Buffer.from('x\r\n')])).toBe('line-too-long');
    expect(quickly([line, Buffer.from('x')])).toBe('line-too-long');
    expect(quickly([Buffer.concat([line, Buffer.from('x\r\ny\r\n')])])).toBe('line-too-long');
  });
});
