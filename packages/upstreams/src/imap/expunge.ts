import type { RemoteMailboxId, RemoteMessageId } from '@stopgap/core';
import { selectToChange, storeFlags } from './change-flags.ts';
import { atom, sequence, type ImapConnection } from './connection.ts';
import { imapError } from './errors.ts';
import { searchUids } from './rows.ts';
import { setsOf, uidsBelow } from './uid-set.ts';

export interface ExpungeAsked {
  readonly mailbox: RemoteMailboxId;
  readonly ids: readonly RemoteMessageId[];
  readonly signal: AbortSignal;
}

/**
 * Exactly these. A server without UIDPLUS only knows EXPUNGE, which takes everything that carries `\Deleted`: when others are marked, these are marked as
 * well, stay, and the call rejects with `others-marked`.
 */
export async function expungeMessages(connection: ImapConnection, { mailbox, ids, signal }: ExpungeAsked): Promise<void> {
  if (ids.length === 0) return;
  const box = await selectToChange(connection, mailbox, signal);
  const uids = uidsBelow(box.uidNext, ids);
  if (uids.length > 0 && !(await removeMarked(connection, uids, signal))) throw othersMarked(connection.host);
}

/** In the mailbox that is open. False: the messages are marked and still there. */
export async function removeMarked(connection: ImapConnection, uids: readonly number[], signal: AbortSignal): Promise<boolean> {
  await storeFlags(connection, { uids, verb: '+FLAGS.SILENT', flags: ['\\Deleted'], signal });
  if (connection.can('UIDPLUS')) {
    for (const set of setsOf(uids)) await connection.command('UID EXPUNGE', [sequence(set)], { signal });
    return true;
  }
  if (await areOthersMarked(connection, uids, signal)) return false;
  await connection.command('EXPUNGE', [], { signal });
  return true;
}

export async function areOthersMarked(connection: ImapConnection, uids: readonly number[], signal: AbortSignal): Promise<boolean> {
  const ours = new Set(uids);
  return [...(await searchUids(connection, { criteria: [atom('DELETED')], signal }))].some((uid) => !ours.has(uid));
}

export function othersMarked(host: string): Error {
  const text = `${host} can only remove all messages that are marked as deleted, and others are marked that were not asked for`;
  return imapError('transient', 'others-marked', text, { class: 'policy', host });
}
