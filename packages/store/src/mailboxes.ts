import type { AccountId, MailboxId, MailboxRole, ModSeq, ThreadId, Uid } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** What an account counts up; each of them only grows. */
export interface MailAccountRow {
  readonly modSeq: ModSeq;
  /** What was expunged up to this change is no longer told. */
  readonly forgottenModSeq: ModSeq;
  /** The last one that was given to a mailbox. */
  readonly uidValidity: number;
  readonly nextThread: ThreadId;
}

export interface MailboxRow {
  readonly id: MailboxId;
  readonly account: AccountId;
  /** Parts joined by `/`. */
  readonly name: string;
  readonly role?: MailboxRole;
  readonly isSubscribed: boolean;
  /** RFC 8621 2. Undefined: nobody said. */
  readonly sortOrder?: number;
  readonly uidValidity: number;
  readonly uidNext: Uid;
  readonly total: number;
  readonly unseen: number;
  readonly sizeBytes: number;
  readonly createdModSeq: ModSeq;
  /** The last change of name, role, subscription or order. */
  readonly modSeq: ModSeq;
  /** The last change of anything in it: IMAP's HIGHESTMODSEQ. */
  readonly highestModSeq: ModSeq;
}

export interface MailboxGoneRow {
  readonly id: MailboxId;
  readonly name: string;
  readonly uidValidity: number;
  readonly createdModSeq: ModSeq;
  readonly modSeq: ModSeq;
}

type StoredMailbox = Omit<MailboxRow, 'role' | 'isSubscribed' | 'sortOrder'> & {
  readonly role: MailboxRole | null;
  readonly isSubscribed: number;
  readonly sortOrder: number | null;
};

const COLUMNS = `id, account_id AS account, name, role, subscribed AS isSubscribed, sort_order AS sortOrder, uid_validity AS uidValidity, uid_next AS uidNext, total, unseen,
  size_bytes AS sizeBytes, created_modseq AS createdModSeq, modseq AS modSeq, highest_modseq AS highestModSeq`;

/** Undefined: nothing was ever mirrored. */
export function findMailAccount(reader: Reader, account: AccountId): MailAccountRow | undefined {
  return reader.get<MailAccountRow>(
    `SELECT modseq AS modSeq, forgotten_modseq AS forgottenModSeq, uid_validity AS uidValidity, next_thread AS nextThread
     FROM mail_account WHERE account_id = ?`,
    account,
  );
}

export function insertMailAccount(tx: Tx, account: AccountId): void {
  tx.run(
    'INSERT INTO mail_account (account_id) SELECT id FROM account WHERE id = ? AND leaving_at_ms IS NULL ON CONFLICT DO NOTHING',
    account,
  );
}

export function updateMailAccount(tx: Tx, account: AccountId, row: MailAccountRow): void {
  tx.run(
    'UPDATE mail_account SET modseq = ?, forgotten_modseq = ?, uid_validity = ?, next_thread = ? WHERE account_id = ?',
    row.modSeq,
    row.forgottenModSeq,
    row.uidValidity,
    row.nextThread,
    account,
  );
}

/** By name. Index UNIQUE (account_id, name). */
export function listMailboxes(reader: Reader, account: AccountId): MailboxRow[] {
  return reader.all<StoredMailbox>(`SELECT ${COLUMNS} FROM mailbox WHERE account_id = ? ORDER BY name`, account).map(mailboxFrom);
}

export function countMailboxes(reader: Reader, account: AccountId): number {
  return reader.get<{ n: number }>('SELECT count(*) AS n FROM mailbox WHERE account_id = ?', account)?.n ?? 0;
}

export function findMailbox(reader: Reader, id: MailboxId): MailboxRow | undefined {
  const row = reader.get<StoredMailbox>(`SELECT ${COLUMNS} FROM mailbox WHERE id = ?`, id);
  return row && mailboxFrom(row);
}

/** All that most looks at a mailbox are for. Undefined: it is gone, or its UIDs have been given anew. */
export function highestModSeqOf(reader: Reader, { id, uidValidity }: Pick<MailboxRow, 'id' | 'uidValidity'>): ModSeq | undefined {
  return reader.column<ModSeq>('SELECT highest_modseq FROM mailbox WHERE id = ? AND uid_validity = ?', id, uidValidity)[0];
}

export function findMailboxByName(reader: Reader, account: AccountId, name: string): MailboxRow | undefined {
  const row = reader.get<StoredMailbox>(`SELECT ${COLUMNS} FROM mailbox WHERE account_id = ? AND name = ?`, account, name);
  return row && mailboxFrom(row);
}

export function findMailboxByRole(reader: Reader, account: AccountId, role: MailboxRole): MailboxRow | undefined {
  const row = reader.get<StoredMailbox>(`SELECT ${COLUMNS} FROM mailbox WHERE account_id = ? AND role = ?`, account, role);
  return row && mailboxFrom(row);
}

/** Those below it, at any depth. Index UNIQUE (account_id, name): `0` is what comes after `/`. */
export function listMailboxesBelow(reader: Reader, account: AccountId, name: string): MailboxRow[] {
  return reader
    .all<StoredMailbox>(
      `SELECT ${COLUMNS} FROM mailbox WHERE account_id = ? AND name > ? AND name < ? ORDER BY name`,
      account,
      `${name}/`,
      `${name}0`,
    )
    .map(mailboxFrom);
}

