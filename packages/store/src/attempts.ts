import { asId, type AttemptId, type PathId, type Reason, type RecipientId, type SubmissionId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** The short form of what an attempt gave; recipients hold their own reasons. */
export interface AttemptResult {
  readonly outcome: 'delivered' | 'deferred' | 'rejected' | 'unsure' | 'mixed' | 'lost';
  readonly reason?: Reason;
  readonly leftUntidy?: boolean;
}

export interface AttemptRow {
  readonly id: AttemptId;
  readonly submission: SubmissionId;
  readonly route: PathId;
  readonly startedAtMs: number;
  readonly markedAtMs?: number;
  readonly endedAtMs?: number;
  readonly result?: AttemptResult;
}

export interface StoredAttempt {
  readonly id: AttemptId;
  readonly submission_id: SubmissionId;
  readonly route: PathId;
  readonly started_at_ms: number;
  readonly marked_at_ms: number | null;
  readonly ended_at_ms: number | null;
  readonly result: string | null;
}

export function insertAttempt(
  tx: Tx,
  attempt: { readonly submission: SubmissionId; readonly route: PathId; readonly startedAtMs: number },
): AttemptId {
  return asId.attempt(
    tx.run(
      'INSERT INTO attempt (submission_id, route, started_at_ms) VALUES (?, ?, ?)',
      attempt.submission,
      attempt.route,
      attempt.startedAtMs,
    ).lastId,
  );
}

/** From here on the end of this attempt may be unknown, for these recipients of it; undefined: for all. */
export function markAttempt(tx: Tx, id: AttemptId, mark: { readonly nowMs: number; readonly recipients?: readonly RecipientId[] }): void {
  const recipients = mark.recipients === undefined ? null : JSON.stringify(mark.recipients);
  tx.run('UPDATE attempt SET marked_at_ms = ?, marked_recipients = ? WHERE id = ?', mark.nowMs, recipients, id);
}

/** What is known of its end before that is on record. */
export function noteDoubt(tx: Tx, id: AttemptId, reason: Reason): void {
  tx.run('UPDATE attempt SET result = ? WHERE id = ? AND ended_at_ms IS NULL', JSON.stringify({ outcome: 'unsure', reason }), id);
}

export function endAttempt(tx: Tx, id: AttemptId, nowMs: number, result: AttemptResult): void {
  tx.run('UPDATE attempt SET ended_at_ms = ?, result = ? WHERE id = ?', nowMs, JSON.stringify(result), id);
}

export function findAttempt(reader: Reader, id: AttemptId): AttemptRow | undefined {
  const row = reader.get<StoredAttempt>('SELECT * FROM attempt WHERE id = ?', id);
  return row && attemptFrom(row);
}

/** Newest first. Index attempt_submission. */
export function attemptsOf(reader: Reader, submission: SubmissionId, limit: number): AttemptRow[] {
  return reader
    .all<StoredAttempt>('SELECT * FROM attempt WHERE submission_id = ? ORDER BY id DESC LIMIT ?', submission, limit)
    .map(attemptFrom);
}

export function attemptFrom(row: StoredAttempt): AttemptRow {
  return {
    id: row.id,
    submission: row.submission_id,
    route: row.route,
    startedAtMs: row.started_at_ms,
    ...(row.marked_at_ms === null ? {} : { markedAtMs: row.marked_at_ms }),
    ...(row.ended_at_ms === null ? {} : { endedAtMs: row.ended_at_ms }),
    ...(row.result === null ? {} : { result: JSON.parse(row.result) as AttemptResult }),
  };
}
