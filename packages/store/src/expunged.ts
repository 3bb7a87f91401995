import type { AccountId, BlobId, MailboxId, MessageId, ModSeq, Uid } from '@stopgap/core';
import type { MessageRow } from './messages.ts';
import type { MessageView } from './message-views.ts';
import type { Reader, Tx } from './tx.ts';

/** Who did it; `moved`: the message went on to another mailbox, only this UID is gone. */
export type ExpungedBy = 'here' | 'upstream' | 'moved';

/** A UID that is gone. */
export interface ExpungedRow {
  readonly message: MessageId;
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly uid: Uid;
  readonly createdModSeq: ModSeq;
  readonly modSeq: ModSeq;
  readonly expungedAtMs: number;
  readonly by: ExpungedBy;
}

/** What brings a message back. */
export interface KeptMessage {
  readonly message: MessageRow;
  readonly view: MessageView;
}

const COLUMNS = `message_id AS message, account_id AS account, mailbox_id AS mailbox, uid, created_modseq AS createdModSeq, modseq AS modSeq,
  expunged_at_ms AS expungedAtMs, by`;

export function insertExpunged(tx: Tx, row: ExpungedRow, kept: KeptMessage | undefined): void {
  tx.run(
    `INSERT INTO expunged (message_id, account_id, mailbox_id, uid, created_modseq, modseq, expunged_at_ms, by, blob_id, kept)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.message,
    row.account,
    row.mailbox,
    row.uid,
    row.createdModSeq,
    row.modSeq,
    row.expungedAtMs,
    row.by,
    kept?.message.blob?.id ?? null,
    kept === undefined ? null : JSON.stringify(kept),
  );
}

/** An expunged message that can be restored. */
export interface KeptRow extends ExpungedRow {
  /** Its place among equals of `modSeq`. */
  readonly row: number;
  readonly kept: KeptMessage;
  /** Somebody asked for it to be restored then, and it has not been done yet. */
  readonly wantedAtMs?: number;
  /** Into this mailbox. Undefined: where it was. */
  readonly wantedIn?: string;
}

type StoredKept = ExpungedRow & {
  readonly row: number;
  readonly kept: string;
  readonly wantedAtMs: number | null;
  readonly wantedIn: string | null;
};

const KEPT_COLUMNS = `${COLUMNS}, id AS row, kept, wanted_at_ms AS wantedAtMs, wanted_in AS wantedIn`;

/** The message as it was when it was expunged. Index expunged_message. */
export function findKept(reader: Reader, id: MessageId): KeptRow | undefined {
  const row = reader.get<StoredKept>(`SELECT ${KEPT_COLUMNS} FROM expunged WHERE message_id = ? AND kept IS NOT NULL`, id);
  return row && keptFrom(row);
}

/** The last deletion first, a page at a time; `before`: the last one of the page before. Index expunged_modseq. */
export function listKept(
  reader: Reader,
  account: AccountId,
  page: {
    readonly before?: Pick<KeptRow, 'modSeq' | 'row'> | undefined;
    /** Expunged then or later. */
    readonly sinceMs?: number;
    readonly mailboxes?: readonly MailboxId[];
    readonly limit: number;
  },
): KeptRow[] {
  const { before, mailboxes } = page;
  const place = mailboxes === undefined ? '? IS NULL' : 'mailbox_id IN (SELECT value FROM json_each(?))';
  return reader
    .all<StoredKept>(
      `SELECT ${KEPT_COLUMNS} FROM expunged WHERE account_id = ? AND (modseq, id) < (?, ?) AND kept IS NOT NULL AND expunged_at_ms >= ? AND ${place}
       ORDER BY modseq DESC, id DESC LIMIT ?`,
      account,
      before?.modSeq ?? Number.MAX_SAFE_INTEGER,
      before?.row ?? 0,
      page.sinceMs ?? 0,
      mailboxes === undefined ? null : JSON.stringify(mailboxes),
      page.limit,
    )
    .map(keptFrom);
}

/** The message is back (or gone for good): its UID stays gone. */
export function releaseKept(tx: Tx, id: MessageId): void {
  tx.run(
    `UPDATE expunged SET kept = NULL, blob_id = NULL, wanted_at_ms = NULL, wanted_in = NULL, refused = NULL
     WHERE message_id = ? AND kept IS NOT NULL`,
    id,
  );
}

function keptFrom({ wantedAtMs, wantedIn, ...row }: StoredKept): KeptRow {
  const wanted = { ...(wantedAtMs === null ? {} : { wantedAtMs }), ...(wantedIn === null ? {} : { wantedIn }) };
  return { ...row, kept: JSON.parse(row.kept) as KeptMessage, ...wanted };
}

/** Index expunged_modseq. */
export function expungedSince(reader: Reader, account: AccountId, since: ModSeq, limit: number): ExpungedRow[] {
  return reader.all(`SELECT ${COLUMNS} FROM expunged WHERE account_id = ? AND modseq > ? ORDER BY modseq LIMIT ?`, account, since, limit);
}

/** RFC 7162 3.2.10 VANISHED (EARLIER). Index expunged_mailbox. */
export function uidsExpungedSince(reader: Reader, mailbox: MailboxId, since: ModSeq): Uid[] {
  return reader.column('SELECT uid FROM expunged WHERE mailbox_id = ? AND modseq > ? ORDER BY uid', mailbox, since);
}

export interface AgedRow {
  readonly id: number;
  readonly message: MessageId;
  readonly account: AccountId;
  readonly modSeq: ModSeq;
  readonly blob?: BlobId;
  readonly isKept: boolean;
}

/** The oldest rows from before then, of all accounts, but not what is about to be restored. Index expunged_age. */
export function expungedBefore(reader: Reader, beforeMs: number, limit: number): AgedRow[] {
  return reader
    .all<Omit<AgedRow, 'blob' | 'isKept'> & { readonly blob: BlobId | null; readonly isKept: number }>(
      `SELECT id, message_id AS message, account_id AS account, modseq AS modSeq, blob_id AS blob, kept IS NOT NULL AS isKept
       FROM expunged WHERE expunged_at_ms < ? AND wanted_at_ms IS NULL ORDER BY expunged_at_ms LIMIT ?`,
      beforeMs,
      limit,
    )
    .map(({ blob, isKept, ...row }) => ({ ...row, ...(blob === null ? {} : { blob }), isKept: isKept === 1 }));
}

export function deleteExpunged(tx: Tx, id: number): void {
  tx.run('DELETE FROM expunged WHERE id = ?', id);
}
