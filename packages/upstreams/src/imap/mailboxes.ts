import type { RemoteMailbox, RemoteMailboxId } from '@stopgap/core';
import { nameArgument, type ImapConnection } from './connection.ts';
import { imapError, mailboxMissing } from './errors.ts';
import { listedMailbox, listMailboxes } from './list.ts';
import { nameOf } from './mailbox-name.ts';

/** With those above it. */
export async function createMailbox(connection: ImapConnection, path: readonly string[], signal: AbortSignal): Promise<RemoteMailbox> {
  const id = nameOf(path, connection.namespace);
  await createMissing(connection, path, signal);
  return listedMailbox(connection, id, signal);
}

export async function renameMailbox(
  connection: ImapConnection,
  { mailbox, path, signal }: { readonly mailbox: RemoteMailboxId; readonly path: readonly string[]; readonly signal: AbortSignal },
): Promise<RemoteMailbox> {
  const to = nameOf(path, connection.namespace);
  refuseInbox(connection, mailbox);
  // RFC 9051 6.3.6: a RENAME onto another one must fail; not every server knows that.
  const names = new Set((await listMailboxes(connection, signal)).map((one) => one.id));
  if (!names.has(mailbox)) throw mailboxMissing(connection.host);
  if (names.has(to)) {
    throw imapError('permanent', 'mailbox-exists', 'there is a mailbox of that name already', { class: 'content', host: connection.host });
  }
  if (path.length > 1) await createMissing(connection, path.slice(0, -1), signal);
  for (const id of connection.validities.keys()) {
    if (isWithin(connection, id, mailbox) || isWithin(connection, id, to)) connection.validities.delete(id);
  }
  await connection.command('RENAME', [nameArgument(mailbox), nameArgument(to)], { signal });
  return listedMailbox(connection, to, signal);
}

export async function deleteMailbox(connection: ImapConnection, mailbox: RemoteMailboxId, signal: AbortSignal): Promise<void> {
  refuseInbox(connection, mailbox);
  await connection.unselect(signal);
  connection.validities.delete(mailbox);
  await connection.command('DELETE', [nameArgument(mailbox)], { signal }).catch(async (error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'refused' && !(await connection.lists(mailbox, signal))) {
      throw mailboxMissing(connection.host, error);
    }
    throw error;
  });
}

export async function subscribe(
  connection: ImapConnection,
  { mailbox, isSubscribed, signal }: { readonly mailbox: RemoteMailboxId; readonly isSubscribed: boolean; readonly signal: AbortSignal },
): Promise<void> {
  await connection.command(isSubscribed ? 'SUBSCRIBE' : 'UNSUBSCRIBE', [nameArgument(mailbox)], { signal });
}

/** Its rename moves all mail out of it, its deletion is an error: neither is what anybody wants. */
function refuseInbox(connection: ImapConnection, mailbox: RemoteMailboxId): void {
  if (mailbox.toUpperCase() !== 'INBOX') return;
  throw imapError('permanent', 'name-refused', 'INBOX is neither renamed nor deleted', { class: 'content', host: connection.host });
}

/** Is it that mailbox, or one below it? */
function isWithin({ namespace: { separator } }: ImapConnection, id: RemoteMailboxId, mailbox: RemoteMailboxId): boolean {
  return id === mailbox || (separator !== undefined && id.startsWith(mailbox + separator));
}

async function createMissing(connection: ImapConnection, path: readonly string[], signal: AbortSignal): Promise<void> {
  const listed = new Map((await listMailboxes(connection, signal)).map((one) => [one.id, one]));
  for (let depth = 1; depth <= path.length; depth += 1) {
    const id = nameOf(path.slice(0, depth), connection.namespace);
    if (listed.has(id)) continue;
    connection.validities.delete(id);
    await connection.command('CREATE', [nameArgument(id)], { signal }).catch(async (error: unknown) => {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // Somebody else was faster: told in words of RFC 5530, or seen.
      const isThere = code === 'mailbox-exists' || (code === 'refused' && (await connection.lists(id, signal)));
      if (!isThere) throw error;
    });
  }
}
