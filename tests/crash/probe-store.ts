import { systemClock } from '@stopgap/core';
import { openStore } from '@stopgap/store';
import type { Load } from './load.ts';

/** What got 250 and is not in the store of a relay that is dead: the shortest way to see a loss. Message-IDs. */
export async function notKept(dataDir: string, loads: readonly Load[]): Promise<string[]> {
  const store = await openStore({ dataDir, clock: systemClock });
  try {
    const kept = new Set(
      store.read((reader) => reader.all<{ message_id: string }>('SELECT message_id FROM submission')).map((row) => row.message_id),
    );
    const offered = loads.flatMap((load) => [...load.ledger.values()]);
    return offered.filter((one) => one.queuedAs !== undefined && !kept.has(one.letter.messageId)).map((one) => one.letter.messageId);
  } finally {
    await store.close();
  }
}
