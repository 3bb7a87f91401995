import type { AccountId, AttemptId, NotifyOn, PathId, ProviderName, Reason, RecipientId, SubmissionId } from '@stopgap/core';
import { notifyFrom } from './submissions.ts';
import type { Reader, Tx } from './tx.ts';

/** See the state machine in packages/outbox/src/states.ts. */
export type RecipientState = 'queued' | 'leased' | 'unsure' | 'delivered' | 'rejected' | 'expired' | 'cancelled';

export interface RecipientRow {
  readonly id: RecipientId;
  readonly submission: SubmissionId;
  readonly account: AccountId;
  readonly provider: ProviderName;
  readonly address: string;
  readonly orcpt?: string;
  readonly notify?: readonly NotifyOn[];
  readonly state: RecipientState;
  readonly isHeld: boolean;
  readonly acceptedAtMs: number;
  readonly notBeforeMs: number;
  /** The attempt that holds the lease, or the last one; also the fence: only it may settle this recipient. */
  readonly attempt?: AttemptId;
  /** Attempts that ended without a final answer. */
  readonly tries: number;
  /** How often an unsure attempt without a witness was sent again. */
  readonly resends: number;
  /** A person asked to try now: what happened before does not hold it back. */
  readonly retriedAtMs?: number;
  readonly route?: PathId;
  readonly reason?: Reason;
  readonly finalAtMs?: number;
}

interface Stored {
  readonly id: RecipientId;
  readonly submission_id: SubmissionId;
  readonly account_id: AccountId;
  readonly provider: ProviderName;
  readonly address: string;
  readonly orcpt: string | null;
  readonly notify: string | null;
  readonly state: RecipientState;
  readonly held: number;
  readonly accepted_at_ms: number;
  readonly not_before_ms: number;
  readonly attempt_id: AttemptId | null;
  readonly tries: number;
  readonly resends: number;
  readonly retried_at_ms: number | null;
  readonly route: PathId | null;
  readonly reason: string | null;
  readonly final_at_ms: number | null;
}

/** Submissions of a provider with a recipient that is due, the one that has waited longest first. Index recipient_due. */
export function dueSubmissions(reader: Reader, provider: ProviderName, nowMs: number, limit: number): SubmissionId[] {
  const rows = reader.all<{ submission_id: SubmissionId }>(
    `SELECT submission_id FROM recipient WHERE provider = ? AND state = 'queued' AND held = 0 AND not_before_ms <= ? ORDER BY not_before_ms LIMIT ?`,
    provider,
    nowMs,
    limit,
  );
  return [...new Set(rows.map((row) => row.submission_id))];
}

/** When the next recipient of this provider becomes due; undefined: none waits. Index recipient_due. */
export function nextDueMs(reader: Reader, provider: ProviderName): number | undefined {
  return reader.get<{ not_before_ms: number }>(
    `SELECT not_before_ms FROM recipient WHERE provider = ? AND state = 'queued' AND held = 0 ORDER BY not_before_ms LIMIT 1`,
    provider,
  )?.not_before_ms;
}

export function dueRecipientsOf(reader: Reader, submission: SubmissionId, nowMs: number): RecipientRow[] {
  return reader
    .all<Stored>(
      `SELECT * FROM recipient WHERE submission_id = ? AND state = 'queued' AND held = 0 AND not_before_ms <= ? ORDER BY id`,
      submission,
      nowMs,
    )
    .map(recipientFrom);
}

export function recipientsOf(reader: Reader, submission: SubmissionId): RecipientRow[] {
  return reader.all<Stored>('SELECT * FROM recipient WHERE submission_id = ? ORDER BY id', submission).map(recipientFrom);
}

/** Unsure ones whose settle time has passed. Index recipient_unsure. */
export function dueUnsure(reader: Reader, nowMs: number, limit: number): RecipientRow[] {
  return reader
    .all<Stored>(
      `SELECT * FROM recipient WHERE state = 'unsure' AND held = 0 AND not_before_ms <= ? ORDER BY not_before_ms LIMIT ?`,
      nowMs,
      limit,
    )
    .map(recipientFrom);
}

/** Leases that have run out; `untilMs` of Infinity: all of them, after a start. Index recipient_leased. */
export function leasedUntil(reader: Reader, untilMs: number): (RecipientRow & { readonly isMarked: boolean })[] {
  return reader
    .all<Stored & { marked: number }>(
      `SELECT r.*, (SELECT a.marked_at_ms IS NOT NULL
           AND (a.marked_recipients IS NULL OR r.id IN (SELECT value FROM json_each(a.marked_recipients)))
         FROM attempt a WHERE a.id = r.attempt_id) AS marked
       FROM recipient r WHERE state = 'leased' AND lease_until_ms <= ?`,
      Math.min(untilMs, Number.MAX_SAFE_INTEGER),
    )
    .map((row) => ({ ...recipientFrom(row), isMarked: row.marked === 1 }));
}

