import type { UidRange } from '../session.ts';
import { SyntaxFault } from './faults.ts';

/** RFC 9051 9 sequence-set. `*` is STAR; a range may stand the wrong way round. `saved`: `$` (RFC 5182). */
export type SequenceSet = 'saved' | readonly UidRange[];

/** Greater than every number, until somebody knows what it is. */
export const STAR = Number.POSITIVE_INFINITY;

const LARGEST = 0xffffffff;

/** @throws SyntaxFault */
export function parseSequenceSet(text: string): SequenceSet {
  if (text === '$') return 'saved';
  return text.split(',').map((part) => {
    const [first = '', last, more] = part.split(':');
    if (more !== undefined) throw new SyntaxFault('A range has two ends');
    const from = parseNumber(first);
    return [from, last === undefined ? from : parseNumber(last)] as const;
  });
}

/** Sorted, joined where they touch, `*` replaced; a `*` of an empty mailbox (`last` 0) leaves nothing of its range. */
export function resolveRanges(ranges: readonly UidRange[], last: number): UidRange[] {
  const star = (value: number): number => (value === STAR ? last : value);
  const turned = ranges
    .map(([one, other]) => [star(one), star(other)] as const)
    .filter(([one, other]) => one > 0 && other > 0)
    .map(([one, other]) => (one <= other ? ([one, other] as const) : ([other, one] as const)));
  return joinRanges(turned);
}

/** Sorted and joined where they touch or overlap. */
export function joinRanges(ranges: readonly UidRange[]): UidRange[] {
  const joined: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((one, other) => one[0] - other[0])) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** What of them is not above `most`. */
export function clipRanges(ranges: readonly UidRange[], most: number): UidRange[] {
  return ranges.filter(([first]) => first <= most).map(([first, last]) => [first, Math.min(last, most)] as const);
}

export function isInRanges(ranges: readonly UidRange[], value: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range === undefined || value < range[0]) high = middle - 1;
    else if (value > range[1]) low = middle + 1;
    else return true;
  }
  return false;
}

/** Ascending numbers as runs. */
export function rangesOf(numbers: Iterable<number>): UidRange[] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const before = runs.at(-1);
    if (before && number === before[1] + 1) before[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}

/** As it stands on the wire; '' for none. The order is kept (COPYUID, RFC 4315 3). */
export function formatSet(numbers: Iterable<number>): string {
  return formatRanges(rangesOf(numbers));
}

export function formatRanges(ranges: readonly UidRange[]): string {
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}:${last}`)).join(',');
}

function parseNumber(text: string): number {
  if (text === '*') return STAR;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  // RFC 9051 9 nz-number.
  if (value < 1 || value > LARGEST) throw new SyntaxFault('A set holds numbers from 1 to 4294967295');
  return value;
}
