/*
 * What was done here and upstream has still to be told. waiting -> begun (written before the call) -> done | failed; a begun one may go back to waiting
 * when it is known that nothing was done. Only a waiting one that was never begun is changed or dropped by what comes later.
 */
import type { AccountId, Flag, IntentId, MailboxId, MessageId, Reason } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** What has to be told. `append`: the message as it is when it is carried, to the mailbox it is in then. `begun`: what is needed to find it if its end is not known. */
export type IntentWork =
  | { readonly kind: 'flags'; readonly add: readonly Flag[]; readonly remove: readonly Flag[] }
  | { readonly kind: 'move'; readonly from: MailboxId; readonly to: MailboxId }
  | { readonly kind: 'append'; readonly begun?: BegunAppend }
  /** `from`: the mailbox where upstream has it. */
  | { readonly kind: 'expunge'; readonly from: MailboxId }
  /** `name`: what it was called then, as in the two below. Undefined: an earlier version left it, and the name of now counts. */
  | { readonly kind: 'create-mailbox'; readonly name?: string }
  | { readonly kind: 'rename-mailbox'; readonly from: string; readonly to: string }
  | { readonly kind: 'delete-mailbox'; readonly name: string }
  | { readonly kind: 'subscribe'; readonly isSubscribed: boolean };

export interface BegunAppend {
  /** Other messages of the same content that were here. */
  readonly equal: readonly MessageId[];
}

const REFUSED = `account_id = ? AND state = 'failed' AND kind = 'append' AND message_id = ?`;

export type IntentState = 'waiting' | 'begun' | 'done' | 'failed';

export interface IntentRow {
  readonly id: IntentId;
  readonly account: AccountId;
  readonly message?: MessageId;
  readonly mailbox?: MailboxId;
  readonly work: IntentWork;
  readonly state: IntentState;
  readonly createdAtMs: number;
  readonly notBeforeMs: number;
  readonly tries: number;
  /** The path that it was last begun on. */
  readonly path?: string;
  readonly reason?: Reason;
  /** It was begun and looked for since then, and nobody can tell how it ended. */
  readonly unclearSinceMs?: number;
  /** It is refused again and again since then. */
  readonly refusedSinceMs?: number;
  readonly endedAtMs?: number;
}

interface Stored {
  readonly id: IntentId;
  readonly account_id: AccountId;
  readonly kind: IntentWork['kind'];
  readonly message_id: MessageId | null;
  readonly mailbox_id: MailboxId | null;
  readonly detail: string;
  readonly state: IntentState;
  readonly created_at_ms: number;
  readonly not_before_ms: number;
  readonly tries: number;
  readonly path: string | null;
  readonly reason: string | null;
  readonly unclear_since_ms: number | null;
  readonly refused_since_ms: number | null;
  readonly ended_at_ms: number | null;
}

export function insertIntent(
  tx: Tx,
  intent: Pick<IntentRow, 'account' | 'message' | 'mailbox' | 'work'> & { readonly nowMs: number },
): IntentId {
  const { kind, ...detail } = intent.work;
  return tx.run(
    `INSERT INTO intent (account_id, kind, message_id, mailbox_id, detail, state, created_at_ms, not_before_ms)
     VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)`,
    intent.account,
    kind,
    intent.message ?? null,
    intent.mailbox ?? null,
    JSON.stringify(detail),
    intent.nowMs,
    intent.nowMs,
  ).lastId as IntentId;
}

export function findIntent(reader: Reader, id: IntentId): IntentRow | undefined {
  const row = reader.get<Stored>('SELECT * FROM intent WHERE id = ?', id);
  return row && intentFrom(row);
}

/** Waiting and begun ones in their order, from behind `after`. Index intent_account, once for each state: else all would be read to be sorted. */
export function openIntents(reader: Reader, account: AccountId, limit: number, after = 0 as IntentId): IntentRow[] {
  const inState = (state: IntentState): string =>
    `SELECT * FROM (SELECT * FROM intent WHERE account_id = ? AND state = '${state}' AND id > ? ORDER BY id LIMIT ?)`;
  const sql = `${inState('waiting')} UNION ALL ${inState('begun')} ORDER BY id LIMIT ?`;
  return reader.all<Stored>(sql, account, after, limit, account, after, limit, limit).map(intentFrom);
}

