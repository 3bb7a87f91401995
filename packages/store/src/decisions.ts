import type { AccountId, Decision, SubmissionId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

export interface DecisionRow {
  /** Undefined: about everything that waited. */
  readonly submission?: SubmissionId;
  readonly account?: AccountId;
  readonly decision: Decision;
  /** How many were changed by it. */
  readonly recipients: number;
  readonly madeAtMs: number;
}

interface Stored {
  readonly id: number;
  readonly submission_id: SubmissionId | null;
  readonly account_id: AccountId | null;
  readonly decision: Decision;
  readonly recipients: number;
  readonly made_at_ms: number;
}

/** In the transaction that does what was decided: commands run in a process of their own, and the running relay tells of them. */
export function noteDecision(tx: Tx, row: Omit<DecisionRow, 'account'>): void {
  const submission = row.submission ?? null;
  tx.run(
    `INSERT INTO decision (submission_id, account_id, decision, recipients, made_at_ms)
     VALUES (?, (SELECT account_id FROM submission WHERE id = ?), ?, ?, ?)`,
    submission,
    submission,
    row.decision,
    row.recipients,
    row.madeAtMs,
  );
}

export function hasDecisions(reader: Reader): boolean {
  return reader.get('SELECT 1 FROM decision LIMIT 1') !== undefined;
}

/** Takes them out, oldest first: whoever gets one tells of it. */
export function takeDecisions(tx: Tx, limit: number): DecisionRow[] {
  const rows = tx.all<Stored>('SELECT * FROM decision ORDER BY id LIMIT ?', limit);
  tx.run('DELETE FROM decision WHERE id <= ?', rows.at(-1)?.id ?? 0);
  return rows.map((row) => ({
    ...(row.submission_id === null ? {} : { submission: row.submission_id }),
    ...(row.account_id === null ? {} : { account: row.account_id }),
    decision: row.decision,
    recipients: row.recipients,
    madeAtMs: row.made_at_ms,
  }));
}

/** They name the account, and nobody is told of them any more. */
export function forgetDecisionsOf(tx: Tx, account: AccountId): void {
  tx.run('DELETE FROM decision WHERE account_id = ?', account);
}
