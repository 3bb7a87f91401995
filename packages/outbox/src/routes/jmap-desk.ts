/*
 * Where a message lies before and after it is sent. A draft of ours lies in Drafts with `$draft`; what was sent has lost it, in the same step that moved
 * it to Sent. `stopgap-sending` is set in the request that sends, which goes on only if it could be, and taken away after a refusal: without it nothing of a
 * draft was sent.
 */
import { MailError, STAGING_MAILBOX, type DeliveryJob, type SentQuery } from '@stopgap/core';
import {
  accountFor,
  entryOf,
  getEmails,
  getIdentities,
  getMailboxes,
  importEmails,
  jmapError,
  MAIL,
  patchStep,
  queryEmails,
  resultOf,
  setEmails,
  setMailboxes,
  SUBMISSION,
  valueOf,
  type Email,
  type JmapClient,
} from '@stopgap/jmap';
import { submissionOf } from './witness.ts';

export const DRAFT = '$draft';
export const SENDING = 'stopgap-sending';
/** Some servers make it, and forget the role. */
const SENT_NAME = 'Sent';
const CREATION = 'made';
/** More copies of one Message-ID than this are nothing we can judge. */
const MOST_COPIES = 60;
const SAYABLE = /^<[\x21-\x7e]+>$/;

/** A person's account on a JMAP server, with the mailboxes that sending goes through. */
export interface Desk {
  readonly client: JmapClient;
  readonly accountId: string;
  readonly drafts: string;
  readonly sent: string;
  readonly inbox: string;
}

/** Throws when this server can not send just now: nothing was done then. */
export async function openDesk(client: JmapClient, signal: AbortSignal): Promise<Desk> {
  const { host } = client;
  const accountId = accountFor(client.session, MAIL);
  if (accountId === undefined) throw jmapError('unavailable', `${host} shows no mail of this person now.`, { host });
  const { list } = await client.call(getMailboxes(accountId), signal);
  const at = (role: string) => list.find((mailbox) => mailbox.role === role)?.id;
  const inbox = at('inbox');
  if (inbox === undefined) throw jmapError('protocol', `${host} shows no inbox.`, { host });
  const named = (name: string) => list.find((mailbox) => mailbox.name === name && mailbox.parentId === null)?.id;
  const drafts = at('drafts') ?? named(STAGING_MAILBOX) ?? (await make(client, accountId, { name: STAGING_MAILBOX }, signal));
  const sent = at('sent') ?? named(SENT_NAME) ?? (await make(client, accountId, { name: SENT_NAME, role: 'sent' }, signal));
  return { client, accountId, inbox, drafts, sent };
}

/** The identity to send as: that of the address, where the server has one for each (Cyrus has one without an address). */
export async function identityFor({ client, accountId }: Desk, address: string, signal: AbortSignal): Promise<string> {
  const { host } = client;
  // Cyrus takes the capability away while its SMTP server is down.
  if (accountFor(client.session, SUBMISSION) !== accountId)
    throw jmapError('unavailable', `${host} can not send mail of this person now.`, { host });
  const { list } = await client.call(getIdentities(accountId), signal);
  const identity =
    list.find(({ email }) => email.toLowerCase() === address.toLowerCase()) ?? list.find(({ email }) => email === '') ?? list[0];
  if (identity === undefined) throw jmapError('unavailable', `${host} has no identity to send as.`, { class: 'route', host });
  return identity.id;
}