export function countOpenIntents(reader: Reader, account: AccountId): number {
  return (
    reader.get<{ n: number }>(`SELECT count(*) AS n FROM intent WHERE account_id = ? AND state IN ('waiting', 'begun')`, account)?.n ?? 0
  );
}

/** Refused for good, or decided against; not what `mirror` kept in its place, which is told of itself and was never begun. */
const FAILED = `account_id = ? AND state = 'failed' AND NOT (kind = 'append' AND path IS NULL)`;

/** The last ended first. Index intent_account. */
export function listFailedIntents(reader: Reader, account: AccountId, limit: number): IntentRow[] {
  const sql = `SELECT * FROM intent WHERE ${FAILED} ORDER BY ended_at_ms DESC, id DESC LIMIT ?`;
  return reader.all<Stored>(sql, account, limit).map(intentFrom);
}

/** `lastAtMs`: when the last one ended. Index intent_account. */
export function countFailedIntents(reader: Reader, account: AccountId): { readonly count: number; readonly lastAtMs?: number } {
  const sql = `SELECT count(*) AS n, max(ended_at_ms) AS last FROM intent WHERE ${FAILED}`;
  const { n, last } = reader.get<{ n: number; last: number | null }>(sql, account) ?? { n: 0, last: null };
  return { count: n, ...(last === null ? {} : { lastAtMs: last }) };
}

/** In their order. Index intent_message. */
export function openIntentsOfMessage(reader: Reader, message: MessageId): IntentRow[] {
  return reader
    .all<Stored>(`SELECT * FROM intent WHERE message_id = ? AND state IN ('waiting', 'begun') ORDER BY id`, message)
    .map(intentFrom);
}

/** Those about the mailbox itself, in their order. Index intent_mailbox. */
export function openIntentsOfMailbox(reader: Reader, mailbox: MailboxId): IntentRow[] {
  return reader
    .all<Stored>(`SELECT * FROM intent WHERE mailbox_id = ? AND message_id IS NULL AND state IN ('waiting', 'begun') ORDER BY id`, mailbox)
    .map(intentFrom);
}

/** The last open one that gives or takes the name of a mailbox. Index intent_account. */
export function lastNameIntent(reader: Reader, account: AccountId): IntentRow | undefined {
  const row = reader.get<Stored>(
    `SELECT * FROM intent WHERE account_id = ? AND state IN ('waiting', 'begun')
       AND kind IN ('create-mailbox', 'rename-mailbox', 'delete-mailbox') ORDER BY id DESC LIMIT 1`,
    account,
  );
  return row && intentFrom(row);
}

/** Is a message in it that upstream does not have there yet, because it was added or moved there here? Index intent_mailbox. */
export function isFilledHere(reader: Reader, mailbox: MailboxId): boolean {
  const row = reader.get(
    `SELECT 1 FROM intent WHERE mailbox_id = ? AND state IN ('waiting', 'begun') AND kind IN ('append', 'move') LIMIT 1`,
    mailbox,
  );
  return row !== undefined;
}

/** What it asks for, before anybody has begun it. */
export function updateIntentWork(tx: Tx, id: IntentId, work: IntentWork): void {
  const { kind, ...detail } = work;
  tx.run(`UPDATE intent SET kind = ?, detail = ? WHERE id = ? AND state = 'waiting'`, kind, JSON.stringify(detail), id);
}

/** It came to nothing before anybody began it. */
export function dropIntent(tx: Tx, id: IntentId): void {
  tx.run(`DELETE FROM intent WHERE id = ? AND state = 'waiting'`, id);
}

