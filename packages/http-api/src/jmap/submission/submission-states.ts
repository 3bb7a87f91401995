import { createHash } from 'node:crypto';
import type { AccountId, SubmissionId } from '@stopgap/core';
import { listSubmissionMarks, type Store } from '@stopgap/store';

/** Those that are kept of an account, the newest. */
export const MOST_SUBMISSIONS = 5000;
/** States whose marks are remembered, so that changes since them can be told. */
const MOST_REMEMBERED = 200;

type Marks = ReadonlyMap<SubmissionId, string>;

/** What is in the queue changes by the worker and by commands of other processes; its state is what it looks like. */
export class SubmissionStates {
  readonly #store: Store;
  readonly #remembered = new Map<string, Marks>();

  constructor(store: Store) {
    this.#store = store;
  }

  current(account: AccountId): string {
    return this.#look(account).state;
  }

  /** Of those for whose marks `isOne` holds, at most so many, the newest first. Undefined: that state is not remembered. */
  changes(account: AccountId, since: string, { isOne, most }: { readonly isOne: (mark: string) => boolean; readonly most: number }) {
    const before = this.#remembered.get(`${account} ${since}`);
    const { state, marks } = this.#look(account);
    if (before === undefined && since !== state) return undefined;
    const old = before ?? marks;
    const ids = [...marks.keys(), ...[...old.keys()].filter((id) => !marks.has(id))];
    const isIn = (some: Marks, id: SubmissionId): boolean => {
      const mark = some.get(id);
      return mark !== undefined && isOne(mark);
    };
    const changed = ids.filter((id) => old.get(id) !== marks.get(id) && (isIn(old, id) || isIn(marks, id)));
    const told = changed.slice(0, most);
    return {
      state: told.length === changed.length ? state : this.#between(account, old, { marks, told }),
      hasMore: told.length < changed.length,
      created: told.filter((id) => !isIn(old, id)),
      updated: told.filter((id) => isIn(old, id) && isIn(marks, id)),
      destroyed: told.filter((id) => !isIn(marks, id)),
    };
  }

  /** The state of who knows some of the changes. */
  #between(account: AccountId, old: Marks, { marks, told }: { readonly marks: Marks; readonly told: readonly SubmissionId[] }): string {
    const known = new Map(old);
    for (const id of told) {
      const mark = marks.get(id);
      if (mark === undefined) known.delete(id);
      else known.set(id, mark);
    }
    return this.#remember(account, known).state;
  }

  #look(account: AccountId): { readonly state: string; readonly marks: Marks } {
    const rows = this.#store.read((reader) => listSubmissionMarks(reader, account, MOST_SUBMISSIONS));
    return this.#remember(account, new Map(rows.map(({ id, mark }) => [id, mark])));
  }

  #remember(account: AccountId, found: Marks): { readonly state: string; readonly marks: Marks } {
    const hash = createHash('sha256');
    for (const [id, mark] of found) hash.update(`${id} ${mark}\n`);
    const state = hash.digest('base64url').slice(0, 16);
    const key = `${account} ${state}`;
    const marks = this.#remembered.get(key) ?? found;
    this.#remembered.delete(key);
    this.#remembered.set(key, marks);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= MOST_REMEMBERED) break;
      this.#remembered.delete(oldest);
    }
    return { state, marks };
  }
}
