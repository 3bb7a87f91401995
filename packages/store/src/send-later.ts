import type { SubmissionId } from '@stopgap/core';
import { releaseHeld } from './recipients.ts';
import type { Reader, Tx } from './tx.ts';

/** Its recipients must be held. */
export function insertSendLater(tx: Tx, submission: SubmissionId, atMs: number): void {
  tx.run('INSERT INTO send_later (submission_id, at_ms) VALUES (?, ?)', submission, atMs);
}

/** When it is to leave; undefined: it does not wait for a time. */
export function findSendLater(reader: Reader, submission: SubmissionId): number | undefined {
  return reader.get<{ atMs: number }>('SELECT at_ms AS atMs FROM send_later WHERE submission_id = ?', submission)?.atMs;
}

/** Whose time has come. Index send_later_at. */
export function dueSendLater(reader: Reader, nowMs: number, limit: number): SubmissionId[] {
  return reader
    .all<{ id: SubmissionId }>('SELECT submission_id AS id FROM send_later WHERE at_ms <= ? ORDER BY at_ms LIMIT ?', nowMs, limit)
    .map(({ id }) => id);
}

/** It may leave, unless a person decided before. */
export function releaseSendLater(tx: Tx, submission: SubmissionId, nowMs: number): void {
  if (deleteSendLater(tx, submission)) releaseHeld(tx, submission, nowMs);
}

/** Its time does not count any more. False: it waited for none. */
export function deleteSendLater(tx: Tx, submission: SubmissionId): boolean {
  return tx.run('DELETE FROM send_later WHERE submission_id = ?', submission).changes > 0;
}
