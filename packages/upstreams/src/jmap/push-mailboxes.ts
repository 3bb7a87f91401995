import { MailError, MAILBOX_SEPARATOR, type RemoteMailbox, type RemoteMailboxId } from '@stopgap/core';
import { entryOf, getMailboxes, getMailboxIds, setMailboxes, type MailboxSet, type SetError } from '@stopgap/jmap';
import { isJmapId, type MailAccount } from './account.ts';
import { mailboxMissing, mailboxNotEmpty, refusedChange, voidAnswer } from './failures.ts';
import { nameOfPart, remoteMailboxes } from './mailbox-list.ts';

const CREATION = 'made';
const LONGEST_NAME = 255;

export async function makeMailbox(account: MailAccount, path: readonly string[], signal: AbortSignal): Promise<RemoteMailbox> {
  demandNames(path);
  return makeTo(account, path, await list(account, signal), signal);
}

export async function renameTo(
  account: MailAccount,
  mailbox: RemoteMailboxId,
  path: readonly string[],
  signal: AbortSignal,
): Promise<RemoteMailbox> {
  demandNames(path);
  const all = await list(account, signal);
  if (!all.some((one) => one.id === mailbox)) throw mailboxMissing(account.host);
  if (at(all, path) !== undefined) throw refusedChange('rename the mailbox', { type: 'alreadyExists' });
  const parent = path.length > 1 ? await makeTo(account, path.slice(0, -1), all, signal) : undefined;
  await change(account, { update: { [mailbox]: { name: nameOfPart(path.at(-1) ?? ''), parentId: parent?.id ?? null } } }, signal);
  const renamed = (await list(account, signal)).find((one) => one.id === mailbox);
  if (renamed === undefined) throw voidAnswer('A renamed mailbox is not in the list.', account.host);
  return renamed;
}

/** One that still holds mail stays: what is deleted is deleted message by message. */
export async function destroyMailbox(account: MailAccount, mailbox: RemoteMailboxId, signal: AbortSignal): Promise<void> {
  await demandThere(account, mailbox, signal);
  await change(account, { destroy: [mailbox], onDestroyRemoveEmails: false }, signal);
}

export async function setSubscription(
  account: MailAccount,
  mailbox: RemoteMailboxId,
  isSubscribed: boolean,
  signal: AbortSignal,
): Promise<void> {
  await demandThere(account, mailbox, signal);
  await change(account, { update: { [mailbox]: { isSubscribed } } }, signal);
}

/** Asked beforehand: Cyrus 3.6 answers the destruction of what is not there with 500. */
async function demandThere({ client, accountId, host }: MailAccount, mailbox: RemoteMailboxId, signal: AbortSignal): Promise<void> {
  const there = isJmapId(mailbox) && (await client.call(getMailboxIds(accountId, [mailbox]), signal)).list.length > 0;
  if (!there) throw mailboxMissing(host);
}

async function makeTo(
  account: MailAccount,
  path: readonly string[],
  all: readonly RemoteMailbox[],
  signal: AbortSignal,
): Promise<RemoteMailbox> {
  const known = at(all, path);
  if (known !== undefined) return known;
  const parent = path.length > 1 ? await makeTo(account, path.slice(0, -1), all, signal) : undefined;
  const order = { name: nameOfPart(path.at(-1) ?? ''), parentId: parent?.id ?? null, isSubscribed: true };
  const changed = change(account, { create: { [CREATION]: order } }, signal);
  await changed.catch(() => undefined);
  const made = at(await list(account, signal), path);
  // Else somebody else was faster.
  if (made === undefined) await changed;
  if (made === undefined) throw voidAnswer('A mailbox that was made is not in the list.', account.host);
  return made;
}

async function list({ client, accountId, host }: MailAccount, signal: AbortSignal): Promise<readonly RemoteMailbox[]> {
  const { list } = await client.call(getMailboxes(accountId), signal);
  return remoteMailboxes(list, { validity: accountId }, host);
}

async function change({ client, accountId, host }: MailAccount, changes: MailboxSet, signal: AbortSignal): Promise<void> {
  const { notCreated, notUpdated, notDestroyed } = await client.call(setMailboxes(accountId, changes), signal);
  const [id] = [...Object.keys(changes.update ?? {}), ...(changes.destroy ?? []), CREATION];
  const refused: SetError | undefined = [notCreated, notUpdated, notDestroyed]
    .map((errors) => entryOf(errors, id ?? ''))
    .find((error) => error !== undefined);
  if (refused === undefined) return;
  if (refused.type === 'notFound') throw mailboxMissing(host);
  if (refused.type === 'mailboxHasEmail' || refused.type === 'mailboxHasChild') throw mailboxNotEmpty(host);
  throw refusedChange('change the mailbox', refused);
}

function at(all: readonly RemoteMailbox[], path: readonly string[]): RemoteMailbox | undefined {
  const wanted = path.join(MAILBOX_SEPARATOR);
  return all.find((one) => one.path.join(MAILBOX_SEPARATOR) === wanted);
}

/** RFC 8621 2: no control characters, and not too long. Some servers would take them. */
function demandNames(path: readonly string[]): void {
  const isSayable = (part: string) => part !== '' && !/[\u0000-\u001f\u007f-\u009f]/.test(part) && Buffer.byteLength(part) <= LONGEST_NAME;
  if (path.length > 0 && path.every(isSayable)) return;
  const text = 'A mailbox can not have this name.';
  throw new MailError('permanent', text, { code: 'bad-name', reason: { class: 'policy', text } });
}
