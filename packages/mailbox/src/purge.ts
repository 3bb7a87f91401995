import type { AccountId, BlobId, ModSeq } from '@stopgap/core';
import {
  deleteExpunged,
  deleteMessage,
  dropBlobIfUnused,
  expungedBefore,
  forgetChangesUpTo,
  forgetEndedIntents,
  forgetMailboxesGone,
  removeMailOf,
  someMailOf,
  type AgedRow,
  type Store,
} from '@stopgap/store';
import type { SearchIndex } from './search/search-index.ts';

/** In one transaction. */
const AT_ONCE = 200;

/** Law: what is purged is forgotten, and who asks for changes from before it is told so. */
export async function purgeExpunged(options: {
  readonly store: Store;
  readonly index: SearchIndex;
  readonly dataDir: string;
  readonly beforeMs: number;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { store, index, dataDir, beforeMs, signal } = options;
  let purged = 0;
  await store.write((tx) => {
    for (const { account, modSeq } of forgetMailboxesGone(tx, beforeMs)) forgetChangesUpTo(tx, account, modSeq);
    forgetEndedIntents(tx, beforeMs);
  });
  while (!signal.aborted) {
    const rows = store.read((reader) => expungedBefore(reader, beforeMs, AT_ONCE));
    // The index first: what is gone here could not be named to it any more. Nothing of this age is restored meanwhile.
    await removeFromIndex(index, rows);
    await store.write((tx) => {
      const forgotten = new Map<AccountId, ModSeq>();
      for (const row of rows) {
        deleteExpunged(tx, row.id);
        if (row.isKept) purged += 1;
        if (row.blob !== undefined) dropBlobIfUnused(tx, dataDir, row.blob);
        if (row.modSeq > (forgotten.get(row.account) ?? 0)) forgotten.set(row.account, row.modSeq);
      }
      for (const [account, modSeq] of forgotten) forgetChangesUpTo(tx, account, modSeq);
    });
    if (rows.length < AT_ONCE) break;
  }
  return purged;
}

async function removeFromIndex(index: SearchIndex, rows: readonly AgedRow[]): Promise<void> {
  for (const [account, gone] of Map.groupBy(
    rows.filter((row) => row.isKept),
    (row) => row.account,
  )) {
    await index.remove(
      account,
      gone.map((row) => row.message),
    );
  }
}

/** First messages with their bytes, a few at a time, then all the rest. */
export async function eraseMail(options: {
  readonly store: Store;
  readonly index: SearchIndex;
  readonly dataDir: string;
  readonly account: AccountId;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { store, index, dataDir, account, signal } = options;
  while (!signal.aborted) {
    const count = await store.write((tx) => {
      const some = someMailOf(tx, account, AT_ONCE);
      const blobs = new Set<BlobId>();
      for (const one of some) {
        if (one.expunged === undefined) deleteMessage(tx, one.message);
        else deleteExpunged(tx, one.expunged);
        if (one.blob !== undefined) blobs.add(one.blob);
      }
      for (const blob of blobs) dropBlobIfUnused(tx, dataDir, blob);
      if (some.length < AT_ONCE) removeMailOf(tx, account);
      return some.length;
    });
    if (count < AT_ONCE) break;
  }
  await index.erase(account);
}
