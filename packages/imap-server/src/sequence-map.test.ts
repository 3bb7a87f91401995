import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SequenceMap } from './sequence-map.ts';

const uidSets = fc.uniqueArray(fc.integer({ min: 1, max: 60 })).map((uids) => uids.toSorted((one, other) => one - other));

describe('sequence numbers', () => {
  test('are the places of the UIDs, both ways', () => {
    fc.assert(
      fc.property(uidSets, (uids) => {
        const map = new SequenceMap(uids);
        expect(map.size).toBe(uids.length);
        expect(map.lastUid).toBe(uids.at(-1) ?? 0);
        for (let uid = 0; uid <= 61; uid += 1) expect(map.numberOf(uid)).toBe(uids.indexOf(uid) + 1);
        for (let number = 0; number <= uids.length + 1; number += 1) expect(map.uidOf(number)).toBe(uids[number - 1] ?? 0);
      }),
    );
  });

  test('move down when some are gone, whatever else is named as gone', () => {
    fc.assert(
      fc.property(uidSets, uidSets, (uids, gone) => {
        const left = new SequenceMap(uids).without(gone);
        const expected = new SequenceMap(uids.filter((uid) => !gone.includes(uid)));
        expect(left.runs()).toEqual(expected.runs());
        expect(left.size).toBe(expected.size);
        left.append(100);
        expect(left.numberOf(100)).toBe(expected.size + 1);
      }),
    );
  });

  test('are compared with those of another time', () => {
    fc.assert(
      fc.property(uidSets, uidSets, (uids, later) => {
        expect(new SequenceMap(uids).uidsNotIn(new SequenceMap(later))).toEqual(uids.filter((uid) => !later.includes(uid)));
      }),
    );
  });

  test('in ranges name the UIDs between their ends and no others', () => {
    fc.assert(
      fc.property(uidSets, fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 70 }), (uids, first, more) => {
        const map = new SequenceMap(uids);
        const ranges = map.uidsOf([[first, first + more]]);
        const found = uids.filter((uid) => ranges.some(([from, to]) => uid >= from && uid <= to));
        expect(found).toEqual(uids.slice(first - 1, first + more));
        expect(map.countIn(ranges)).toBe(found.length);
      }),
    );
  });

  test('of neighbouring UIDs take no room of their own', () => {
    const map = new SequenceMap(Array.from({ length: 1000 }, (_, index) => index + 5));
    expect(map.runs()).toEqual([[5, 1004]]);
    expect(map.without([7]).runs()).toEqual([
      [5, 6],
      [8, 1004],
    ]);
  });
});
