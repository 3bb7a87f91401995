import type { Copy, CopyHere } from './mirrored.ts';

export interface LedgerRow {
  /** By which path the mailbox was looked at. */
  readonly path: string;
  readonly here: number;
  readonly there: number;
  /** More copies here than the provider has, or had while it was looked at by a path that tells of no deletion. */
  readonly doubled: number;
  readonly missing: number;
  /** Messages that are there as before and have another UID here, and UIDs that mean another message. */
  readonly renumbered: number;
}

/** Law 7 and promise 7, kept over a whole test: what UID meant which message, since the first look. */
export class UidLedger {
  readonly #ever = new Map<string, string>();
  #last: readonly CopyHere[] = [];
  readonly rows: LedgerRow[] = [];

  /**
   * @param goneThere copies that are gone at the provider, and of which this path does not tell
   */
  look(path: string, here: readonly CopyHere[], there: readonly Copy[], goneThere: readonly Copy[] = []): LedgerRow {
    const keys = new Set([...here, ...there].map(keyOf));
    const count = countOf(here);
    const wanted = countOf(there);
    const most = countOf([...there, ...goneThere]);
    const before = Map.groupBy(this.#last, keyOf);
    const now = Map.groupBy(here, keyOf);
    let doubled = 0;
    let missing = 0;
    for (const key of keys) {
      doubled += Math.max(0, count(key) - most(key));
      missing += Math.max(0, wanted(key) - count(key));
    }
    let renumbered = 0;
    for (const [key, copies] of before) {
      const uids = new Set((now.get(key) ?? []).map(({ uid }) => uid));
      const kept = copies.filter(({ uid }) => uids.has(uid)).length;
      renumbered += Math.max(0, Math.min(copies.length, wanted(key)) - kept);
    }
    for (const copy of here) {
      const place = `${copy.mailbox} ${copy.uid}`;
      if ((this.#ever.get(place) ?? copy.hash) !== copy.hash) renumbered += 1;
      this.#ever.set(place, copy.hash);
    }
    this.#last = here;
    const row = { path, here: here.length, there: there.length, doubled, missing, renumbered };
    this.rows.push(row);
    return row;
  }

  /** For the reader of a test's output. */
  print(title: string): void {
    console.log(title);
    console.table(this.rows);
  }
}

function keyOf({ mailbox, hash }: Copy): string {
  return `${mailbox} ${hash}`;
}

function countOf(copies: readonly Copy[]): (key: string) => number {
  const counts = new Map<string, number>();
  for (const copy of copies) counts.set(keyOf(copy), (counts.get(keyOf(copy)) ?? 0) + 1);
  return (key) => counts.get(key) ?? 0;
}
