import { asId, MailError, type RemoteAppend, type RemoteMailboxId, type RemoteMessageId } from '@stopgap/core';
import { entryOf, getEmails, getMailboxIds, importEmails, jmapProvesNothingDone, patchStep, setEmails } from '@stopgap/jmap';
import { isJmapId, type MailAccount } from './account.ts';
import { mailboxMissing, refusedChange, voidAnswer } from './failures.ts';
import { isIn } from './remote-message.ts';
import { reasonOfJmapError } from '@stopgap/jmap';

const CREATION = 'appended';

/**
 * Uploads, then imports. A server that holds the same bytes already (Cyrus makes the id from them) says so: then that e-mail is put into this mailbox,
 * too, with the flags that it has here besides its own, and is the one that was stored. Where it was there before, it is another message, too, whose
 * flags stay as they are.
 */
export async function appendMessage(
  account: MailAccount,
  mailbox: RemoteMailboxId,
  message: RemoteAppend,
  signal: AbortSignal,
): Promise<RemoteMessageId> {
  const { client, accountId, host } = account;
  if (!isJmapId(mailbox)) throw mailboxMissing(host);
  const there = await client.call(getMailboxIds(accountId, [mailbox]), signal);
  if (there.list.length === 0) throw mailboxMissing(host);
  const blob = await client.upload(accountId, { sizeBytes: message.sizeBytes, type: 'message/rfc822', open: () => message.open() }, signal);
  const order = {
    blobId: blob.blobId,
    mailboxIds: { [mailbox]: true as const },
    keywords: Object.fromEntries(message.flags.filter((flag) => flag !== '$deleted').map((flag) => [flag, true as const])),
    receivedAt: new Date(Math.floor(message.receivedAtMs / 1000) * 1000).toISOString().replace('.000Z', 'Z'),
  };
  const answer = await unlessUnclear(client.call(importEmails(accountId, { [CREATION]: order }), signal));
  const created = entryOf(answer.created, CREATION);
  if (created !== undefined) return asId.remoteMessage(created.id);
  const error = entryOf(answer.notCreated, CREATION);
  if (error === undefined) throw voidAnswer(`${host} does not say what became of an import.`, host);
  const { existingId } = error;
  if (error.type !== 'alreadyExists' || typeof existingId !== 'string') throw refusedChange('store the message', error);
  const existing = await client.call(getEmails(accountId, [existingId], ['mailboxIds']), signal);
  if (existing.list.some((email) => isIn(email, mailbox))) return asId.remoteMessage(existingId);
  const keywords = Object.keys(order.keywords).map((keyword) => [`keywords/${patchStep(keyword)}`, true] as const);
  const patch = { [`mailboxIds/${patchStep(mailbox)}`]: true, ...Object.fromEntries(keywords) };
  const added = await unlessUnclear(client.call(setEmails(accountId, { update: { [existingId]: patch } }), signal));
  const refused = entryOf(added.notUpdated, existingId);
  if (refused !== undefined) throw refusedChange('store the message', refused);
  return asId.remoteMessage(existingId);
}

/** Once it was asked, only an answer says that nothing was stored. */
async function unlessUnclear<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (jmapProvesNothingDone(error)) throw error;
    const reason = { ...reasonOfJmapError(error), class: 'lost-answer' as const };
    throw new MailError('transient', reason.text, { code: 'session-ended', reason, cause: error });
  }
}
