/*
 * What is in a mailbox (or in all), newest first, whole. Made once from the table; after a change what changed is taken out and put back where it belongs now,
 * since to read 100,000 rows anew for each new message would cost more than everything else of a request.
 */
import { asId, type AccountId, type MessageId, type ModSeq, type ThreadId } from '@stopgap/core';
import type { Mailboxes } from '@stopgap/mailbox';
import { findMessage, flagBit, listMessageIds, listMessages, type MessageBounds, type MessageRow, type Store } from '@stopgap/store';

/** Ids of all lists together; with their threads 16 octets each. */
const MOST_IDS = 1_000_000;
/** More changes are cheaper to read anew. */
const MOST_CHANGES = 300;
const MOST_RESULTS = 1_000_000;
/** So many are looked for one by one in a copy made in one piece, which costs less than to look at each of 100,000. */
const FEW_CHANGES = 10;
const NO_MESSAGE = asId.message(0);

export interface BaseList {
  readonly modSeq: ModSeq;
  readonly ids: readonly MessageId[];
  /** Of each, in the same order. */
  readonly threads: readonly ThreadId[];
}

interface Deps {
  readonly store: Store;
  readonly mailboxes: Pick<Mailboxes, 'changes' | 'lastChange'>;
}

export class BaseLists {
  readonly #lists = new Map<string, BaseList>();
  #ids = 0;

  /** As it is now. */
  get({ store, mailboxes }: Deps, account: AccountId, bounds: MessageBounds): BaseList {
    const key = `${account}\n${JSON.stringify(bounds)}`;
    const known = this.#lists.get(key);
    const modSeq = mailboxes.lastChange(account);
    if (known?.modSeq === modSeq) return known;
    const list = (known && patched(known, { deps: { store, mailboxes }, account, bounds })) ?? {
      modSeq,
      ...store.read((reader) => listMessageIds(reader, account, bounds, MOST_RESULTS)),
    };
    this.#put(key, list);
    return list;
  }

  #put(key: string, list: BaseList): void {
    this.#ids += list.ids.length - (this.#lists.get(key)?.ids.length ?? 0);
    this.#lists.delete(key);
    this.#lists.set(key, list);
    for (const [oldest, { ids }] of this.#lists) {
      if (this.#ids <= MOST_IDS || oldest === key) return;
      this.#lists.delete(oldest);
      this.#ids -= ids.length;
    }
  }
}

interface Place {
  readonly deps: Deps;
  readonly account: AccountId;
  readonly bounds: MessageBounds;
}

/** Undefined: too much changed, or nobody knows any more what. */
function patched(list: BaseList, { deps, account, bounds }: Place): BaseList | undefined {
  const changes = deps.mailboxes.changes(account, list.modSeq);
  if (changes === 'forgotten') return undefined;
  const { created, updated, expunged } = changes.messages;
  const changed = [...created, ...updated];
  if (changed.length + expunged.length > MOST_CHANGES) return undefined;
  const { ids, threads } = without(list, [...changed, ...expunged]);
  const rows = deps.store.read((reader) => listMessages(reader, changed)).filter((row) => row.account === account && isWithin(row, bounds));
  for (const row of rows) {
    const at = placeFor(row, ids, (id) => deps.store.read((reader) => findMessage(reader, id)));
    ids.splice(at, 0, row.id);
    threads.splice(at, 0, row.thread);
  }
  return { modSeq: changes.modSeq, ids, threads };
}

function without({ ids, threads }: BaseList, touched: readonly MessageId[]): { readonly ids: MessageId[]; readonly threads: ThreadId[] } {
  if (touched.length > FEW_CHANGES) {
    const gone = new Set(touched);
    return { ids: ids.filter((id) => !gone.has(id)), threads: threads.filter((_, index) => !gone.has(ids[index] ?? NO_MESSAGE)) };
  }
  const left = { ids: ids.slice(), threads: threads.slice() };
  for (const id of touched) {
    const at = left.ids.indexOf(id);
    if (at < 0) continue;
    left.ids.splice(at, 1);
    left.threads.splice(at, 1);
  }
  return left;
}

/** Newest first, then the greatest id. */
function placeFor(row: MessageRow, ids: readonly MessageId[], find: (id: MessageId) => MessageRow | undefined): number {
  const isBefore = (id: MessageId | undefined): boolean => {
    const other = id === undefined ? undefined : find(id);
    if (other === undefined) return false;
    return other.receivedAtMs > row.receivedAtMs || (other.receivedAtMs === row.receivedAtMs && other.id > row.id);
  };
  let low = 0;
  let high = ids.length;
  // What is new belongs to the top.
  if (!isBefore(ids[0])) return 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(ids[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isWithin(row: MessageRow, bounds: MessageBounds): boolean {
  const bits = row.flags.reduce((sum, flag) => sum | (flagBit(flag) ?? 0), 0);
  const { flagsSet = 0, flagsUnset = 0 } = bounds;
  return (
    (bounds.mailbox === undefined || bounds.mailbox === row.mailbox) &&
    row.receivedAtMs >= (bounds.receivedFromMs ?? Number.MIN_SAFE_INTEGER) &&
    row.receivedAtMs < (bounds.receivedUntilMs ?? Number.MAX_SAFE_INTEGER) &&
    row.sizeBytes >= (bounds.sizeFromBytes ?? 0) &&
    row.sizeBytes < (bounds.sizeUntilBytes ?? Number.MAX_SAFE_INTEGER) &&
    (bits & flagsSet) === flagsSet &&
    (bits & flagsUnset) === 0
  );
}
