import type { Flag, MessageId, RemoteMessageId } from '@stopgap/core';
import { flagsFrom, storedFlags } from './stored-flags.ts';
import type { Reader, Tx } from './tx.ts';

/** Which local message a remote id is. */
export interface RemoteMessageRow {
  readonly remoteMailbox: number;
  readonly remoteId: RemoteMessageId;
  readonly message: MessageId;
  /** As last seen there: the base of a merge. */
  readonly flags: readonly Flag[];
  /** Absent from a listing since. */
  readonly missedAtMs?: number;
}

interface Stored {
  readonly remoteMailbox: number;
  readonly remoteId: RemoteMessageId;
  readonly message: MessageId;
  readonly bits: number;
  readonly keywords: string;
  readonly missedAtMs: number | null;
}

const COLUMNS = `remote_mailbox_id AS remoteMailbox, remote_id AS remoteId, message_id AS message, flags AS bits, keywords, missed_at_ms AS missedAtMs`;

/** All that is known of one mailbox: one scan of the primary key. */
export function listRemoteMessages(reader: Reader, remoteMailbox: number): RemoteMessageRow[] {
  return reader.all<Stored>(`SELECT ${COLUMNS} FROM remote_message WHERE remote_mailbox_id = ?`, remoteMailbox).map(remoteMessageFrom);
}

export function countRemoteMessages(reader: Reader, remoteMailbox: number): number {
  return reader.get<{ n: number }>('SELECT count(*) AS n FROM remote_message WHERE remote_mailbox_id = ?', remoteMailbox)?.n ?? 0;
}

export function findRemoteMessage(reader: Reader, remoteMailbox: number, remoteId: RemoteMessageId): RemoteMessageRow | undefined {
  const row = reader.get<Stored>(
    `SELECT ${COLUMNS} FROM remote_message WHERE remote_mailbox_id = ? AND remote_id = ?`,
    remoteMailbox,
    remoteId,
  );
  return row && remoteMessageFrom(row);
}

/** Every remote id of a local message, in every space. Index remote_message_local. */
export function listRemoteMessagesOf(reader: Reader, message: MessageId): RemoteMessageRow[] {
  return reader.all<Stored>(`SELECT ${COLUMNS} FROM remote_message WHERE message_id = ?`, message).map(remoteMessageFrom);
}

/** Makes it or replaces it. */
export function putRemoteMessage(tx: Tx, row: RemoteMessageRow): void {
  const { bits, keywords } = storedFlags(row.flags);
  tx.run(
    `INSERT OR REPLACE INTO remote_message (remote_mailbox_id, remote_id, message_id, flags, keywords, missed_at_ms) VALUES (?, ?, ?, ?, ?, ?)`,
    row.remoteMailbox,
    row.remoteId,
    row.message,
    bits,
    keywords,
    row.missedAtMs ?? null,
  );
}

export function setRemoteMessageMissed(tx: Tx, remoteMailbox: number, remoteId: RemoteMessageId, missedAtMs: number | undefined): void {
  tx.run(
    'UPDATE remote_message SET missed_at_ms = ? WHERE remote_mailbox_id = ? AND remote_id = ?',
    missedAtMs ?? null,
    remoteMailbox,
    remoteId,
  );
}

export function deleteRemoteMessage(tx: Tx, remoteMailbox: number, remoteId: RemoteMessageId): void {
  tx.run('DELETE FROM remote_message WHERE remote_mailbox_id = ? AND remote_id = ?', remoteMailbox, remoteId);
}

/** All ids of a mailbox are worth nothing any more. */
export function deleteRemoteMessagesIn(tx: Tx, remoteMailbox: number): void {
  tx.run('DELETE FROM remote_message WHERE remote_mailbox_id = ?', remoteMailbox);
}

function remoteMessageFrom(row: Stored): RemoteMessageRow {
  return {
    remoteMailbox: row.remoteMailbox,
    remoteId: row.remoteId,
    message: row.message,
    flags: flagsFrom(row.bits, row.keywords),
    ...(row.missedAtMs === null ? {} : { missedAtMs: row.missedAtMs }),
  };
}
