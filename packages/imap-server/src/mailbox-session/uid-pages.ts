import type { Uid } from '@stopgap/core';
import type { UidRange } from '../session.ts';

/**
 * Walks UID ranges in pages of about `limit` rows. `read` gives the rows of a part of one range, by UID; between two pages others get their turn.
 */
export async function* pagesOf<Row extends { readonly uid: Uid }>(
  ranges: readonly UidRange[],
  limit: number,
  read: (range: { readonly fromUid: number; readonly toUid: number; readonly limit: number }) => readonly Row[],
): AsyncGenerator<readonly Row[]> {
  let page: Row[] = [];
  for (const [first, last] of ranges) {
    for (let fromUid = first; fromUid <= last;) {
      const wanted = limit - page.length;
      const rows = read({ fromUid, toUid: last, limit: wanted });
      page.push(...rows);
      const end = rows.at(-1);
      fromUid = rows.length < wanted || !end ? last + 1 : end.uid + 1;
      if (page.length < limit) continue;
      yield page;
      page = [];
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  if (page.length > 0) yield page;
}

export const EVERY_UID: readonly UidRange[] = [[1, 0xffff_ffff]];

/** Of sorted ranges that do not touch. */
export function isAmong(ranges: readonly UidRange[], uid: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (!range) return false;
    if (uid < range[0]) high = middle - 1;
    else if (uid > range[1]) low = middle + 1;
    else return true;
  }
  return false;
}
