import { createHash } from 'node:crypto';
import type { AccountId } from '@stopgap/core';
import type { QueryChangesArguments } from '@stopgap/jmap';
import { MethodError } from './method-error.ts';
import type { Json } from './method.ts';
import { difference } from './windows.ts';

/** Ids of all lists together; 8 octets each. */
const MOST_IDS = 2_000_000;
const MOST_LISTS = 500;

export interface QueryList<Id> {
  readonly state: string;
  readonly ids: readonly Id[];
}

/**
 * Results of queries, whole and in their order: pages are cut out of them, and what changed since an older one is their difference. The least used go.
 */
export class QueryLists<Id> {
  /** By account, query and state; in the order of use. */
  readonly #lists = new Map<string, QueryList<Id>>();
  #ids = 0;

  get(account: AccountId, query: string, state: string): QueryList<Id> | undefined {
    const key = keyOf(account, query, state);
    const list = this.#lists.get(key);
    if (list !== undefined) {
      this.#lists.delete(key);
      this.#lists.set(key, list);
    }
    return list;
  }

  put(account: AccountId, query: string, list: QueryList<Id>): void {
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

/** Where the result itself is the state: the same ids in the same order are the same, whatever happened besides. */
export function listOf<Id extends string | number>(ids: readonly Id[]): QueryList<Id> {
  return { state: createHash('sha256').update(ids.join()).digest('base64url').slice(0, 16), ids };
}

/** RFC 8620 5.6, as long as the older result is remembered. @throws MethodError cannotCalculateChanges, tooManyChanges */
export function queryChanges<Id>(
  { sinceQueryState, maxChanges, calculateTotal }: Pick<QueryChangesArguments, 'sinceQueryState' | 'maxChanges' | 'calculateTotal'>,
  before: QueryList<Id> | undefined,
  { now, wire }: { readonly now: QueryList<Id>; readonly wire: (id: Id) => string },
): Json {
  if (before === undefined) throw new MethodError('cannotCalculateChanges', 'That result is not remembered any more.');
  const { removed, added } = difference(before.ids, now.ids, wire);
  if (maxChanges !== null && maxChanges !== undefined && removed.length + added.length > maxChanges)
    throw new MethodError('tooManyChanges');
  const total = calculateTotal ? { total: now.ids.length } : {};
  return { oldQueryState: sinceQueryState, newQueryState: now.state, removed, added, ...total };
}

function keyOf(account: AccountId, query: string, state: string): string {
  return `${account}\n${state}\n${query}`;
}
