import { asId } from '@stopgap/core';
import { queueDetail, queueEntries, type QueueDetail, type QueueEntry } from '@stopgap/outbox';
import { readStore } from './mirrored.ts';
import type { Relay } from './relay.ts';

const MOST_TOLD = 100;

/*
 * What `queue list` and `queue show` tell, read in this process: a command for each look of an `until` would keep one core busy with starting Node, while
 * what it waits for needs it. The commands themselves are scenario 21's.
 */

/** What has not left, oldest first. */
export function queueOf({ dataDir }: Pick<Relay, 'dataDir'>): Promise<readonly QueueEntry[]> {
  return readStore(dataDir, (reader) => queueEntries(reader, { limit: MOST_TOLD }));
}

/** @throws when there was never such a submission */
export async function detailOf({ dataDir }: Pick<Relay, 'dataDir'>, submission: string): Promise<QueueDetail> {
  const detail = await readStore(dataDir, (reader) => queueDetail(reader, asId.submission(submission)));
  if (!detail) throw new Error(`there is no submission ${submission}`);
  return detail;
}
