import { allDone, OUTBOX, type Jmap } from './jmap.ts';
import { call } from './methods.ts';
import type { Contact, MirrorState, OutboxAction, OutboxEntry, PathState } from './outbox-methods.ts';

export type { Contact, MirrorState, OutboxAction, OutboxEntry, OutboxRecipient, PathState, RecipientState } from './outbox-methods.ts';

/** The provider's paths as they are now, and how much of the mailbox is here. */
export interface Situation {
  readonly paths: readonly PathState[];
  readonly mirror: MirrorState | undefined;
}

export async function readSituation(jmap: Jmap, signal?: AbortSignal): Promise<Situation> {
  if (!hasOutbox(jmap)) return { paths: [], mirror: undefined };
  const { accountId } = jmap;
  const [paths, mirror] = await jmap.batch(
    [call('Path/get', { accountId, ids: null }), call('Mirror/get', { accountId, ids: null })],
    signal,
  );
  return { paths: paths.list, mirror: mirror.list[0] };
}

export async function listOutbox(jmap: Jmap, signal?: AbortSignal): Promise<readonly OutboxEntry[]> {
  if (!hasOutbox(jmap)) return [];
  return (await jmap.call('Outbox/get', { accountId: jmap.accountId, ids: null }, signal)).list;
}

/** @throws MethodFailure: it is not what may be done now */
export async function decide(jmap: Jmap, id: string, action: OutboxAction): Promise<void> {
  const answer = await jmap.call('Outbox/set', { accountId: jmap.accountId, update: { [id]: { action } } });
  allDone({ notUpdated: answer.notUpdated ?? null });
}

/** Known addresses whose name or address has a word that begins so, best first. */
export async function findContacts(jmap: Jmap, prefix: string, signal?: AbortSignal): Promise<readonly Contact[]> {
  if (!hasOutbox(jmap)) return [];
  return (await jmap.call('Contact/query', { accountId: jmap.accountId, prefix, limit: 8 }, signal)).list;
}

function hasOutbox({ resource }: Jmap): boolean {
  return Object.hasOwn(resource.capabilities, OUTBOX);
}
