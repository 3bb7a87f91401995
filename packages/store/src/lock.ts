import { MailError } from '@stopgap/core';
import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isBusy } from './sqlite-error.ts';

/** `mirror`: a `serve` that has this role. */
export type ServedPart = 'serve' | 'mirror';

/**
 * One `serve` per data directory: two would both believe that a lease left over is theirs to give back. The lock is SQLite's own file lock, held
 * in an open exclusive transaction, so the system drops it when the process dies, however it dies.
 */
export function lockDataDirectory(dataDir: string, part: ServedPart = 'serve'): { release(): void } {
  const db = new Database(join(dataDir, `${part}.lock`), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    throw new MailError(
      'permanent',
      `Another stopgap already serves ${dataDir}. Stop it first, or give this one a data directory of its own.`,
      {
        code: 'already-serving',
        cause: error,
      },
    );
  }
  return { release: () => void db.close() };
}

/** Does a `serve` run on this data directory now, or this part of one? It need not be one that answers. */
export function isServed(dataDir: string, part: ServedPart = 'serve'): boolean {
  const file = join(dataDir, `${part}.lock`);
  if (!existsSync(file)) return false;
  const db = new Database(file, { timeout: 0, readonly: true });
  try {
    db.pragma('user_version');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db.close();
  }
}