/** Waiting ones of a provider, oldest first. Index recipient_age. */
export function oldestWaiting(
  reader: Reader,
  provider: ProviderName,
  acceptedBeforeMs: number,
  after: { readonly atMs: number; readonly id: number },
  limit: number,
): RecipientRow[] {
  return reader
    .all<Stored>(
      `SELECT * FROM recipient WHERE provider = ? AND state = 'queued' AND held = 0 AND accepted_at_ms <= ?
         AND (accepted_at_ms, id) > (?, ?) ORDER BY accepted_at_ms, id LIMIT ?`,
      provider,
      acceptedBeforeMs,
      after.atMs,
      after.id,
      limit,
    )
    .map(recipientFrom);
}

/** Waiting ones about whose delay nobody was told yet. Index recipient_unnoticed. */
export function oldestUnnoticed(
  reader: Reader,
  provider: ProviderName,
  acceptedBeforeMs: number,
  after: { readonly atMs: number; readonly id: number },
  limit: number,
): RecipientRow[] {
  return reader
    .all<Stored>(
      `SELECT * FROM recipient WHERE provider = ? AND state = 'queued' AND held = 0 AND delay_noticed = 0 AND accepted_at_ms <= ?
         AND (accepted_at_ms, id) > (?, ?) ORDER BY accepted_at_ms, id LIMIT ?`,
      provider,
      acceptedBeforeMs,
      after.atMs,
      after.id,
      limit,
    )
    .map(recipientFrom);
}

/** False: it does not wait any more, is held, or was told of. */
export function noteDelayNotice(tx: Tx, id: RecipientId): boolean {
  return (
    tx.run("UPDATE recipient SET delay_noticed = 1 WHERE id = ? AND state = 'queued' AND held = 0 AND delay_noticed = 0", id).changes > 0
  );
}

/** queued -> leased. False when it is no longer queued. */
export function leaseRecipient(
  tx: Tx,
  id: RecipientId,
  lease: { readonly attempt: AttemptId; readonly route: PathId; readonly untilMs: number },
): boolean {
  return (
    tx.run(
      `UPDATE recipient SET state = 'leased', attempt_id = ?, route = ?, lease_until_ms = ? WHERE id = ? AND state = 'queued' AND held = 0`,
      lease.attempt,
      lease.route,
      lease.untilMs,
      id,
    ).changes === 1
  );
}

/** How many recipients this attempt still holds: fewer than it leased means that it was fenced off, or that one was cancelled or is to be. */
export function countLeasedBy(reader: Reader, submission: SubmissionId, attempt: AttemptId): number {
  return (
    reader.get<{ n: number }>(
      `SELECT count(*) AS n FROM recipient WHERE submission_id = ? AND state = 'leased' AND attempt_id = ? AND cancel_asked = 0`,
      submission,
      attempt,
    )?.n ?? 0
  );
}

export interface RecipientMove {
  readonly from: readonly RecipientState[];
  readonly to: RecipientState;
  /** Only if this attempt still holds it. */
  readonly attempt?: AttemptId;
  readonly notBeforeMs?: number;
  readonly reason?: Reason;
  /** A try that ended without a final answer is counted. */
  readonly countsTry?: boolean;
  readonly countsResend?: boolean;
  readonly nowMs: number;
}

const FINAL: ReadonlySet<RecipientState> = new Set(['delivered', 'rejected', 'expired', 'cancelled']);

/** The one statement that changes a state. False when the recipient was in none of the `from` states, or another attempt holds it. */
export function moveRecipient(tx: Tx, id: RecipientId, move: RecipientMove): boolean {
  return (
    tx.run(
      `UPDATE recipient SET state = ?, lease_until_ms = NULL, not_before_ms = coalesce(?, not_before_ms),
         reason = CASE WHEN ? THEN NULL ELSE coalesce(?, reason) END, tries = tries + ?, resends = resends + ?, final_at_ms = ?, held = CASE WHEN ? THEN 0 ELSE held END
       WHERE id = ? AND state IN (SELECT value FROM json_each(?)) AND (? IS NULL OR attempt_id = ?)`,
      move.to,
      move.notBeforeMs ?? null,
      // What once kept it is no news of what has arrived; its attempts still tell.
      move.to === 'delivered' ? 1 : 0,
      move.reason ? JSON.stringify(move.reason) : null,
      move.countsTry ? 1 : 0,
      move.countsResend ? 1 : 0,
      FINAL.has(move.to) ? move.nowMs : null,
      FINAL.has(move.to) ? 1 : 0,
      id,
      JSON.stringify(move.from),
      move.attempt ?? null,
      move.attempt ?? null,
    ).changes === 1
  );
}

/** What may have left, or is leaving, is to be cancelled should it not have left; what held it is of no account then. False: it was so, or it is neither. */
export function askToCancel(tx: Tx, id: RecipientId): boolean {
  return (
    tx.run("UPDATE recipient SET cancel_asked = 1, held = 0 WHERE id = ? AND state IN ('leased', 'unsure') AND cancel_asked = 0", id)
      .changes > 0
  );
}

export function forgetCancelAsked(tx: Tx, id: RecipientId): void {
  tx.run('UPDATE recipient SET cancel_asked = 0 WHERE id = ?', id);
}

