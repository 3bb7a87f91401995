import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '@stopgap/core';
import { openStore, type Store } from '@stopgap/store';

export interface TempStore extends AsyncDisposable {
  readonly store: Store;
  readonly dataDir: string;
  /** Closes the store and removes its directory; a second call is harmless. */
  dispose(): Promise<void>;
}

/** A real store in a directory of its own: `await using temp = await tempStore()`. */
export async function tempStore(options: { readonly clock?: Clock } = {}): Promise<TempStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'stopgap-store-'));
  const store = await openStore({ dataDir, clock: options.clock ?? systemClock });
  let disposed: Promise<void> | undefined;
  const dispose = (): Promise<void> => (disposed ??= remove(store, dataDir));
  return { store, dataDir, dispose, [Symbol.asyncDispose]: dispose };
}

async function remove(store: Store, dataDir: string): Promise<void> {
  try {
    await store.close();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
