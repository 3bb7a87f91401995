/*
 * The two connections of one process to its database, and which of them are let go when an fsync fails. A failed fsync is final for its
 * descriptor: the system may have dropped the pages and would call the next one a success (fsyncgate). Closing must run no fsync either, and opening
 * anew must give a new descriptor; both are subtle in SQLite:
 *   the log failed (a commit)       the writer alone goes. The reader's lock keeps its closing from a checkpoint, and keeps the log's index alive:
 *                                   the failed frames are overwritten by the next commit. With nobody left, opening anew would recover them
 *                                   from the page cache as if they were on disk.
 *   the database failed (a checkpoint)  both go. SQLite closes a database's descriptor only with the process's last lock on the file, and until
 *                                   then would hand it to the next connection. The reader goes last and can not write, so it runs no checkpoint.
 *                                   Every frame of the log had its fsync, so recovering it is right, and the next checkpoint writes all pages again.
 * Seen with strace in tests/crash/sync-error.test.ts.
 */
import Database from 'better-sqlite3';
import { txOn, type Reader, type Tx } from './tx.ts';

/** Messages of about 10 KB are the common case: two pages instead of four, and a shallower tree at 300,000 of them. */
const PAGE_BYTES = 8192;
/** The log is carried into the database after so many pages (32 MB): fewer, larger writes than the default of 1000. */
const CHECKPOINT_PAGES = 4000;
/** Without it the log file would keep the size of its worst moment. */
const LOG_KEPT_BYTES = 64 * 1024 * 1024;
/** Of each connection. Behind it is the system's own: four times as much made nothing faster. */
const CACHE_KIB = 4096;
const BUSY_READER_MS = 2000;

export interface Connection {
  readonly db: Database.Database;
  readonly tx: Tx;
}

export class Connections {
  readonly #file: string;
  readonly #onOpen: (db: Database.Database) => void;
  #writer: Connection | undefined;
  #reader: Connection | undefined;

  /** @param onOpen runs on every new writer (migrations) */
  constructor(file: string, onOpen: (db: Database.Database) => void) {
    this.#file = file;
    this.#onOpen = onOpen;
    this.writer();
  }

  writer(): Connection {
    if (!this.#writer) {
      const db = openWriter(this.#file);
      try {
        this.#onOpen(db);
        this.#reader ??= openReader(this.#file);
      } catch (error) {
        db.close();
        throw error;
      }
      this.#writer = { db, tx: txOn(db) };
    }
    return this.#writer;
  }

  /** A second connection, so that a read never sees a transaction that has not been committed. It is there whenever there is a writer. */
  reader(): Reader {
    if (this.#reader) return this.#reader.tx;
    this.writer();
    return this.reader();
  }

  /**
   * Carries the log into the database when it has grown long, or `now`. SQLite's own way of doing this inside COMMIT is switched off, because it
   * keeps a failed fsync to itself and tries it again on the same descriptor.
   * @throws SqliteError; after an I/O error both connections are new ones
   */
  checkpoint(when: 'when-long' | 'now'): void {
    const { db } = this.writer();
    const { log, checkpointed } = state(db, 'NOOP');
    if (log === checkpointed || (when === 'when-long' && log < CHECKPOINT_PAGES)) return;
    try {
      state(db, 'PASSIVE');
    } catch (error) {
      this.#dropWriter();
      this.#dropReader();
      throw error;
    }
  }

  /**
   * Carries the log into the database and cuts it to nothing. False: somebody reads or writes at this moment.
   * @throws as `checkpoint`
   */
  emptyLog(): boolean {
    const { db } = this.writer();
    try {
      return !state(db, 'TRUNCATE').isBusy;
    } catch (error) {
      this.#dropWriter();
      this.#dropReader();
      throw error;
    }
  }

  /** A commit failed with an I/O error. The next use opens a new writer. */
  dropFailedWriter(): void {
    this.#dropWriter();
  }

  /** The writer last: it carries the log over and removes it, unless another process has the store open. */
  close(): void {
    this.#dropReader();
    this.#dropWriter();
  }

  #dropWriter(): void {
    this.#writer?.db.close();
    this.#writer = undefined;
  }

  #dropReader(): void {
    this.#reader?.db.close();
    this.#reader = undefined;
  }
}

/**
 * WAL with synchronous=FULL: measured, every commit survives a power cut; the default (NORMAL) loses them all.
 * The pragmas belong to the connection, so every connection of the program is opened here.
 */
function openWriter(file: string): Database.Database {
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('journal_mode = WAL');
    settle(db);
    db.pragma('wal_autocheckpoint = 0');
    db.pragma(`journal_size_limit = ${LOG_KEPT_BYTES}`);
    db.pragma('foreign_keys = ON');
    // What is deleted is overwritten where that costs no write of its own; whole pages that became free wait for `scrub`.
    db.pragma('secure_delete = FAST');
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

function openReader(file: string): Connection {
  const db = new Database(file, { readonly: true, timeout: BUSY_READER_MS });
  try {
    settle(db);
    // The first read takes the lock that the head of this file speaks of; it is kept until the connection is closed.
    db.pragma('user_version');
  } catch (error) {
    db.close();
    throw error;
  }
  return { db, tx: txOn(db) };
}

function settle(db: Database.Database): void {
  db.pragma('synchronous = FULL');
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma('temp_store = MEMORY');
  if (db.pragma('synchronous', { simple: true }) !== 2) throw new Error('SQLite does not keep synchronous=FULL');
}

interface LogState {
  /** Pages in the log, and how many of them are in the database already. */
  readonly log: number;
  readonly checkpointed: number;
  /** Another connection was in the way. */
  readonly isBusy: boolean;
}

/** NOOP only looks. */
function state(db: Database.Database, mode: 'NOOP' | 'PASSIVE' | 'TRUNCATE'): LogState {
  const [row] = db.pragma(`wal_checkpoint(${mode})`) as { busy: number; log: number; checkpointed: number }[];
  return { log: row?.log ?? 0, checkpointed: row?.checkpointed ?? 0, isBusy: row?.busy === 1 };
}
