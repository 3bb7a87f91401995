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
  readonly sendAtMs: number;
  readonly parameters?: EnvelopeParameters;
}

type Parameters = Readonly<Record<string, string | null>>;

/** As the client gave them. */
export interface EnvelopeParameters {
  readonly mailFrom: Parameters | null;
  /** By address; those that have some. */
  readonly rcptTo: Readonly<Record<string, Parameters>>;
}

type Stored = Omit<JmapSubmissionRow, 'parameters'> & { readonly parameters: string | null };
const COLUMNS = `j.submission_id AS submission, j.account_id AS account, j.message_id AS message, j.thread_id AS thread, j.address, j.send_at_ms AS sendAtMs,
  j.parameters`;

/** Harmless when it is there already. */
export function insertJmapSubmission(tx: Tx, row: JmapSubmissionRow): void {
  tx.run(
    `INSERT INTO jmap_submission (submission_id, account_id, message_id, thread_id, address, send_at_ms, parameters)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    row.submission,
    row.account,
    row.message,
    row.thread,
    row.address,
    row.sendAtMs,
    row.parameters === undefined ? null : JSON.stringify(row.parameters),
  );
}

export function findJmapSubmission(reader: Reader, account: AccountId, id: SubmissionId): JmapSubmissionRow | undefined {
  const row = reader.get<Stored>(`SELECT ${COLUMNS} FROM jmap_submission j WHERE submission_id = ? AND account_id = ?`, id, account);
  return row && rowFrom(row);
}

/** `key`: a client's own name for it, one of several. Harmless when it is there already. */
export function insertSubmissionKey(tx: Tx, account: AccountId, key: string, id: SubmissionId): void {
  tx.run('INSERT INTO jmap_submission_key (account_id, key, submission_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', account, key, id);
}

export function findSubmissionByKey(reader: Reader, account: AccountId, key: string): SubmissionId | undefined {
  return reader.get<{ id: SubmissionId }>(
    'SELECT submission_id AS id FROM jmap_submission_key WHERE account_id = ? AND key = ?',
    account,
    key,
  )?.id;
}

/** Of an account, newest first. Index submission_account. */
export function listJmapSubmissions(reader: Reader, account: AccountId, limit: number): JmapSubmissionRow[] {
  return reader
    .all<Stored>(
      `SELECT ${COLUMNS} FROM submission s JOIN jmap_submission j ON j.submission_id = s.id WHERE s.account_id = ? ORDER BY s.accepted_at_ms DESC, s.id LIMIT ?`,
      account,
      limit,
    )
    .map(rowFrom);
}

/** Its keys stay: who asks again by one of them is not to send it again. */
export function deleteJmapSubmission(tx: Tx, id: SubmissionId): boolean {
  return tx.run('DELETE FROM jmap_submission WHERE submission_id = ?', id).changes > 0;
}

export interface SubmissionMark {
  readonly id: SubmissionId;
  /** Another one when anything that is shown of it is, and when it is an EmailSubmission or is none any more. */
  readonly mark: string;
}

/** It came by JMAP, and no client destroyed it. */
export function isJmapMark(mark: string): boolean {
  return mark.startsWith('jmap ');
}

/** All submissions of an account that are kept, newest first. What came into its thread may be a report. Index submission_account, message_thread. */
export function listSubmissionMarks(reader: Reader, account: AccountId, limit: number): SubmissionMark[] {
  return reader.all(
    `SELECT s.id, iif(j.submission_id IS NULL, '', 'jmap ') ||
       (SELECT group_concat(r.state || ' ' || r.held || ' ' || r.tries || ' ' || r.not_before_ms || ' ' || ifnull(r.attempt_id, 0) || ' ' ||
          ifnull(r.route, '') || ' ' || length(ifnull(r.reason, ''))) FROM recipient r WHERE r.submission_id = s.id) || ' ' ||
       (SELECT count(*) FROM submission n WHERE n.dsn_of = s.id) || ' ' ||
       (SELECT count(*) FROM message m WHERE m.account_id = s.account_id AND m.thread_id = j.thread_id) AS mark
     FROM submission s LEFT JOIN jmap_submission j ON j.submission_id = s.id WHERE s.account_id = ? ORDER BY s.accepted_at_ms DESC, s.id LIMIT ?`,
    account,
    limit,
  );
}

function rowFrom({ parameters, ...row }: Stored): JmapSubmissionRow {
  return {
    ...row,
    ...(parameters === null ? {} : { parameters: JSON.parse(parameters) as EnvelopeParameters }),
  };
}
