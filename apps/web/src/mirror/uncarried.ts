import { OUTBOX, type Jmap } from '../api/jmap.ts';
import type { UncarriedChange } from '../api/outbox-methods.ts';

/** The last first. */
export async function listUncarried(jmap: Jmap, signal?: AbortSignal): Promise<readonly UncarriedChange[]> {
  if (!Object.hasOwn(jmap.resource.capabilities, OUTBOX)) return [];
  return (await jmap.call('UncarriedChange/get', { accountId: jmap.accountId, ids: null }, signal)).list;
}

/** The time of the last one that was looked at in this browser. */
const SEEN_KEY = 'stopgap.seen-uncarried';

export function isSeen(last: string): boolean {
  try {
    return localStorage.getItem(SEEN_KEY) === last;
  } catch {
    return false;
  }
}

/** A browser that keeps nothing for us is no reason to fail. */
export function noteSeen(last: string): void {
  try {
    localStorage.setItem(SEEN_KEY, last);
  } catch {
    return;
  }
}
