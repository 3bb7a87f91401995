import { MailError, type SubmissionId } from '@stopgap/core';
import { queueDetail, type QueueDetail } from '@stopgap/outbox';
import { findJmapSubmission, findSubmission, type Store } from '@stopgap/store';
import { headerOf } from '../email/header-block.ts';
import { fieldsOf, headerPropertyValue } from '../email/header-properties.ts';
import { wire } from '../ids.ts';
import type { CallContext, Json } from '../method.ts';

/** One submission of the account, however it came, also our notices to it. */
export const ENTRY_PROPERTIES = [
  'id',
  'emailId',
  'threadId',
  'kind',
  'state',
  'from',
  'subject',
  'messageId',
  'sizeBytes',
  'acceptedAt',
  'sendAt',
  'recipients',
  'attempts',
  'actions',
] as const;
export type EntryProperty = (typeof ENTRY_PROPERTIES)[number];

export const ACTIONS = ['cancel', 'sendNow', 'hold', 'release', 'delivered', 'resend', 'cancelled'] as const;
export type Action = (typeof ACTIONS)[number];

type QueueRecipient = QueueDetail['recipients'][number];

/** What a list shows as one word: the recipient that asks most for attention. */
type EntryState = 'unsure' | 'held' | 'sending' | 'waiting' | 'failed' | 'cancelled' | 'delivered';

export interface FoundEntry {
  readonly id: SubmissionId;
  readonly detail: QueueDetail;
}

/** Undefined: there is none, or it is another account's. */
export function findEntry(id: SubmissionId, { deps, account }: Pick<CallContext, 'deps' | 'account'>): FoundEntry | undefined {
  const detail = deps.store.read((reader) => queueDetail(reader, id));
  return detail === undefined || detail.account !== account ? undefined : { id, detail };
}

export async function entryObject({ id, detail }: FoundEntry, wanted: ReadonlySet<EntryProperty>, context: CallContext): Promise<Json> {
  const { deps, account } = context;
  const jmap = deps.store.read((reader) => findJmapSubmission(reader, account, id));
  const object: Record<string, unknown> = { id: wire.submission(id) };
  const make: Readonly<Record<Exclude<EntryProperty, 'id' | 'subject'>, () => unknown>> = {
    emailId: () => (jmap === undefined ? null : wire.email(jmap.message)),
    threadId: () => (jmap === undefined ? null : wire.thread(jmap.thread)),
    kind: () => detail.kind,
    state: () => stateOf(detail.recipients),
    from: () => detail.from,
    messageId: () => detail.messageId,
    sizeBytes: () => detail.sizeBytes,
    acceptedAt: () => detail.acceptedAt,
    sendAt: () => (jmap === undefined ? null : new Date(jmap.sendAtMs).toISOString()),
    recipients: () => detail.recipients,
    attempts: () => detail.attempts,
    actions: () => actionsOf(detail.recipients),
  };
  for (const name of wanted) {
    if (name === 'subject') object['subject'] = await subjectOf(id, deps.store);
    else if (name !== 'id') object[name] = make[name]();
  }
  return object;
}

function stateOf(recipients: readonly QueueRecipient[]): EntryState {
  const has = (test: (one: QueueRecipient) => boolean): boolean => recipients.some(test);
  if (has(({ state }) => state === 'unsure')) return 'unsure';
  if (has(({ held }) => held)) return 'held';
  if (has(({ state }) => state === 'leased')) return 'sending';
  if (has(({ state }) => state === 'queued')) return 'waiting';
  if (has(({ state }) => state === 'rejected' || state === 'expired')) return 'failed';
  return has(({ state }) => state === 'delivered') ? 'delivered' : 'cancelled';
}

/** What a person can do with it now. */
export function actionsOf(recipients: readonly QueueRecipient[]): readonly Action[] {
  const canBeCancelled = recipients.some(({ state }) => state === 'queued' || state === 'leased');
  const isUnsure = recipients.some(({ state }) => state === 'unsure');
  const isHeld = recipients.some(({ held }) => held);
  return [
    ...(canBeCancelled ? (['cancel'] as const) : []),
    ...(recipients.some(({ state, held }) => state === 'queued' && !held) ? (['sendNow', 'hold'] as const) : []),
    ...(isHeld ? (['release'] as const) : []),
    ...(isUnsure ? (['delivered', 'resend', 'cancelled'] as const) : []),
  ];
}

/** Out of the header of what leaves; it is no column, as nobody but its sender may read it. Null also when the bytes are gone, which must not hide the others. */
async function subjectOf(id: SubmissionId, store: Store): Promise<unknown> {
  const blob = store.read((reader) => findSubmission(reader, id))?.blob;
  if (blob === undefined) return null;
  try {
    const fields = fieldsOf(await headerOf(store.blobs.open(blob)));
    return headerPropertyValue({ property: 'header:Subject:asText', name: 'subject', form: 'Text', isAll: false }, fields);
  } catch (error) {
    if (error instanceof MailError && error.code === 'blob-missing') return null;
    throw error;
  }
}