/** The submission of a recipient that is to be cancelled; undefined: it is not. */
export function cancelAskedOf(reader: Reader, id: RecipientId): SubmissionId | undefined {
  return reader.get<{ submission: SubmissionId }>('SELECT submission_id AS submission FROM recipient WHERE id = ? AND cancel_asked = 1', id)
    ?.submission;
}

/** Puts off a queued recipient without counting a try. */
export function postponeRecipient(tx: Tx, id: RecipientId, notBeforeMs: number, reason?: Reason): void {
  tx.run(
    `UPDATE recipient SET not_before_ms = ?, reason = coalesce(?, reason) WHERE id = ? AND state = 'queued'`,
    notBeforeMs,
    reason ? JSON.stringify(reason) : null,
    id,
  );
}

export function postponeUnsure(tx: Tx, id: RecipientId, attempt: AttemptId, notBeforeMs: number): void {
  tx.run(`UPDATE recipient SET not_before_ms = ? WHERE id = ? AND state = 'unsure' AND attempt_id = ?`, notBeforeMs, id, attempt);
}

/** Due now, whatever happened before; answers how many. Undefined: all that wait. */
export function retryRecipients(tx: Tx, submission: SubmissionId | undefined, nowMs: number): number {
  if (submission === undefined) {
    return tx.run(`UPDATE recipient SET not_before_ms = ?, retried_at_ms = ? WHERE state = 'queued' AND held = 0`, nowMs, nowMs).changes;
  }
  return tx.run(
    `UPDATE recipient SET not_before_ms = ?, retried_at_ms = ? WHERE submission_id = ? AND state = 'queued' AND held = 0`,
    nowMs,
    nowMs,
    submission,
  ).changes;
}

/** Of one account, all that waits. Index submission_account. */
export function retryRecipientsOf(tx: Tx, account: AccountId, nowMs: number): void {
  tx.run(
    `UPDATE recipient SET not_before_ms = ?, retried_at_ms = ?
     WHERE submission_id IN (SELECT id FROM submission WHERE account_id = ?) AND state = 'queued' AND held = 0`,
    nowMs,
    nowMs,
    account,
  );
}

export function setHeld(tx: Tx, submission: SubmissionId, isHeld: boolean): number {
  return tx.run(
    `UPDATE recipient SET held = ? WHERE submission_id = ? AND held <> ? AND state IN ('queued', 'leased', 'unsure')`,
    isHeld ? 1 : 0,
    submission,
    isHeld ? 1 : 0,
  ).changes;
}

/** What is held may leave, is due now, and waits from now on: what it was held for counts for no expiry. Answers how many recipients. */
export function releaseHeld(tx: Tx, submission: SubmissionId, nowMs: number): number {
  tx.run('UPDATE recipient SET accepted_at_ms = ? WHERE submission_id = ? AND held = 1', nowMs, submission);
  const released = setHeld(tx, submission, false);
  if (released > 0) retryRecipients(tx, submission, nowMs);
  return released;
}

function recipientFrom(row: Stored): RecipientRow {
  const notify = notifyFrom(row.notify);
  return {
    id: row.id,
    submission: row.submission_id,
    account: row.account_id,
    provider: row.provider,
    address: row.address,
    ...(row.orcpt === null ? {} : { orcpt: row.orcpt }),
    ...(notify === undefined ? {} : { notify }),
    state: row.state,
    isHeld: row.held === 1,
    acceptedAtMs: row.accepted_at_ms,
    notBeforeMs: row.not_before_ms,
    ...(row.attempt_id === null ? {} : { attempt: row.attempt_id }),
    tries: row.tries,
    resends: row.resends,
    ...(row.retried_at_ms === null ? {} : { retriedAtMs: row.retried_at_ms }),
    ...(row.route === null ? {} : { route: row.route }),
    ...(row.reason === null ? {} : { reason: JSON.parse(row.reason) as Reason }),
    ...(row.final_at_ms === null ? {} : { finalAtMs: row.final_at_ms }),
  };
}

/** Makes due what was put off for a reason that no longer holds. Walks only those put off (index recipient_due). */
export function bringForward(tx: Tx, provider: ProviderName, nowMs: number, holdsNoLonger: (reason: Reason) => boolean): number {
  const rows = tx.all<{ id: RecipientId; reason: string | null }>(
    `SELECT id, reason FROM recipient WHERE provider = ? AND state = 'queued' AND held = 0 AND not_before_ms > ?`,
    provider,
    nowMs,
  );
  let moved = 0;
  for (const row of rows) {
    if (row.reason === null || !holdsNoLonger(JSON.parse(row.reason) as Reason)) continue;
    tx.run('UPDATE recipient SET not_before_ms = ? WHERE id = ?', nowMs, row.id);
    moved += 1;
  }
  return moved;
}

/** An unsure attempt of this path is looked into at that time, if it was put off for longer. */
export function bringUnsureForward(tx: Tx, path: PathId, atMs: number): void {
  tx.run(`UPDATE recipient SET not_before_ms = ? WHERE state = 'unsure' AND route = ? AND not_before_ms > ?`, atMs, path, atMs);
}
