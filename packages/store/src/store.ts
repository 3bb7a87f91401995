import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore, Clock } from '@stopgap/core';
import { openBlobs } from './blobs.ts';
import { openReader, openWriter } from './connection.ts';
import { GroupCommit } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { txOn, type Reader, type Tx } from './tx.ts';

export interface Store {
  readonly blobs: BlobStore;
  /**
   * Runs the job in a transaction and resolves when it is on disk. Jobs run in the order of the calls and share commits.
   * @throws see GroupCommit.write
   */
  write<T>(job: (tx: Tx) => T): Promise<T>;
  /** Runs at once, on committed data. Keep it short: it holds the event loop. */
  read<T>(job: (reader: Reader) => T): T;
  close(): Promise<void>;
}

/** Opens or makes the store in `dataDir` (mode 0700). Any number of processes may have it open; see `lockDataDirectory` for `serve`. */
export async function openStore(options: { readonly dataDir: string; readonly clock: Clock }): Promise<Store> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const file = join(options.dataDir, 'stopgap.db');
  const commits = new GroupCommit({
    clock: options.clock,
    open: () => {
      const db = openWriter(file);
      migrate(db);
      return db;
    },
  });
  const readerDb = openReader(file);
  const reader = txOn(readerDb);
  const read = <T>(job: (reader: Reader) => T): T => job(reader);
  const blobs = await openBlobs({ directory: join(options.dataDir, 'blobs'), read });
  return {
    blobs,
    write: (job) => commits.write(job),
    read,
    async close() {
      await commits.close();
      readerDb.close();
    },
  };
}
