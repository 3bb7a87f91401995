import { describe, expect, test } from 'vitest';
import { asId } from '@stopgap/core';
import { readCursor, writeCursor } from './cursor.ts';
import { isWithin, mergedRanges, readRanges, setsOf, uidsOf } from './uid-set.ts';

test('only a decimal UID is an id of this path', () => {
  const ids = ['1', '4294967295', '1', '0', '01', '4294967296', '-1', '*', '1:*', '1,2', '', ' 1', '1e3', '1\r\nx NOOP'];
  expect(uidsOf(ids.map(asId.remoteMessage))).toEqual([1, 4294967295]);
});

test('UIDs are said in ranges', () => {
  expect(setsOf([5, 3, 4, 9, 1])).toEqual(['1,3:5,9']);
  expect(setsOf([])).toEqual([]);
});

test('many UIDs are said in several sets, and none is lost', () => {
  const uids = Array.from({ length: 5000 }, (_, at) => at * 3 + 1_000_000);
  const sets = setsOf(uids);
  expect(sets.length).toBeGreaterThan(1);
  expect(Math.max(...sets.map((set) => set.length))).toBeLessThan(8000);
  const ranges = mergedRanges(sets.flatMap((set) => readRanges(set) ?? []));
  expect(uids.every((uid) => isWithin(uid, ranges))).toBe(true);
  expect(isWithin(1_000_001, ranges)).toBe(false);
});

test.each(['', 'x', '1:', ':1', '1:2:3', '1,,2', '*', '1:*', '99999999999'])('%j is no set that a server may say', (text) => {
  expect(readRanges(text)).toBeUndefined();
});

test('ranges that overlap are one', () => {
  expect(
    mergedRanges([
      [10, 20],
      [1, 5],
      [15, 30],
      [6, 6],
    ]),
  ).toEqual([
    [1, 6],
    [10, 30],
  ]);
  expect(mergedRanges(readRanges('7:3') ?? [])).toEqual([[3, 7]]);
});

describe('a cursor', () => {
  test('comes back', () => {
    for (const cursor of [
      { validity: '7', uidNext: 3 },
      { validity: '7', uidNext: 3, modSeq: '9' },
    ]) {
      expect(readCursor(writeCursor(cursor))).toEqual(cursor);
    }
  });

  test.each([
    ['none', undefined],
    ['another layout', '{"v":2,"validity":"7","uidNext":3}'],
    ['a number for a text', '{"v":1,"validity":7,"uidNext":3}'],
    ['a UIDNEXT that is none', '{"v":1,"validity":"7","uidNext":1e99}'],
    ['a HIGHESTMODSEQ that is a command', '{"v":1,"validity":"7","uidNext":3,"modSeq":"1) (X"}'],
    ['a long one', `{"v":1,"validity":"${'7'.repeat(1000)}","uidNext":3}`],
  ])('that is %s is none', (_, text) => {
    expect(readCursor(text)).toBeUndefined();
  });
});