/** False: it is not waiting (any more). Durable before the call upstream. Unless that is refused as well, it is not refused any more. */
export function beginIntent(tx: Tx, id: IntentId, path: string): boolean {
  const begun = tx.run(
    `UPDATE intent SET state = 'begun', tries = tries + 1, path = ?, refused_since_ms = NULL WHERE id = ? AND state = 'waiting'`,
    path,
    id,
  );
  return begun.changes > 0;
}

/** Known that nothing was done: it waits again. */
export function postponeIntent(
  tx: Tx,
  id: IntentId,
  to: { readonly notBeforeMs: number; readonly reason?: Reason; readonly refusedSinceMs?: number },
): void {
  tx.run(
    `UPDATE intent SET state = 'waiting', not_before_ms = ?, reason = ?, unclear_since_ms = NULL,
       refused_since_ms = coalesce(?, refused_since_ms) WHERE id = ? AND state IN ('waiting', 'begun')`,
    to.notBeforeMs,
    to.reason === undefined ? null : JSON.stringify(to.reason),
    to.refusedSinceMs ?? null,
    id,
  );
}

/** @param end `as`: the message that it came to, where that is another one here */
export function endIntent(
  tx: Tx,
  id: IntentId,
  end: { readonly state: 'done' | 'failed'; readonly nowMs: number; readonly reason?: Reason; readonly as?: MessageId },
): void {
  tx.run(
    `UPDATE intent SET state = ?, ended_at_ms = ?, reason = ?, message_id = coalesce(?, message_id) WHERE id = ?`,
    end.state,
    end.nowMs,
    end.reason === undefined ? null : JSON.stringify(end.reason),
    end.as ?? null,
    id,
  );
}

/** Is it what an append came to, or may come to? Index intent_account. */
export function isAppended(reader: Reader, { account, message }: { readonly account: AccountId; readonly message: MessageId }): boolean {
  return (
    reader.get(
      `SELECT 1 FROM intent WHERE account_id = ? AND state IN ('waiting', 'begun', 'done', 'failed') AND kind = 'append' AND message_id = ? LIMIT 1`,
      account,
      message,
    ) !== undefined
  );
}

/** Was upstream to be given this message, and did not take it? Then it has nothing of it. Index intent_account. */
export function isRefusedUpstream(
  reader: Reader,
  { account, message }: { readonly account: AccountId; readonly message: MessageId },
): boolean {
  return reader.get(`SELECT 1 FROM intent WHERE ${REFUSED} LIMIT 1`, account, message) !== undefined;
}

/** It is to be given once more. */
export function forgetRefusal(tx: Tx, { account, message }: { readonly account: AccountId; readonly message: MessageId }): void {
  tx.run(`DELETE FROM intent WHERE ${REFUSED}`, account, message);
}

/** Not a refusal of what is still here, which is what is known of it. Index intent_ended. */
export function forgetEndedIntents(tx: Tx, beforeMs: number): number {
  return tx.run(
    `DELETE FROM intent WHERE ended_at_ms < ?
       AND NOT (state = 'failed' AND kind = 'append' AND EXISTS (SELECT 1 FROM message m WHERE m.id = message_id))`,
    beforeMs,
  ).changes;
}

function intentFrom(row: Stored): IntentRow {
  return {
    id: row.id,
    account: row.account_id,
    ...(row.message_id === null ? {} : { message: row.message_id }),
    ...(row.mailbox_id === null ? {} : { mailbox: row.mailbox_id }),
    work: { kind: row.kind, ...(JSON.parse(row.detail) as object) } as IntentWork,
    state: row.state,
    createdAtMs: row.created_at_ms,
    notBeforeMs: row.not_before_ms,
    tries: row.tries,
    ...(row.path === null ? {} : { path: row.path }),
    ...(row.reason === null ? {} : { reason: JSON.parse(row.reason) as Reason }),
    ...(row.unclear_since_ms === null ? {} : { unclearSinceMs: row.unclear_since_ms }),
    ...(row.refused_since_ms === null ? {} : { refusedSinceMs: row.refused_since_ms }),
    ...(row.ended_at_ms === null ? {} : { endedAtMs: row.ended_at_ms }),
  };
}
