import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDateTime, parseDate, parseDateTime } from './date-time.ts';
import { SyntaxFault } from './faults.ts';

describe('a date', () => {
  test.each([
    ['17-Jul-1996 02:44:25 -0700', '1996-07-17T09:44:25.000Z'],
    [' 1-Feb-2026 00:00:00 +0000', '2026-02-01T00:00:00.000Z'],
    ['29-FEB-2024 23:59:59 +0530', '2024-02-29T18:29:59.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(new Date(parseDateTime(text)).toISOString()).toBe(expected);
  });

  test.each(['30-Feb-2026 00:00:00 +0000', '1-Foo-2026 00:00:00 +0000', '01-Jan-2026 25:00:00 +0000', '01-Jan-2026', ''])(
    '%s is none',
    (text) => {
      expect(() => parseDateTime(text)).toThrow(SyntaxFault);
    },
  );

  test('comes back as it went, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
        expect(parseDateTime(formatDateTime(seconds * 1000).slice(1, -1))).toBe(seconds * 1000);
      }),
    );
  });

  test('of a search is the midnight it begins with', () => {
    expect(new Date(parseDate('1-Feb-1994')).toISOString()).toBe('1994-02-01T00:00:00.000Z');
    expect(() => parseDate('31-Apr-1994')).toThrow(SyntaxFault);
    expect(() => parseDate('1994-04-01')).toThrow(SyntaxFault);
  });
});
