/*
 * Changes to messages. An e-mail may be in several mailboxes, and each of them shows it as a message of its own: what is said of one mailbox leaves
 * the e-mail in the others.
 */
import { asId, type FlagChange, type MovedIds, type RemoteMailboxId, type RemoteMessageId } from '@stopgap/core';
import { entryOf, getEmails, getMailboxIds, patchStep, setEmails, valueOf, type SetError } from '@stopgap/jmap';
import { isJmapId, slices, type MailAccount } from './account.ts';
import { mailboxMissing, refusedChange } from './failures.ts';
import { isIn } from './remote-message.ts';

const MESSAGES_A_CALL = 200;
/** The mail of the account changed between the look and the deed. */
const MOST_TRIES = 5;
/** RFC 8621 4.1.1; `\Deleted` is IMAP's alone. */
const KEYWORD = /^[\x21-\x7e]{1,255}$/;
const NOT_IN_KEYWORDS = /[(){\]%*"\\]/;

export async function changeKeywords(
  account: MailAccount,
  mailbox: RemoteMailboxId,
  { ids, change }: { readonly ids: readonly RemoteMessageId[]; readonly change: FlagChange },
  signal: AbortSignal,
): Promise<void> {
  const patch = Object.fromEntries([
    ...change.remove.filter(isKeyword).map((keyword) => [`keywords/${patchStep(keyword)}`, null] as const),
    ...change.add.filter(isKeyword).map((keyword) => [`keywords/${patchStep(keyword)}`, true] as const),
  ]);
  if (Object.keys(patch).length === 0) return;
  for (const some of parts(account, ids)) {
    const { there } = await look(account, [mailbox], some, signal);
    await update(account, new Map(there.map((email) => [email.id, patch])), signal);
  }
}

export async function moveEmails(
  account: MailAccount,
  mailbox: RemoteMailboxId,
  { ids, target }: { readonly ids: readonly RemoteMessageId[]; readonly target: RemoteMailboxId },
  signal: AbortSignal,
): Promise<MovedIds> {
  const moved = new Map<RemoteMessageId, RemoteMessageId>();
  if (target === mailbox) return moved;
  for (const some of parts(account, ids)) {
    const { there } = await look(account, [mailbox, target], some, signal);
    const patch = { [`mailboxIds/${patchStep(mailbox)}`]: null, [`mailboxIds/${patchStep(target)}`]: true };
    const done = await update(account, new Map(there.map((email) => [email.id, patch])), signal);
    // The e-mail stays the same one.
    for (const id of done) moved.set(asId.remoteMessage(id), asId.remoteMessage(id));
  }
  return moved;
}

/** An e-mail that is elsewhere, too, leaves this mailbox; the others are destroyed - if they are still nowhere else when that is done. */
export async function expungeEmails(
  account: MailAccount,
  mailbox: RemoteMailboxId,
  ids: readonly RemoteMessageId[],
  signal: AbortSignal,
): Promise<void> {
  const { client, accountId } = account;
  for (const some of parts(account, ids)) {
    for (let tries = 1; ; tries++) {
      const { there, state } = await look(account, [mailbox], some, signal);
      if (there.length === 0) break;
      const isOnlyHere = ({ mailboxIds }: (typeof there)[number]) => Object.keys(mailboxIds).length === 1;
      const leave = Object.fromEntries(
        there.filter((email) => !isOnlyHere(email)).map(({ id }) => [id, { [`mailboxIds/${patchStep(mailbox)}`]: null }]),
      );
      const destroy = there.filter(isOnlyHere).map(({ id }) => id);
      const [answer] = await client.batch([setEmails(accountId, { ifInState: state, update: leave, destroy })], signal);
      if (answer.kind === 'failed' && answer.error.type === 'stateMismatch' && tries < MOST_TRIES) continue;
      const { notUpdated, notDestroyed } = valueOf(answer);
      demandDone('delete the message', { ...notUpdated, ...notDestroyed });
      break;
    }
  }
}

interface Look {
  /** Those in the first of the mailboxes. */
  readonly there: readonly { readonly id: string; readonly mailboxIds: Readonly<Record<string, boolean>> }[];
  readonly state: string;
}

async function look(
  { client, accountId, host }: MailAccount,
  mailboxes: readonly RemoteMailboxId[],
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Look> {
  if (!mailboxes.every(isJmapId)) throw mailboxMissing(host);
  const [found, got] = await client.batch([getMailboxIds(accountId, mailboxes), getEmails(accountId, ids, ['mailboxIds'])], signal);
  if (valueOf(found).list.length < new Set(mailboxes).size) throw mailboxMissing(host);
  const { list, state } = valueOf(got);
  const [first = ''] = mailboxes;
  return { there: list.filter((email) => isIn(email, first)), state };
}

/** The ids that were changed; those that are gone are passed over. */
async function update(
  { client, accountId }: MailAccount,
  patches: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (patches.size === 0) return [];
  const answer = await client.call(setEmails(accountId, { update: Object.fromEntries(patches) }), signal);
  demandDone('change the message', answer.notUpdated);
  return [...patches.keys()].filter((id) => entryOf(answer.notUpdated, id) === undefined);
}

function demandDone(what: string, refused: Readonly<Record<string, SetError>> | null | undefined): void {
  const error = Object.values(refused ?? {}).find(({ type }) => type !== 'notFound');
  if (error !== undefined) throw refusedChange(what, error);
}

function parts({ client }: MailAccount, ids: readonly RemoteMessageId[]): Iterable<readonly string[]> {
  const { maxObjectsInGet, maxObjectsInSet } = client.session.limits;
  return slices([...new Set<string>(ids)].filter(isJmapId), Math.min(MESSAGES_A_CALL, maxObjectsInGet, maxObjectsInSet));
}

function isKeyword(flag: string): boolean {
  return flag !== '$deleted' && KEYWORD.test(flag) && !NOT_IN_KEYWORDS.test(flag);
}
