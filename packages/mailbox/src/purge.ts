import type { AccountId, BlobId, ModSeq } from '@stopgap/core';
import {
  deleteExpunged,
  deleteMessage,
  dropBlobIfUnused,
  expungedBefore,
  forgetChangesUpTo,
  forgetMailboxesGone,
  removeMailOf,
  someMailOf,
  type Store,
} from '@stopgap/store';

/** In one transaction. */
const AT_ONCE = 200;

/** Law: what is purged is forgotten, and who asks for changes from before it is told so. */
export async function purgeExpunged(options: {
  readonly store: Store;
  readonly dataDir: string;
  readonly beforeMs: number;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { store, dataDir, beforeMs, signal } = options;
  let purged = 0;
  await store.write((tx) => {
    for (const { account, modSeq } of forgetMailboxesGone(tx, beforeMs)) forgetChangesUpTo(tx, account, modSeq);
  });
  while (!signal.aborted) {
    const rows = await store.write((tx) => {
      const rows = expungedBefore(tx, beforeMs, AT_ONCE);
      const forgotten = new Map<AccountId, ModSeq>();
      for (const row of rows) {
        deleteExpunged(tx, row.id);
        if (row.blob !== undefined) dropBlobIfUnused(tx, dataDir, row.blob);
        if (row.modSeq > (forgotten.get(row.account) ?? 0)) forgotten.set(row.account, row.modSeq);
      }
      for (const [account, modSeq] of forgotten) forgetChangesUpTo(tx, account, modSeq);
      return rows;
    });
    purged += rows.filter((row) => row.isKept).length;
    if (rows.length < AT_ONCE) break;
  }
  return purged;
}

/** First messages with their bytes, a few at a time, then all the rest. */
export async function eraseMail(options: {
  readonly store: Store;
  readonly dataDir: string;
  readonly account: AccountId;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { store, dataDir, account, signal } = options;
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
    if (count < AT_ONCE) return;
  }
}
