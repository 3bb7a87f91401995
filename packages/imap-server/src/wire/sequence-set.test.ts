import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from './faults.ts';
import { clipRanges, formatRanges, formatSet, isInRanges, joinRanges, parseSequenceSet, resolveRanges } from './sequence-set.ts';

function resolved(text: string, last: number): string {
  const set = parseSequenceSet(text);
  return set === 'saved' ? '$' : formatRanges(resolveRanges(set, last));
}

describe('a set of messages', () => {
  test.each([
    ['1', 10, '1'],
    ['1:3', 10, '1:3'],
    ['3:1', 10, '1:3'],
    ['*', 10, '10'],
    ['*:4', 10, '4:10'],
    ['12:*', 10, '10:12'],
    ['5,1:2,3', 10, '1:3,5'],
    ['1:*,1:*,1:*', 10, '1:10'],
    ['4294967295', 10, '4294967295'],
    ['*', 0, ''],
    ['1:*', 0, ''],
    ['2,*', 0, '2'],
    ['$', 10, '$'],
  ])('%s of %d is %s', (text, last, expected) => {
    expect(resolved(text, last)).toBe(expected);
  });

  test.each(['0', '0:3', '4294967296', '99999999999', '1:', ':1', '1:2:3', '', ',', '1,', '1,,2', '**', '$,1', '01234567890'])(
    '%s is none',
    (text) => {
      expect(() => parseSequenceSet(text)).toThrow(SyntaxFault);
    },
  );

  test('joined holds what it held before, sorted and apart', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 9 }))
      .map(([first, more]) => [first, first + more] as const);
    fc.assert(
      fc.property(fc.array(range), fc.integer({ min: 1, max: 60 }), (ranges, most) => {
        const joined = joinRanges(ranges);
        for (let value = 0; value <= 61; value += 1) {
          expect(isInRanges(joined, value)).toBe(ranges.some(([first, last]) => value >= first && value <= last));
          expect(isInRanges(clipRanges(joined, most), value)).toBe(value <= most && isInRanges(joined, value));
        }
        for (const [index, [first]] of joined.entries()) expect(first).toBeGreaterThan((joined[index - 1]?.[1] ?? -1) + 1);
      }),
    );
  });

  test('is written with runs as ranges', () => {
    expect(formatSet([1, 2, 3, 5, 9, 10])).toBe('1:3,5,9:10');
    expect(formatSet([])).toBe('');
    // RFC 4315 3: the order of a COPYUID is that of the messages.
    expect(formatSet([5, 3, 4])).toBe('5,3:4');
  });
});
