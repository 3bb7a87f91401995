import { allDone, OUTBOX, type Jmap } from './jmap.ts';
import { ENTRY_PROPERTIES, type Acted, type Contact, type OutboxAction, type OutboxEntry, type Situation } from './outbox-methods.ts';

export type { Acted, MirrorState, OutboxAction, OutboxEntry, OutboxRecipient, PathState, Situation } from './outbox-methods.ts';

const MOST_SUGGESTED = 8;

/** Undefined: the relay does not tell. */
export async function readSituation(jmap: Jmap, signal?: AbortSignal): Promise<Situation | undefined> {
  if (!hasOutbox(jmap)) return undefined;
  return (await jmap.call('ProviderStatus/get', { accountId: jmap.accountId, ids: null }, signal)).list[0];
}

/** Newest first; what the relay itself had to say is left out. */
export async function listOutbox(jmap: Jmap, signal?: AbortSignal): Promise<readonly OutboxEntry[]> {
  if (!hasOutbox(jmap)) return [];
  const { list } = await jmap.call('OutboxEntry/get', { accountId: jmap.accountId, ids: null, properties: ENTRY_PROPERTIES }, signal);
  return list.filter(({ kind }) => kind === 'message').toSorted((one, other) => other.acceptedAt.localeCompare(one.acceptedAt));
}

export function isFinished({ state }: Pick<OutboxEntry, 'state'>): boolean {
  return state === 'delivered' || state === 'failed' || state === 'cancelled';
}

/** @throws MethodFailure: it is not what may be done now */
export async function decide(jmap: Jmap, id: string, action: OutboxAction): Promise<Acted> {
  const { acted, notActed } = await jmap.call('OutboxEntry/act', { accountId: jmap.accountId, ids: [id], action });
  allDone({ notUpdated: notActed });
  return acted[id] ?? { changed: 0, underWay: 0 };
}

/** Known addresses that begin so, or a word of whose name does, best first. */
export async function findContacts(jmap: Jmap, text: string, signal?: AbortSignal): Promise<readonly Contact[]> {
  if (!hasOutbox(jmap)) return [];
  return (await jmap.call('Contact/complete', { accountId: jmap.accountId, text, limit: MOST_SUGGESTED }, signal)).list;
}

function hasOutbox({ resource }: Jmap): boolean {
  return Object.hasOwn(resource.capabilities, OUTBOX);
}
