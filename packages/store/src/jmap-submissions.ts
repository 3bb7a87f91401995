import type { AccountId, MessageId, SubmissionId, ThreadId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** A submission that came by JMAP: what it was made of. */
export interface JmapSubmissionRow {
  readonly submission: SubmissionId;
  readonly account: AccountId;
  /** May be gone meanwhile. */
  readonly message: MessageId;
  readonly thread: ThreadId;
  /** Of the identity. */
  readonly address: string;
  /** The client's own name for it. */
  readonly key?: string;
  readonly sendAtMs: number;
}

type Stored = Omit<JmapSubmissionRow, 'key'> & { readonly key: string | null };
const COLUMNS =
  'submission_id AS submission, account_id AS account, message_id AS message, thread_id AS thread, address, key, send_at_ms AS sendAtMs';

/** Harmless when it is there already. */
export function insertJmapSubmission(tx: Tx, row: JmapSubmissionRow): void {
  tx.run(
    `INSERT INTO jmap_submission (submission_id, account_id, message_id, thread_id, address, key, send_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
    row.submission,
    row.account,
    row.message,
    row.thread,
    row.address,
    row.key ?? null,
    row.sendAtMs,
  );
}

export function findJmapSubmission(reader: Reader, account: AccountId, id: SubmissionId): JmapSubmissionRow | undefined {
  const row = reader.get<Stored>(`SELECT ${COLUMNS} FROM jmap_submission WHERE submission_id = ? AND account_id = ?`, id, account);
  return row && rowFrom(row);
}

/** Index jmap_submission_key. */
export function findJmapSubmissionByKey(reader: Reader, account: AccountId, key: string): JmapSubmissionRow | undefined {
  const row = reader.get<Stored>(`SELECT ${COLUMNS} FROM jmap_submission WHERE account_id = ? AND key = ?`, account, key);
  return row && rowFrom(row);
}

/** Of an account, newest first. Index submission_account. */
export function listJmapSubmissions(reader: Reader, account: AccountId, limit: number): JmapSubmissionRow[] {
  return reader
    .all<Stored>(
      `SELECT j.submission_id AS submission, j.account_id AS account, j.message_id AS message, j.thread_id AS thread, j.address, j.key,
         j.send_at_ms AS sendAtMs
       FROM submission s JOIN jmap_submission j ON j.submission_id = s.id WHERE s.account_id = ? ORDER BY s.accepted_at_ms DESC, s.id LIMIT ?`,
      account,
      limit,
    )
    .map(rowFrom);
}

export function deleteJmapSubmission(tx: Tx, id: SubmissionId): boolean {
  return tx.run('DELETE FROM jmap_submission WHERE submission_id = ?', id).changes > 0;
}

export interface SubmissionMark {
  readonly id: SubmissionId;
  /** Another one when anything that is shown of it is. */
  readonly mark: string;
}

/** All submissions of an account that are kept, newest first. Index submission_account. */
export function listSubmissionMarks(reader: Reader, account: AccountId, limit: number): SubmissionMark[] {
  return reader.all(
    `SELECT s.id, (SELECT group_concat(r.state || ' ' || r.held || ' ' || r.tries || ' ' || r.not_before_ms || ' ' || ifnull(r.attempt_id, 0) || ' ' ||
       ifnull(r.route, '') || ' ' || length(ifnull(r.reason, ''))) FROM recipient r WHERE r.submission_id = s.id) AS mark
     FROM submission s WHERE s.account_id = ? ORDER BY s.accepted_at_ms DESC, s.id LIMIT ?`,
    account,
    limit,
  );
}

function rowFrom({ key, ...row }: Stored): JmapSubmissionRow {
  return { ...row, ...(key === null ? {} : { key }) };
}
