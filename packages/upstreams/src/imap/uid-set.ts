import { asId, type RemoteMessageId } from '@stopgap/core';

/** Both ends belong to it. */
export type UidRange = readonly [number, number];

const LARGEST_UID = 0xffff_ffff;
/** Octets of one set in a command: RFC 9051 4 asks clients to stay below 8000 for a line. */
const LONGEST_SET = 7000;

/** An id is a UID in decimal; anything else (`*`, `1:*`, a command) is no id of this path and is left out. Order kept, each once. */
export function uidsOf(ids: Iterable<RemoteMessageId>): readonly number[] {
  const uids = new Set<number>();
  for (const id of ids) if (/^[1-9]\d{0,9}$/.test(id) && Number(id) <= LARGEST_UID) uids.add(Number(id));
  return [...uids];
}

/** Those that can be there. Above UIDNEXT nothing is, and Cyrus 3.6 gives nothing at all for a set with a UID of more than 31 bits in it. */
export function uidsBelow(uidNext: number | undefined, ids: readonly RemoteMessageId[]): readonly number[] {
  return uidsOf(ids).filter((uid) => uidNext === undefined || uid < uidNext);
}

export function idOf(uid: number): RemoteMessageId {
  return asId.remoteMessage(String(uid));
}

/** As IMAP sets, each short enough for one command. */
export function setsOf(uids: readonly number[]): readonly string[] {
  const sets: string[] = [];
  let set = '';
  for (const [from, to] of rangesOf(uids)) {
    const text = from === to ? String(from) : `${from}:${to}`;
    if (set.length + text.length >= LONGEST_SET) {
      sets.push(set);
      set = '';
    }
    set = set === '' ? text : `${set},${text}`;
  }
  return set === '' ? sets : [...sets, set];
}

export function rangesOf(uids: readonly number[]): readonly UidRange[] {
  return mergedRanges(uids.map((uid) => [uid, uid]));
}

/** `41,43:116`; undefined when it is none. Never written out one by one: `1:4294967295` is a few octets and four thousand million UIDs. */
export function readRanges(text: string): readonly UidRange[] | undefined {
  const ranges: UidRange[] = [];
  for (const part of text.split(',')) {
    const found = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(part);
    if (found === null) return undefined;
    const [one, other] = [Number(found[1]), Number(found[2] ?? found[1])];
    ranges.push(one <= other ? [one, other] : [other, one]);
  }
  return ranges;
}

/** Sorted, without overlaps. */
export function mergedRanges(ranges: readonly UidRange[]): readonly UidRange[] {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** @param ranges merged ones */
export function isWithin(uid: number, ranges: readonly UidRange[]): boolean {
  let [low, high] = [0, ranges.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to] = ranges[middle] ?? [0, 0];
    if (uid < from) high = middle - 1;
    else if (uid > to) low = middle + 1;
    else return true;
  }
  return false;
}
