import type { Outage, PathHealth, PathId, PathState, Reason } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

export interface StoredPathHealth extends PathHealth {
  /** The breaker's own state, as JSON text that only `health` reads. */
  readonly breaker: string;
}

interface HealthRow {
  readonly path: PathId;
  readonly state: PathState;
  readonly since_ms: number;
  readonly reason: string | null;
  readonly breaker: string;
  readonly watched_since_ms: number | null;
}

interface OutageRow {
  readonly path: PathId;
  readonly start_ms: number;
  readonly end_ms: number | null;
  readonly reason: string;
}

export function loadPathHealth(reader: Reader): StoredPathHealth[] {
  return reader.all<HealthRow>('SELECT * FROM path_health').map((row) => ({
    path: row.path,
    state: row.state,
    sinceMs: row.since_ms,
    ...(row.reason === null ? {} : { reason: JSON.parse(row.reason) as Reason }),
    breaker: row.breaker,
    ...(row.watched_since_ms === null ? {} : { watchedSinceMs: row.watched_since_ms }),
  }));
}

export function savePathHealth(tx: Tx, health: StoredPathHealth): void {
  tx.run(
    `INSERT INTO path_health (path, state, since_ms, reason, breaker, watched_since_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET state = excluded.state, since_ms = excluded.since_ms, reason = excluded.reason, breaker = excluded.breaker,
       watched_since_ms = excluded.watched_since_ms`,
    health.path,
    health.state,
    health.sinceMs,
    health.reason ? JSON.stringify(health.reason) : null,
    health.breaker,
    health.watchedSinceMs ?? null,
  );
}

/** Harmless when one is open for this path already. */
export function beginOutage(tx: Tx, outage: Omit<Outage, 'endMs'>): void {
  if (tx.get('SELECT 1 FROM outage WHERE path = ? AND end_ms IS NULL', outage.path)) return;
  tx.run('INSERT INTO outage (path, start_ms, reason) VALUES (?, ?, ?)', outage.path, outage.startMs, JSON.stringify(outage.reason));
}

export function endOutage(tx: Tx, path: PathId, endMs: number): void {
  tx.run('UPDATE outage SET end_ms = max(start_ms, ?) WHERE path = ? AND end_ms IS NULL', endMs, path);
}

/** Those that were still going on after `sinceMs`, newest first. */
export function listOutages(reader: Reader, sinceMs: number): Outage[] {
  return reader
    .all<OutageRow>('SELECT path, start_ms, end_ms, reason FROM outage WHERE end_ms IS NULL OR end_ms > ? ORDER BY start_ms DESC', sinceMs)
    .map((row) => ({
      path: row.path,
      startMs: row.start_ms,
      ...(row.end_ms === null ? {} : { endMs: row.end_ms }),
      reason: JSON.parse(row.reason) as Reason,
    }));
}
