import type { ModSeq } from '@stopgap/core';
import type { UidRange } from './session.ts';
import type { Tracker } from './tracker.ts';
import { formatRanges, joinRanges } from './wire/sequence-set.ts';

/** UIDs for VANISHED (EARLIER), as a set; '' for none. What is too long ago is answered with all UIDs that are not there (RFC 7162 3.2.10 allows to say too much). */
export async function vanishedIn(tracker: Tracker, since: ModSeq, ranges: readonly UidRange[]): Promise<string> {
  const gone = await tracker.mailbox.vanishedSince(since, ranges);
  if (gone === 'forgotten') return formatRanges(holesIn(ranges, tracker));
  return formatRanges(joinRanges(gone.map((uid) => [uid, uid] as const)));
}

function holesIn(ranges: readonly UidRange[], tracker: Tracker): UidRange[] {
  const holes: UidRange[] = [];
  const runs = tracker.numbers.runs();
  let run = 0;
  for (const [first, last] of ranges) {
    let from = first;
    while (run < runs.length && (runs[run]?.[1] ?? 0) < first) run += 1;
    for (let at = run; at < runs.length && (runs[at]?.[0] ?? 0) <= last; at += 1) {
      const [there, until] = runs[at] ?? [0, 0];
      if (there > from) holes.push([from, there - 1]);
      from = Math.max(from, until + 1);
    }
    if (from <= last) holes.push([from, last]);
  }
  return holes;
}
