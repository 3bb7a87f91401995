import type { AccountId, PathId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** How far the mirror of an account is; `state`, `progress` and `report` are texts that only `mirror` reads. */
export interface MirrorRow {
  readonly account: AccountId;
  readonly path?: PathId;
  readonly state: string;
  readonly sinceMs: number;
  readonly lastUpdateMs?: number;
  readonly nextAtMs: number;
  /** A person asked for it then. */
  readonly askedAtMs?: number;
  readonly progress?: string;
  readonly report?: string;
}

type Optional = 'path' | 'lastUpdateMs' | 'askedAtMs' | 'progress' | 'report';
type Stored = Omit<MirrorRow, Optional> & { readonly [Name in Optional]: NonNullable<MirrorRow[Name]> | null };

const COLUMNS = `account_id AS account, path, state, since_ms AS sinceMs, last_update_ms AS lastUpdateMs, next_at_ms AS nextAtMs,
  asked_at_ms AS askedAtMs, progress, report`;

export function findMirror(reader: Reader, account: AccountId): MirrorRow | undefined {
  const row = reader.get<Stored>(`SELECT ${COLUMNS} FROM mirror WHERE account_id = ?`, account);
  return row && mirrorFrom(row);
}

export function listMirrors(reader: Reader): MirrorRow[] {
  return reader.all<Stored>(`SELECT ${COLUMNS} FROM mirror ORDER BY account_id`).map(mirrorFrom);
}

/** Those whose turn has come, the longest waiting first. Index mirror_next. */
export function dueMirrors(reader: Reader, nowMs: number, limit: number): MirrorRow[] {
  return reader
    .all<Stored>(`SELECT ${COLUMNS} FROM mirror WHERE next_at_ms <= ? ORDER BY next_at_ms LIMIT ?`, nowMs, limit)
    .map(mirrorFrom);
}

/** Makes it or replaces it. */
export function putMirror(tx: Tx, row: MirrorRow): void {
  tx.run(
    `INSERT OR REPLACE INTO mirror (account_id, path, state, since_ms, last_update_ms, next_at_ms, asked_at_ms, progress, report)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.account,
    row.path ?? null,
    row.state,
    row.sinceMs,
    row.lastUpdateMs ?? null,
    row.nextAtMs,
    row.askedAtMs ?? null,
    row.progress ?? null,
    row.report ?? null,
  );
}

export function deleteMirror(tx: Tx, account: AccountId): void {
  tx.run('DELETE FROM mirror WHERE account_id = ?', account);
}

export interface MirrorCounts {
  /** Accounts by the state of their mirror. */
  readonly accounts: Readonly<Record<string, number>>;
  /** Messages that are here, and as many as the providers showed. */
  readonly messages: number;
  readonly total: number;
  /** Intents that wait. */
  readonly intents: number;
}

/** Of all accounts together. Reads every row of `mirror`: for somebody who asks now and then. */
export function countMirrors(reader: Reader): MirrorCounts {
  const rows = reader.all<{ state: string; accounts: number; messages: number; total: number }>(
    `SELECT state, count(*) AS accounts, coalesce(sum(json_extract(progress, '$.messages')), 0) AS messages,
       coalesce(sum(json_extract(progress, '$.total')), 0) AS total FROM mirror GROUP BY state`,
  );
  const intents = reader.get<{ n: number }>(`SELECT count(*) AS n FROM intent WHERE state IN ('waiting', 'begun')`)?.n ?? 0;
  return {
    accounts: Object.fromEntries(rows.map((row) => [row.state, row.accounts])),
    messages: rows.reduce((sum, row) => sum + row.messages, 0),
    total: rows.reduce((sum, row) => sum + row.total, 0),
    intents,
  };
}

/** A person wants it looked at now. False: it has no mirror. */
export function askForMirror(tx: Tx, account: AccountId, nowMs: number): boolean {
  return tx.run('UPDATE mirror SET asked_at_ms = ?, next_at_ms = ? WHERE account_id = ?', nowMs, nowMs, account).changes > 0;
}

function mirrorFrom(row: Stored): MirrorRow {
  return {
    account: row.account,
    state: row.state,
    sinceMs: row.sinceMs,
    nextAtMs: row.nextAtMs,
    ...(row.path === null ? {} : { path: row.path }),
    ...(row.lastUpdateMs === null ? {} : { lastUpdateMs: row.lastUpdateMs }),
    ...(row.askedAtMs === null ? {} : { askedAtMs: row.askedAtMs }),
    ...(row.progress === null ? {} : { progress: row.progress }),
    ...(row.report === null ? {} : { report: row.report }),
  };
}
