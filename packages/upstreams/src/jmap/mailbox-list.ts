import { asId, MAILBOX_ROLES, MAILBOX_SEPARATOR, type MailboxRole, type RemoteMailbox } from '@stopgap/core';
import { getEmailState, getMailboxes, valueOf, type ListedMailbox } from '@stopgap/jmap';
import type { MailAccount } from './account.ts';
import { voidAnswer } from './failures.ts';

/** More mailboxes than this are no person's. */
const MOST_MAILBOXES = 10_000;
const DEEPEST = 50;
/** Stands for a slash inside of a name, as it does on other paths. */
const DIVISION_SLASH = '\u2215';
const EMPTY_NAME = '_';

/** All mailboxes. The state is that of all mail of the account: equal means that nothing has changed in any of them. */
export async function listMailboxes({ client, accountId, host }: MailAccount, signal: AbortSignal): Promise<readonly RemoteMailbox[]> {
  const [answer, email] = await client.batch([getMailboxes(accountId), getEmailState(accountId)], signal);
  const { list } = valueOf(answer);
  if (list.length > MOST_MAILBOXES) throw voidAnswer(`${host} lists ${list.length} mailboxes.`, host);
  // The inbox can not be deleted (RFC 8621 2): without it this is no list.
  if (!list.some(({ role }) => role === 'inbox')) throw voidAnswer(`${host} lists no inbox.`, host);
  return remoteMailboxes(list, { validity: accountId, state: valueOf(email).state }, host);
}

export function remoteMailboxes(
  list: readonly ListedMailbox[],
  life: { readonly validity: string; readonly state?: string },
  host: string,
): readonly RemoteMailbox[] {
  const byId = new Map(list.map((mailbox) => [mailbox.id, mailbox]));
  const taken = new Set<string>();
  const roles = new Set<string>();
  return list.map((mailbox) => {
    const path = unlike(pathOf(mailbox, byId, host), taken);
    const role = MAILBOX_ROLES.find((known): known is MailboxRole => known === mailbox.role && !roles.has(known));
    if (role !== undefined) roles.add(role);
    return {
      id: asId.remoteMailbox(mailbox.id),
      path,
      ...(role === undefined ? {} : { role }),
      isSelectable: mailbox.myRights.mayReadItems,
      isSubscribed: mailbox.isSubscribed,
      messages: mailbox.totalEmails,
      ...life,
    };
  });
}

/** How a part of a path is said to the server. */
export function nameOfPart(part: string): string {
  return part.replaceAll(DIVISION_SLASH, MAILBOX_SEPARATOR);
}

function pathOf(mailbox: ListedMailbox, byId: ReadonlyMap<string, ListedMailbox>, host: string): readonly string[] {
  const parts: string[] = [];
  for (let at: ListedMailbox | undefined = mailbox; at !== undefined;) {
    if (parts.length >= DEEPEST) throw voidAnswer(`${host} nests mailboxes without end.`, host);
    parts.unshift(at.parentId === null && at.role === 'inbox' ? 'INBOX' : partOf(at.name));
    if (at.parentId === null) break;
    at = byId.get(at.parentId);
    // Shared by somebody else, say, without what is above it.
  }
  return parts;
}

function partOf(name: string): string {
  const part = name.replaceAll(MAILBOX_SEPARATOR, DIVISION_SLASH);
  return part === '' ? EMPTY_NAME : part;
}

/** Two that would be called the same here are told apart by a number. */
function unlike(path: readonly string[], taken: Set<string>): readonly string[] {
  const last = path.at(-1) ?? EMPTY_NAME;
  for (let number = 1; ; number++) {
    const made = number === 1 ? path : [...path.slice(0, -1), `${last} (${number})`];
    const key = made.join(MAILBOX_SEPARATOR);
    if (taken.has(key)) continue;
    taken.add(key);
    return made;
  }
}
