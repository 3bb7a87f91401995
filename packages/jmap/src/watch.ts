import type { Clock } from '@stopgap/core';
import type { JmapClient } from './client.ts';
import { getEmailState } from './email.ts';
import { parseEvents, stateChangeSchema, type ServerEvent } from './event-source.ts';

/** Where a server has no stream of events (Cyrus 3.6 answers 204). */
const POLL_MS = 30_000;

export interface Watch {
  readonly accountId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly pollMs?: number;
  /** The state that is known: what changed after it counts, too. Undefined: from now on. */
  readonly since?: string;
}

/** Resolves at the first change of the account's mail, or when the signal aborts. Rejects when the server can not be asked. */
export async function untilMailChanges(client: JmapClient, watch: Watch): Promise<void> {
  const { accountId, clock, signal } = watch;
  try {
    const isNew = async (): Promise<boolean> => (await client.call(getEmailState(accountId), signal)).state !== state;
    const state = watch.since ?? (await client.call(getEmailState(accountId), signal)).state;
    const stream = await client.events(['Email', 'Mailbox'], signal);
    if (stream !== undefined) {
      // What changed before the stream was open is in no event of it.
      if (await isNew()) return stream.discard();
      for await (const event of parseEvents(stream.body)) if (speaksOf(event, accountId)) return stream.discard();
    }
    while (!signal.aborted && !(await isNew())) await clock.wait(watch.pollMs ?? POLL_MS, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function speaksOf({ type, data }: ServerEvent, accountId: string): boolean {
  if (type !== 'state') return false;
  try {
    const parsed = stateChangeSchema.safeParse(JSON.parse(data));
    return parsed.success && Object.hasOwn(parsed.data.changed, accountId);
  } catch {
    return false;
  }
}
