import Database from 'better-sqlite3';

/** Messages of about 10 KB are the common case: two pages instead of four, and a shallower tree at 300,000 of them. */
const PAGE_BYTES = 8192;
/** The log is carried into the database after so many pages (32 MB): fewer, larger writes than the default of 1000. */
const CHECKPOINT_PAGES = 4000;
/** Without it the log file would keep the size of its worst moment. */
const LOG_KEPT_BYTES = 64 * 1024 * 1024;
const CACHE_KIB = 16 * 1024;
const BUSY_READER_MS = 2000;

/**
 * WAL with synchronous=FULL: measured, every commit survives a power cut; the default (NORMAL) loses them all.
 * The pragmas belong to the connection, so every connection of the program is opened here.
 */
export function openWriter(file: string): Database.Database {
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('journal_mode = WAL');
    settle(db);
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.pragma(`journal_size_limit = ${LOG_KEPT_BYTES}`);
    db.pragma('foreign_keys = ON');
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** A second connection, so that a read never sees a transaction that has not been committed. */
export function openReader(file: string): Database.Database {
  const db = new Database(file, { timeout: BUSY_READER_MS });
  settle(db);
  db.pragma('query_only = ON');
  return db;
}

function settle(db: Database.Database): void {
  db.pragma('synchronous = FULL');
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma('temp_store = MEMORY');
  if (db.pragma('synchronous', { simple: true }) !== 2) throw new Error('SQLite does not keep synchronous=FULL');
}