export function insertMailbox(
  tx: Tx,
  mailbox: Omit<MailboxRow, 'id' | 'uidNext' | 'total' | 'unseen' | 'sizeBytes' | 'createdModSeq' | 'highestModSeq'>,
): MailboxId {
  return tx.run(
    `INSERT INTO mailbox (account_id, name, role, subscribed, uid_validity, created_modseq, modseq, highest_modseq)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    mailbox.account,
    mailbox.name,
    mailbox.role ?? null,
    mailbox.isSubscribed ? 1 : 0,
    mailbox.uidValidity,
    mailbox.modSeq,
    mailbox.modSeq,
    mailbox.modSeq,
  ).lastId as MailboxId;
}

export function updateMailbox(tx: Tx, mailbox: MailboxRow): void {
  tx.run(
    `UPDATE mailbox SET name = ?, role = ?, subscribed = ?, sort_order = ?, uid_validity = ?, uid_next = ?, total = ?, unseen = ?, size_bytes = ?, modseq = ?,
       highest_modseq = ? WHERE id = ?`,
    mailbox.name,
    mailbox.role ?? null,
    mailbox.isSubscribed ? 1 : 0,
    mailbox.sortOrder ?? null,
    mailbox.uidValidity,
    mailbox.uidNext,
    mailbox.total,
    mailbox.unseen,
    mailbox.sizeBytes,
    mailbox.modSeq,
    mailbox.highestModSeq,
    mailbox.id,
  );
}

/** Its messages must be gone before. */
export function deleteMailboxRow(tx: Tx, mailbox: MailboxRow, gone: { readonly modSeq: ModSeq; readonly atMs: number }): void {
  tx.run('DELETE FROM mailbox WHERE id = ?', mailbox.id);
  tx.run(
    'INSERT INTO mailbox_gone (id, account_id, name, uid_validity, created_modseq, modseq, gone_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
    mailbox.id,
    mailbox.account,
    mailbox.name,
    mailbox.uidValidity,
    mailbox.createdModSeq,
    gone.modSeq,
    gone.atMs,
  );
}

/** The greatest UIDVALIDITY that a deleted mailbox of this name had; 0: none. Index mailbox_gone_name. */
export function lastUidValidityOf(reader: Reader, account: AccountId, name: string): number {
  return (
    reader.get<{ n: number | null }>('SELECT max(uid_validity) AS n FROM mailbox_gone WHERE account_id = ? AND name = ?', account, name)
      ?.n ?? 0
  );
}

/** Index mailbox_gone_modseq. */
export function mailboxesGoneSince(reader: Reader, account: AccountId, since: ModSeq): MailboxGoneRow[] {
  return reader.all(
    `SELECT id, name, uid_validity AS uidValidity, created_modseq AS createdModSeq, modseq AS modSeq
     FROM mailbox_gone WHERE account_id = ? AND modseq > ? ORDER BY modseq`,
    account,
    since,
  );
}

/** What went up to this change is no longer told. */
export function forgetChangesUpTo(tx: Tx, account: AccountId, modSeq: ModSeq): void {
  tx.run('UPDATE mail_account SET forgotten_modseq = max(forgotten_modseq, ?) WHERE account_id = ?', modSeq, account);
}

/** Of all accounts; the greatest change number that went, for each account. */
export function forgetMailboxesGone(tx: Tx, beforeMs: number): { readonly account: AccountId; readonly modSeq: ModSeq }[] {
  const forgotten = tx.all<{ account: AccountId; modSeq: ModSeq }>(
    'SELECT account_id AS account, max(modseq) AS modSeq FROM mailbox_gone WHERE gone_at_ms < ? GROUP BY account_id',
    beforeMs,
  );
  if (forgotten.length > 0) tx.run('DELETE FROM mailbox_gone WHERE gone_at_ms < ?', beforeMs);
  return forgotten;
}

function mailboxFrom({ role, sortOrder, isSubscribed, ...row }: StoredMailbox): MailboxRow {
  return { ...row, ...(role === null ? {} : { role }), ...(sortOrder === null ? {} : { sortOrder }), isSubscribed: isSubscribed === 1 };
}

/** Neither `$seen` nor `$draft`, whose bits are 1 and 16. */
const IS_UNREAD = 'flags & 17 = 0';

/** What is not kept in the row: one look through the mailbox. Not seen and no draft is unread (RFC 8621 2), marked as deleted is not there (4.1.1). */
export function countUnread(
  reader: Reader,
  mailbox: MailboxId,
): { readonly threads: number; readonly unreadThreads: number; readonly unreadMessages: number } {
  const row = reader.get<{ threads: number; unreadThreads: number; unreadMessages: number }>(
    `SELECT count(DISTINCT thread_id) AS threads, count(DISTINCT CASE WHEN ${IS_UNREAD} THEN thread_id END) AS unreadThreads,
       count(CASE WHEN ${IS_UNREAD} THEN 1 END) AS unreadMessages FROM message WHERE mailbox_id = ? AND flags & 8 = 0`,
    mailbox,
  );
  return row ?? { threads: 0, unreadThreads: 0, unreadMessages: 0 };
}
