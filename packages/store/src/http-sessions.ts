import type { AccountId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

export interface HttpSessionRow {
  readonly id: string;
  readonly account: AccountId;
  /** Of the password's verifier when it was opened (`verifierMark`). */
  readonly verifierMark: string;
  readonly refreshHash: string;
  readonly refreshBefore?: string;
  /** What the browser calls itself; hostile text. */
  readonly agent: string;
  readonly createdAtMs: number;
  readonly renewedAtMs: number;
}

const COLUMNS = `id, account_id AS account, verifier_mark AS verifierMark, refresh_hash AS refreshHash, refresh_before AS refreshBefore, agent,
  created_at_ms AS createdAtMs, renewed_at_ms AS renewedAtMs`;

type Stored = Omit<HttpSessionRow, 'refreshBefore'> & { readonly refreshBefore: string | null };

export function insertHttpSession(tx: Tx, row: HttpSessionRow): void {
  tx.run(
    `INSERT INTO http_session (id, account_id, verifier_mark, refresh_hash, agent, created_at_ms, renewed_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.account,
    row.verifierMark,
    row.refreshHash,
    row.agent,
    row.createdAtMs,
    row.renewedAtMs,
  );
}

export function findHttpSession(reader: Reader, id: string): HttpSessionRow | undefined {
  const row = reader.get<Stored>(`SELECT ${COLUMNS} FROM http_session WHERE id = ?`, id);
  return row && sessionFrom(row);
}

/** Newest first. */
export function listHttpSessions(reader: Reader, account: AccountId): HttpSessionRow[] {
  return reader
    .all<Stored>(`SELECT ${COLUMNS} FROM http_session WHERE account_id = ? ORDER BY renewed_at_ms DESC, id`, account)
    .map(sessionFrom);
}

/** The token before stays good once more. */
export function renewHttpSession(tx: Tx, id: string, renewal: { readonly refreshHash: string; readonly nowMs: number }): void {
  tx.run(
    'UPDATE http_session SET refresh_before = refresh_hash, refresh_hash = ?, renewed_at_ms = ? WHERE id = ?',
    renewal.refreshHash,
    renewal.nowMs,
    id,
  );
}

export function deleteHttpSession(tx: Tx, id: string): boolean {
  return tx.run('DELETE FROM http_session WHERE id = ?', id).changes > 0;
}

/** All of an account; returns how many there were. */
export function deleteHttpSessions(tx: Tx, account: AccountId): number {
  return tx.run('DELETE FROM http_session WHERE account_id = ?', account).changes;
}

/** Keeps the newest so many of an account. */
export function trimHttpSessions(tx: Tx, account: AccountId, most: number): void {
  tx.run(
    `DELETE FROM http_session WHERE id IN
       (SELECT id FROM http_session WHERE account_id = ? ORDER BY renewed_at_ms DESC, id LIMIT -1 OFFSET ?)`,
    account,
    most,
  );
}

/** Those not renewed, or not opened, since. Index http_session_age. */
export function deleteAgedHttpSessions(tx: Tx, before: { readonly renewedMs: number; readonly createdMs: number }): number {
  return tx.run('DELETE FROM http_session WHERE renewed_at_ms < ? OR created_at_ms < ?', before.renewedMs, before.createdMs).changes;
}

function sessionFrom({ refreshBefore, ...row }: Stored): HttpSessionRow {
  return { ...row, ...(refreshBefore === null ? {} : { refreshBefore }) };
}
