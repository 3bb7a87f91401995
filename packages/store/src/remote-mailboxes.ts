import type { AccountId, MailboxId, RemoteMailboxId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** A mailbox as one space of remote ids knows it (packages/mirror/README.md). */
export interface RemoteMailboxRow {
  readonly id: number;
  readonly account: AccountId;
  readonly space: string;
  readonly remoteId: RemoteMailboxId;
  readonly mailbox: MailboxId;
  readonly validity?: string;
  readonly cursor?: string;
  readonly state?: string;
  /** As the last listing told. */
  readonly total: number;
  readonly listedAtMs?: number;
  readonly missedAtMs?: number;
  /** JSON text that only `mirror` reads: why its deletions are held. */
  readonly brake?: string;
}

type Optional = 'validity' | 'cursor' | 'state' | 'listedAtMs' | 'missedAtMs' | 'brake';
type Stored = Omit<RemoteMailboxRow, Optional> & { readonly [Name in Optional]: NonNullable<RemoteMailboxRow[Name]> | null };

const COLUMNS = `id, account_id AS account, space, remote_id AS remoteId, mailbox_id AS mailbox, validity, cursor, state, total,
  listed_at_ms AS listedAtMs, missed_at_ms AS missedAtMs, brake`;

/** Of one space, or of all. Index UNIQUE (account_id, space, remote_id). */
export function listRemoteMailboxes(reader: Reader, account: AccountId, space?: string): RemoteMailboxRow[] {
  const rows =
    space === undefined
      ? reader.all<Stored>(`SELECT ${COLUMNS} FROM remote_mailbox WHERE account_id = ? ORDER BY id`, account)
      : reader.all<Stored>(`SELECT ${COLUMNS} FROM remote_mailbox WHERE account_id = ? AND space = ? ORDER BY id`, account, space);
  return rows.map(remoteMailboxFrom);
}

export function findRemoteMailbox(reader: Reader, id: number): RemoteMailboxRow | undefined {
  const row = reader.get<Stored>(`SELECT ${COLUMNS} FROM remote_mailbox WHERE id = ?`, id);
  return row && remoteMailboxFrom(row);
}

/** Index remote_mailbox_local. */
export function listRemoteMailboxesOf(reader: Reader, mailbox: MailboxId): RemoteMailboxRow[] {
  return reader.all<Stored>(`SELECT ${COLUMNS} FROM remote_mailbox WHERE mailbox_id = ? ORDER BY id`, mailbox).map(remoteMailboxFrom);
}

export function insertRemoteMailbox(tx: Tx, row: Omit<RemoteMailboxRow, 'id'>): number {
  return tx.run(
    `INSERT INTO remote_mailbox (account_id, space, remote_id, mailbox_id, validity, cursor, state, total, listed_at_ms, missed_at_ms, brake)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.account,
    row.space,
    row.remoteId,
    row.mailbox,
    row.validity ?? null,
    row.cursor ?? null,
    row.state ?? null,
    row.total,
    row.listedAtMs ?? null,
    row.missedAtMs ?? null,
    row.brake ?? null,
  ).lastId;
}

/** Everything but its id and account. */
export function updateRemoteMailbox(tx: Tx, row: RemoteMailboxRow): void {
  tx.run(
    `UPDATE remote_mailbox SET space = ?, remote_id = ?, mailbox_id = ?, validity = ?, cursor = ?, state = ?, total = ?, listed_at_ms = ?,
       missed_at_ms = ?, brake = ? WHERE id = ?`,
    row.space,
    row.remoteId,
    row.mailbox,
    row.validity ?? null,
    row.cursor ?? null,
    row.state ?? null,
    row.total,
    row.listedAtMs ?? null,
    row.missedAtMs ?? null,
    row.brake ?? null,
    row.id,
  );
}

/** What was known of its messages goes with it. */
export function deleteRemoteMailbox(tx: Tx, id: number): void {
  tx.run('DELETE FROM remote_mailbox WHERE id = ?', id);
}

function remoteMailboxFrom(row: Stored): RemoteMailboxRow {
  return {
    id: row.id,
    account: row.account,
    space: row.space,
    remoteId: row.remoteId,
    mailbox: row.mailbox,
    total: row.total,
    ...(row.validity === null ? {} : { validity: row.validity }),
    ...(row.cursor === null ? {} : { cursor: row.cursor }),
    ...(row.state === null ? {} : { state: row.state }),
    ...(row.listedAtMs === null ? {} : { listedAtMs: row.listedAtMs }),
    ...(row.missedAtMs === null ? {} : { missedAtMs: row.missedAtMs }),
    ...(row.brake === null ? {} : { brake: row.brake }),
  };
}
