import { normalFlags, type Flag } from '@stopgap/core';

const BITS: readonly (readonly [Flag, number])[] = [
  ['$seen', 1],
  ['$answered', 2],
  ['$flagged', 4],
  ['$deleted', 8],
  ['$draft', 16],
];
/** The bits of a message are below it. */
export const SYSTEM_FLAG_SETS = 32;
const BIT_OF: ReadonlyMap<Flag, number> = new Map(BITS);
/** Most messages have one of few sets of flags: made once. */
const WITHOUT_KEYWORDS: readonly (readonly Flag[])[] = Array.from({ length: SYSTEM_FLAG_SETS }, (_, bits) => flagsOfBits(bits));

export interface StoredFlags {
  readonly bits: number;
  readonly keywords: string;
}

/** Flags as the tables keep them. */
export function storedFlags(flags: readonly Flag[]): StoredFlags {
  let bits = 0;
  const keywords: Flag[] = [];
  for (const flag of flags) {
    const bit = BIT_OF.get(flag);
    if (bit === undefined) keywords.push(flag);
    else bits |= bit;
  }
  return { bits, keywords: keywords.join(' ') };
}

/** Sorted, as `normalFlags` gives them. */
export function flagsFrom(bits: number, keywords: string): readonly Flag[] {
  const system = WITHOUT_KEYWORDS[bits] ?? [];
  return keywords === '' ? system : normalFlags([...system, ...keywords.split(' ')]);
}

/** The bit of a system flag; undefined: it is a keyword. */
export function flagBit(flag: Flag): number | undefined {
  return BIT_OF.get(flag);
}

function flagsOfBits(bits: number): readonly Flag[] {
  return BITS.filter(([, bit]) => (bits & bit) !== 0)
    .map(([flag]) => flag)
    .sort();
}
