import type { UidRange } from './session.ts';
import { rangesOf } from './wire/sequence-set.ts';

/**
 * Sequence numbers (RFC 9051 2.3.1.2) of the UIDs a client knows, as runs of neighbouring UIDs: a mailbox without holes costs eight octets, not four for each
 * message. Immutable but for `append`; `without` makes a new one.
 */
export class SequenceMap {
  /** The first UID of each run, ascending, and its sequence number. */
  readonly #uids: number[] = [];
  readonly #numbers: number[] = [];
  #size = 0;
  #last = 0;

  constructor(uids: Iterable<number>) {
    for (const uid of uids) this.append(uid);
  }

  get size(): number {
    return this.#size;
  }

  /** 0: it is empty. */
  get lastUid(): number {
    return this.#last;
  }

  /** Greater than every one before. */
  append(uid: number): void {
    if (uid !== this.#last + 1 || this.#size === 0) {
      this.#uids.push(uid);
      this.#numbers.push(this.#size + 1);
    }
    this.#size += 1;
    this.#last = uid;
  }

  /** 0: there is none. */
  numberOf(uid: number): number {
    const run = lastNotAbove(this.#uids, uid);
    const first = this.#uids[run];
    const number = this.#numbers[run];
    if (first === undefined || number === undefined || uid > this.#last) return 0;
    const found = number + uid - first;
    return found < (this.#numbers[run + 1] ?? this.#size + 1) ? found : 0;
  }

  /** 0: there is no such number. */
  uidOf(number: number): number {
    if (number < 1 || number > this.#size) return 0;
    const run = lastNotAbove(this.#numbers, number);
    return (this.#uids[run] ?? 0) + number - (this.#numbers[run] ?? 0);
  }

  /** Ranges of sequence numbers as ranges of UIDs: what lies between two UIDs of a client is known to it, or gone. Numbers that are not there are left out. */
  uidsOf(numbers: readonly UidRange[]): UidRange[] {
    return numbers
      .filter(([first]) => first <= this.#size)
      .map(([first, last]) => [this.uidOf(first), this.uidOf(Math.min(last, this.#size))] as const);
  }

  /** As few ranges as hold these UIDs, which are there, and no other one that is. @param uids ascending */
  rangesOf(uids: readonly number[]): UidRange[] {
    return this.uidsOf(rangesOf(uids.map((uid) => this.numberOf(uid))));
  }

  /** How many of these UIDs are there. */
  countIn(uids: readonly UidRange[]): number {
    return uids.reduce((sum, [first, last]) => sum + this.#numberUpTo(last) - this.#numberUpTo(first - 1), 0);
  }

  /** All UIDs as ranges. */
  runs(): UidRange[] {
    return this.#uids.map((first, run) => {
      const next = this.#numbers[run + 1] ?? this.#size + 1;
      return [first, first + next - (this.#numbers[run] ?? 0) - 1] as const;
    });
  }

  /** Ascending. */
  uidsNotIn(other: SequenceMap): number[] {
    const uids: number[] = [];
    for (const [first, last] of this.runs()) {
      for (let uid = first; uid <= last; uid += 1) if (other.numberOf(uid) === 0) uids.push(uid);
    }
    return uids;
  }

  /** @param gone ascending; those that are not there do not matter */
  without(gone: readonly number[]): SequenceMap {
    const left = new SequenceMap([]);
    let next = 0;
    for (const [first, last] of this.runs()) {
      let from = first;
      for (; next < gone.length && (gone[next] ?? 0) <= last; next += 1) {
        const uid = gone[next] ?? 0;
        if (uid < from) continue;
        left.#appendRun(from, uid - 1);
        from = uid + 1;
      }
      left.#appendRun(from, last);
    }
    return left;
  }

  #appendRun(first: number, last: number): void {
    if (first > last) return;
    this.append(first);
    this.#size += last - first;
    this.#last = last;
  }

  /** How many messages have this UID or a lower one. */
  #numberUpTo(uid: number): number {
    const run = lastNotAbove(this.#uids, uid);
    if (run < 0) return 0;
    const next = (this.#numbers[run + 1] ?? this.#size + 1) - 1;
    return Math.min(next, (this.#numbers[run] ?? 0) + uid - (this.#uids[run] ?? 0));
  }
}

/** The index of the last value that is not greater; -1: none. */
function lastNotAbove(values: readonly number[], value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
