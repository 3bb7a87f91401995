import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore, Clock } from '@stopgap/core';
import { openBlobs } from './blobs.ts';
import { Connections } from './connection.ts';
import { GroupCommit } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { scrub } from './scrub.ts';
import type { Reader, Tx } from './tx.ts';

export interface Store {
  readonly blobs: BlobStore;
  /**
   * Runs the job in a transaction and resolves when it is on disk. Jobs run in the order of the calls and share commits.
   * @throws see GroupCommit.write
   */
  write<T>(job: (tx: Tx) => T): Promise<T>;
  /** Runs at once, on committed data. Keep it short: it holds the event loop. */
  read<T>(job: (reader: Reader) => T): T;
  /**
   * Carries the log into the database, for whoever starts to serve: if the process before this one died after a failed fsync, what the system
   * still shows of the log may not be on disk, and everything written behind it would hang on that.
   */
  settleLog(): void;
  /** After something was erased: see `scrub`. */
  scrub(): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens or makes the store in `dataDir` (mode 0700). Any number of processes may have it open; see `lockDataDirectory` for `serve`. */
export async function openStore(options: { readonly dataDir: string; readonly clock: Clock }): Promise<Store> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const connections = new Connections(join(options.dataDir, 'stopgap.db'), migrate);
  const commits = new GroupCommit({ clock: options.clock, connections });
  const read = <T>(job: (reader: Reader) => T): T => job(connections.reader());
  const blobs = await openBlobs({ directory: join(options.dataDir, 'blobs'), read });
  return {
    blobs,
    write: (job) => commits.write(job),
    read,
    settleLog: () => connections.checkpoint('now'),
    scrub: () => scrub({ clock: options.clock, connections, write: (job) => commits.write(job) }),
    async close() {
      await commits.close();
      connections.close();
    },
  };
}
