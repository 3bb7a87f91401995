import type { Clock } from '@stopgap/core';
import type { Connections } from './connection.ts';
import type { Tx } from './tx.ts';

/** Of free pages in one transaction: others write between. */
const PAGES_AT_ONCE = 1024;
const LOG_RETRY_MS = 50;
const LOG_LIMIT_MS = 5000;

/**
 * Overwrites what deleted rows have left: the pages that are free (by filling them with zeros once and giving them back), and the log. What is deleted
 * inside a page is overwritten at once (`secure_delete`), so afterwards nothing of it is in the files of the database. VACUUM would do it, too, but keeps
 * everybody from writing for as long as the whole database takes to be copied.
 *
 * False: the log could not be emptied, for others never stopped reading; it is overwritten as the database is used.
 */
export async function scrub(options: {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly write: <T>(job: (tx: Tx) => T) => Promise<T>;
}): Promise<boolean> {
  const { clock, connections, write } = options;
  await write((tx) => tx.run('CREATE TABLE IF NOT EXISTS filler (zeros BLOB NOT NULL) STRICT'));
  let free = await write(freePages);
  // Others may free pages meanwhile; those are not what was deleted before.
  for (let left = free; free > 0 && left > 0; left -= PAGES_AT_ONCE) free = await write(fillSome);
  while ((await write((tx) => tx.run('DELETE FROM filler WHERE rowid = (SELECT max(rowid) FROM filler)').changes)) > 0) {
    // One row at a time.
  }
  await write((tx) => tx.run('DROP TABLE filler'));
  for (let waitedMs = 0; !connections.emptyLog(); waitedMs += LOG_RETRY_MS) {
    if (waitedMs >= LOG_LIMIT_MS) return false;
    await clock.wait(LOG_RETRY_MS);
  }
  return true;
}

/** Returns how many pages are still free. */
function fillSome(tx: Tx): number {
  const free = freePages(tx);
  const pageBytes = tx.get<{ page_size: number }>('PRAGMA page_size')?.page_size ?? 0;
  // A page holds a little less than its size, so the last ones are filled, too, and a few more are made.
  if (free > 0) tx.run('INSERT INTO filler (zeros) VALUES (zeroblob(?))', Math.min(free, PAGES_AT_ONCE) * pageBytes);
  return freePages(tx);
}

function freePages(tx: Tx): number {
  return tx.get<{ freelist_count: number }>('PRAGMA freelist_count')?.freelist_count ?? 0;
}
