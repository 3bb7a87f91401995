import type { SubmissionId } from '@stopgap/core';
import { attemptFrom, type AttemptRow, type StoredAttempt } from './attempts.ts';
import type { Reader, Tx } from './tx.ts';

export interface SentCopiesRow {
  readonly submission: SubmissionId;
  readonly noted: number;
}

/** One more attempt of this submission was settled, and what is in Sent is to be looked after. */
export function noteSentCopies(tx: Tx, submission: SubmissionId, nowMs: number): void {
  tx.run(
    `INSERT INTO sent_copies (submission_id, not_before_ms) VALUES (?, ?)
     ON CONFLICT (submission_id) DO UPDATE SET not_before_ms = excluded.not_before_ms, noted = noted + 1`,
    submission,
    nowMs,
  );
}

/** Have several attempts come so far that they may have left a copy in Sent? Index attempt_submission. */
export function hasSeveralMarked(reader: Reader, submission: SubmissionId): boolean {
  const row = reader.get<{ n: number }>(
    'SELECT count(*) AS n FROM attempt WHERE submission_id = ? AND marked_at_ms IS NOT NULL',
    submission,
  );
  return row !== undefined && row.n > 1;
}

/** Submissions whose copies upstream are still to be put in order: one row for each that left by several attempts, was refused by JMAP or proven not sent. */
export function openSentCopies(reader: Reader): SubmissionId[] {
  return reader.column('SELECT submission_id FROM sent_copies');
}

/**
 * Did an attempt that may have left a copy in Sent go on after this time, does it still, or is it not known how it ended? Then the copy is its proof.
 * Indexes attempt_submission, recipient_submission.
 */
export function hasMarkedSince(reader: Reader, submission: SubmissionId, sinceMs: number): boolean {
  const row = reader.get<{ n: number }>(
    `SELECT count(*) AS n FROM attempt a WHERE a.submission_id = ? AND a.marked_at_ms IS NOT NULL AND (a.ended_at_ms IS NULL OR a.ended_at_ms >= ?
       OR EXISTS (SELECT 1 FROM recipient r WHERE r.submission_id = a.submission_id AND r.attempt_id = a.id AND r.state IN ('leased', 'unsure')))`,
    submission,
    sinceMs,
  );
  return row !== undefined && row.n > 0;
}

/** Index sent_copies_due. */
export function dueSentCopies(reader: Reader, nowMs: number, limit: number): SentCopiesRow[] {
  return reader.all(
    'SELECT submission_id AS submission, noted FROM sent_copies WHERE not_before_ms <= ? ORDER BY not_before_ms LIMIT ?',
    nowMs,
    limit,
  );
}

export function postponeSentCopies(tx: Tx, row: SentCopiesRow, notBeforeMs: number): void {
  tx.run('UPDATE sent_copies SET not_before_ms = ? WHERE submission_id = ? AND noted = ?', notBeforeMs, row.submission, row.noted);
}

/** Done, unless another attempt was settled since the row was read. */
export function endSentCopies(tx: Tx, row: SentCopiesRow): void {
  tx.run('DELETE FROM sent_copies WHERE submission_id = ? AND noted = ?', row.submission, row.noted);
}

export interface SettledAttempt extends AttemptRow {
  /** Somebody got it by this attempt. */
  readonly hasDelivered: boolean;
}

/** Attempts whose every outcome is on record, oldest first. Once settled they stay so: no recipient comes back to an attempt that it has left. */
export function settledAttemptsOf(reader: Reader, submission: SubmissionId, limit: number): SettledAttempt[] {
  return reader
    .all<StoredAttempt & { readonly delivered: number }>(
      `SELECT a.*, EXISTS (SELECT 1 FROM recipient r WHERE r.submission_id = a.submission_id AND r.attempt_id = a.id AND r.state = 'delivered') AS delivered
       FROM attempt a WHERE a.submission_id = ? AND a.marked_at_ms IS NOT NULL AND a.ended_at_ms IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.submission_id = a.submission_id AND r.attempt_id = a.id AND r.state IN ('leased', 'unsure'))
       ORDER BY a.id LIMIT ?`,
      submission,
      limit,
    )
    .map((row) => ({ ...attemptFrom(row), hasDelivered: row.delivered === 1 }));
}
