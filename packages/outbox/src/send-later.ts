import { dueSendLater, releaseSendLater } from '@stopgap/store';
import type { Deps } from './deps.ts';

const AT_ONCE = 100;

/** What was to leave later and whose time has come may leave. */
export async function releaseDue({ store, clock }: Pick<Deps, 'store' | 'clock'>): Promise<void> {
  const nowMs = clock.nowMs();
  const due = store.read((reader) => dueSendLater(reader, nowMs, AT_ONCE));
  if (due.length === 0) return;
  await store.write((tx) => {
    for (const id of due) releaseSendLater(tx, id, nowMs);
  });
}
