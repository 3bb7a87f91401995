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

  /** Undefined: that state is not remembered. */
  changes(account: AccountId, since: string) {
    const before = this.#remembered.get(`${account} ${since}`);
    const { state, marks } = this.#look(account);
    if (before === undefined && since !== state) return undefined;
    const old = before ?? marks;
    return {
      state,
      created: [...marks.keys()].filter((id) => !old.has(id)),
      updated: [...marks].filter(([id, mark]) => old.has(id) && old.get(id) !== mark).map(([id]) => id),
      destroyed: [...old.keys()].filter((id) => !marks.has(id)),
    };
  }

  #look(account: AccountId): { readonly state: string; readonly marks: Marks } {
    const rows = this.#store.read((reader) => listSubmissionMarks(reader, account, MOST_SUBMISSIONS));
    const hash = createHash('sha256');
    for (const { id, mark } of rows) hash.update(`${id} ${mark}\n`);
    const state = hash.digest('base64url').slice(0, 16);
    const key = `${account} ${state}`;
    const marks = this.#remembered.get(key) ?? new Map(rows.map(({ id, mark }) => [id, mark]));
    this.#remembered.delete(key);
    this.#remembered.set(key, marks);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= MOST_REMEMBERED) break;
      this.#remembered.delete(oldest);
    }
    return { state, marks };
  }
}
