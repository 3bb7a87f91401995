import type { AccountId, MessageId } from '@stopgap/core';

/** Ids of all lists together; 8 octets each. */
const MOST_IDS = 2_000_000;
const MOST_LISTS = 500;

export interface QueryList {
  readonly state: string;
  readonly ids: readonly MessageId[];
}

/**
 * Results of queries, whole and in their order: pages are cut out of them, and what changed since an older one is their difference. The least used go.
 */
export class QueryLists {
  /** By account, query and state; in the order of use. */
  readonly #lists = new Map<string, QueryList>();
  #ids = 0;

  get(account: AccountId, query: string, state: string): QueryList | undefined {
    const key = keyOf(account, query, state);
    const list = this.#lists.get(key);
    if (list !== undefined) {
      this.#lists.delete(key);
      this.#lists.set(key, list);
    }
    return list;
  }

  put(account: AccountId, query: string, list: QueryList): void {
    const key = keyOf(account, query, list.state);
    this.#ids += list.ids.length - (this.#lists.get(key)?.ids.length ?? 0);
    this.#lists.delete(key);
    this.#lists.set(key, list);
    for (const [oldest, { ids }] of this.#lists) {
      if (this.#ids <= MOST_IDS && this.#lists.size <= MOST_LISTS) return;
      if (oldest === key) return;
      this.#lists.delete(oldest);
      this.#ids -= ids.length;
    }
  }
}

function keyOf(account: AccountId, query: string, state: string): string {
  return `${account}\n${state}\n${query}`;
}
