/*
 * Images, files and whatever else of a message was looked at, for when there is no connection. What a blob's id stands for never changes, so what is kept is
 * given with a connection, too.
 */
import type { Jmap } from '../api/jmap.ts';
import { isKeptFor, type Keeping } from './database.ts';

/** Altogether; the oldest go. */
const MOST_BYTES = 50_000_000;
const MOST = 1000;
/** What is larger has to be asked for again. */
const LARGEST_BYTES = 10_000_000;

type Download = Jmap['download'];

export function keepBlobs(download: Download, keeping: Keeping): Download {
  return async (blobId, name, type, signal) => {
    const key = `${blobId} ${type}`;
    const kept = await keptBlob(keeping, key).catch(() => undefined);
    if (kept !== undefined) return kept;
    const blob = await download(blobId, name, type, signal);
    // Without it everything works but for the next time without a connection.
    keep(blob, key, keeping).catch(() => undefined);
    return blob;
  };
}

async function keptBlob({ database, address }: Keeping, key: string): Promise<Blob | undefined> {
  const transaction = database.transaction(['owner', 'blobs']);
  const found = (await isKeptFor(address, transaction)) ? await transaction.objectStore('blobs').get(key) : undefined;
  return found === undefined ? undefined : new Blob([found.bytes], { type: found.type });
}

async function keep(blob: Blob, key: string, { database, address, mayKeep }: Keeping): Promise<void> {
  if (blob.size > LARGEST_BYTES || !mayKeep()) return;
  const bytes = await blob.arrayBuffer();
  const transaction = database.transaction(['owner', 'blobs'], 'readwrite');
  if (await isKeptFor(address, transaction)) {
    const store = transaction.objectStore('blobs');
    await store.put({ key, atMs: Date.now(), sizeBytes: blob.size, type: blob.type, bytes });
    let count = 0;
    let sum = 0;
    // The newest first. The index holds the sizes, so nothing is read to be counted.
    for (let entry = await store.index('age').openKeyCursor(null, 'prev'); entry !== null; entry = await entry.continue()) {
      count += 1;
      sum += entry.key[1];
      if (count > MOST || sum > MOST_BYTES) await store.delete(entry.primaryKey);
    }
  }
  await transaction.done;
}
