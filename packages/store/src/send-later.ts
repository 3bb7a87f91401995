import type { SubmissionId } from '@stopgap/core';
import { retryRecipients, setHeld } from './recipients.ts';
import type { Reader, Tx } from './tx.ts';

/** Its recipients must be held. */
export function insertSendLater(tx: Tx, submission: SubmissionId, atMs: number): void {
  tx.run('INSERT INTO send_later (submission_id, at_ms) VALUES (?, ?)', submission, atMs);
}

/** Whose time has come. Index send_later_at. */
export function dueSendLater(reader: Reader, nowMs: number, limit: number): SubmissionId[] {
  return reader
    .all<{ id: SubmissionId }>('SELECT submission_id AS id FROM send_later WHERE at_ms <= ? ORDER BY at_ms LIMIT ?', nowMs, limit)
    .map(({ id }) => id);
}

/** It may leave, and waits from now on: what it was held for counts for no expiry. Somebody may have cancelled or released it before. */
export function releaseSendLater(tx: Tx, submission: SubmissionId, nowMs: number): void {
  tx.run('UPDATE recipient SET accepted_at_ms = ? WHERE submission_id = ? AND held = 1', nowMs, submission);
  if (setHeld(tx, submission, false) > 0) retryRecipients(tx, submission, nowMs);
  tx.run('DELETE FROM send_later WHERE submission_id = ?', submission);
}
