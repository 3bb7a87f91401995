import { flagToImap, normalFlags, type Flag, type FlagChange, type RemoteMailboxId, type RemoteMessageId } from '@stopgap/core';
import { atom, sequence, type ImapConnection, type Selected } from './connection.ts';
import { imapError } from './errors.ts';
import { setsOf, uidsBelow } from './uid-set.ts';

export interface FlagsAsked {
  readonly mailbox: RemoteMailboxId;
  readonly ids: readonly RemoteMessageId[];
  readonly change: FlagChange;
  readonly signal: AbortSignal;
}

export async function changeFlags(connection: ImapConnection, { mailbox, ids, change, signal }: FlagsAsked): Promise<void> {
  if (ids.length === 0) return;
  const box = await selectToChange(connection, mailbox, signal);
  const uids = uidsBelow(box.uidNext, ids);
  await storeFlags(connection, { uids, verb: '+FLAGS.SILENT', flags: keptFlags(change.add, box), signal });
  await storeFlags(connection, { uids, verb: '-FLAGS.SILENT', flags: keptFlags(change.remove, box), signal });
}

/** @throws MailError `ids-changed` where the mailbox was made anew since its ids were told: they name other messages now (RFC 9051 2.3.1.1) */
export async function selectToChange(connection: ImapConnection, mailbox: RemoteMailboxId, signal: AbortSignal): Promise<Selected> {
  const box = await connection.select(mailbox, 'write', signal);
  const { host, validities } = connection;
  if ((validities.get(mailbox) ?? box.validity) !== box.validity)
    throw imapError('transient', 'ids-changed', `${host} has made a mailbox anew since it was looked at`, { class: 'cancelled', host });
  if (!box.isReadOnly) return box;
  throw imapError('transient', 'read-only', `${host} lets this mailbox only be read`, { class: 'policy', host });
}

/** As IMAP words: what is no flag, and what this mailbox does not keep (RFC 9051 7.1 PERMANENTFLAGS), is left out. */
export function keptFlags(flags: readonly Flag[], { permanentFlags }: Selected): readonly string[] {
  return normalFlags(flags.map(flagToImap))
    .map(flagToImap)
    .filter((word) => {
      if (permanentFlags === undefined || permanentFlags.has(word.toLowerCase())) return true;
      return !word.startsWith('\\') && permanentFlags.has('\\*');
    });
}

export interface StoreAsked {
  readonly uids: readonly number[];
  readonly verb: '+FLAGS.SILENT' | '-FLAGS.SILENT';
  readonly flags: readonly string[];
  readonly signal: AbortSignal;
}

export async function storeFlags(connection: ImapConnection, { uids, verb, flags, signal }: StoreAsked): Promise<void> {
  if (flags.length === 0) return;
  for (const set of setsOf(uids)) await connection.command('UID STORE', [sequence(set), atom(verb), flags.map(atom)], { signal });
}