/** Puts the message on the desk, as a draft. Gives the e-mail's id. */
export async function layDown({ client, accountId, drafts }: Desk, job: DeliveryJob, nowMs: number, signal: AbortSignal): Promise<string> {
  const upload = { sizeBytes: job.sizeBytes, type: 'message/rfc822', open: () => job.open() };
  const { blobId } = await client.upload(accountId, upload, signal);
  const order = {
    blobId,
    mailboxIds: { [drafts]: true as const },
    keywords: { [DRAFT]: true as const, $seen: true as const },
    receivedAt: new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  const answer = await client.call(importEmails(accountId, { [CREATION]: order }), signal);
  const created = entryOf(answer.created, CREATION);
  if (created !== undefined) return created.id;
  const error = entryOf(answer.notCreated, CREATION);
  // Its bytes hold the attempt's witness, so it is this attempt's.
  if (error?.type === 'alreadyExists' && typeof error.existingId === 'string') return error.existingId;
  const isQuota = error?.type === 'overQuota';
  throw jmapError('method', `${client.host} does not take the message: ${error?.type ?? 'no answer'}.`, isQuota ? { class: 'quota' } : {});
}

/** Throws unless all of them are gone. */
export async function throwAway({ client, accountId }: Desk, ids: readonly string[], signal: AbortSignal): Promise<void> {
  if (ids.length === 0) return;
  const { destroyed, notDestroyed } = await client.call(setEmails(accountId, { destroy: ids }), signal);
  const isGone = (id: string) => destroyed?.includes(id) === true || entryOf(notDestroyed, id)?.type === 'notFound';
  if (!ids.every(isGone)) throw jmapError('method', `${client.host} does not destroy the message.`, { host: client.host });
}

export async function fileAsSent(desk: Desk, id: string, signal: AbortSignal): Promise<void> {
  await change(desk, id, asSent(desk), signal);
}

/** Of a sending that was refused. */
export async function forgetBeginning(desk: Desk, id: string, signal: AbortSignal): Promise<void> {
  await change(desk, id, { [`keywords/${SENDING}`]: null }, signal);
}

async function change(
  { client, accountId }: Desk,
  id: string,
  patch: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<void> {
  const { updated } = await client.call(setEmails(accountId, { update: { [id]: patch } }), signal);
  if (!Object.hasOwn(updated ?? {}, id)) throw jmapError('method', `${client.host} does not change the message.`, { host: client.host });
}

/** What makes a draft a sent message, in one step. */
export function asSent(desk: Desk, target = desk.sent): Readonly<Record<string, unknown>> {
  return {
    [`mailboxIds/${patchStep(desk.drafts)}`]: null,
    [`mailboxIds/${patchStep(target)}`]: true,
    [`keywords/${DRAFT}`]: null,
    [`keywords/${SENDING}`]: null,
  };
}

export interface Copy {
  readonly id: string;
  readonly receivedAtMs: number;
  readonly mailboxIds: ReadonlySet<string>;
  readonly isDraft: boolean;
  readonly isBegun: boolean;
  /** A Received field on top: it came from this program. Somebody's draft has none. */
  readonly isOurs: boolean;
  /** Its Received fields, unfolded. */
  readonly traces: readonly string[];
}

/** All copies of a message, in whatever mailbox. Throws when the server can not be believed just now; empty means "none". */
export async function findCopies(
  { client, accountId }: Desk,
  query: Pick<SentQuery, 'messageId' | 'witness'>,
  signal: AbortSignal,
): Promise<readonly Copy[]> {
  // A Message-ID that can not be said is made up for by what all witnesses of the message hold; slower, as servers do not index Received.
  const isSayable = SAYABLE.test(query.messageId);
  const header = isSayable ? (['Message-ID', query.messageId] as const) : (['Received', submissionOf(query.witness)] as const);
  const calls = [
    queryEmails(accountId, { filter: { header }, limit: MOST_COPIES + 1 }),
    getEmails(accountId, resultOf(0, 'Email/query', '/ids'), ['mailboxIds', 'keywords', 'receivedAt', 'headers']),
  ] as const;
  const [found, got] = await client.batch(calls, signal);
  const { ids } = valueOf(found);
  const { list, notFound } = valueOf(got);
  if (ids.length > MOST_COPIES || list.length + notFound.length < ids.length)
    throw jmapError('protocol', `${client.host} shows ${list.length} of ${ids.length} copies of this message.`, { host: client.host });
  const copies = list.map(copyOf);
  return isSayable ? copies.filter((_, index) => messageIdsOf(list[index]).includes(query.messageId)) : copies;
}

type Found = Pick<Email, 'id' | 'mailboxIds' | 'keywords' | 'receivedAt' | 'headers'>;

function copyOf(email: Found): Copy {
  const received = email.headers.filter(({ name }) => name.toLowerCase() === 'received');
  return {
    id: email.id,
    receivedAtMs: Date.parse(email.receivedAt),
    mailboxIds: new Set(Object.keys(email.mailboxIds)),
    isDraft: entryOf(email.keywords, DRAFT) === true,
    isBegun: entryOf(email.keywords, SENDING) === true,
    isOurs: email.headers[0]?.name.toLowerCase() === 'received',
    traces: received.map(({ value }) => value.replaceAll(/\r?\n/g, '')),
  };
}

function messageIdsOf(email: Found | undefined): readonly string[] {
  const fields = (email?.headers ?? []).filter(({ name }) => name.toLowerCase() === 'message-id');
  return fields.map(({ value }) => value.replaceAll(/\r?\n/g, '').trim());
}

async function make(client: JmapClient, accountId: string, wanted: { name: string; role?: string }, signal: AbortSignal): Promise<string> {
  const order = { ...wanted, parentId: null, isSubscribed: true };
  const answer = await client.call(setMailboxes(accountId, { create: { [CREATION]: order } }), signal);
  const created = entryOf(answer.created, CREATION);
  if (created !== undefined) return created.id;
  const why = entryOf(answer.notCreated, CREATION)?.type ?? 'no answer';
  const text = `${client.host} makes no mailbox ${wanted.name}: ${why}.`;
  throw new MailError('transient', text, { code: 'jmap-no-mailbox', reason: { class: 'route', text, host: client.host } });
}
