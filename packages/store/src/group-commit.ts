import { MailError, type Clock } from '@stopgap/core';
import type Database from 'better-sqlite3';
import type { Connections } from './connection.ts';
import { asMailError, isBrokenDescriptor, isBusy } from './sqlite-error.ts';
import type { Tx } from './tx.ts';

/** Jobs in one transaction; bounds how long one commit keeps the event loop. */
const JOBS_PER_COMMIT = 64;
/** So many jobs in one commit mean that more are on their way; */
const CROWD = 4;
/** the next commit waits for them, about as long as a commit takes. Measured with 32 clients: a third more messages in a second. */
const GATHER_MS = 2;
/** Jobs that may wait for their commit; the next one is refused as transient. */
const JOBS_WAITING = 10_000;
/** Another program holds the lock: ask again so often, for so long. */
const BUSY_RETRY_MS = 10;
const BUSY_LIMIT_MS = 5000;

interface Job {
  readonly run: (tx: Tx) => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

type Settled = { readonly job: Job; readonly value: unknown } | { readonly job: Job; readonly error: unknown };

/**
 * Many callers, one fsync: jobs that arrive in the same turn of the event loop share a transaction. Each runs in a savepoint, so a job that
 * throws is undone alone; one that has the transaction to itself needs none, for which SQLite would copy each page that it changes. A promise resolves only
 * after COMMIT has returned, which is after the fsync.
 */
export class GroupCommit {
  readonly #clock: Clock;
  readonly #connections: Connections;
  #jobs: Job[] = [];
  #scheduled = false;
  #closed = false;
  #isCrowded = false;
  #busySinceMs: number | undefined;

  constructor(options: { readonly clock: Clock; readonly connections: Connections }) {
    this.#clock = options.clock;
    this.#connections = options.connections;
  }

  /** @throws (as rejection) what the job throws, or MailError `store-full`, `store-busy`, `store-failed`, `store-closed`: then nothing of it was kept. */
  write<T>(run: (tx: Tx) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) return reject(new MailError('transient', 'The store is closed.', { code: 'store-closed' }));
      if (this.#jobs.length >= JOBS_WAITING) {
        return reject(new MailError('transient', 'Too many writes are waiting for the disk.', { code: 'store-busy' }));
      }
      this.#jobs.push({ run, resolve, reject });
      this.#schedule();
    });
  }

  /** Commits what waits and takes nothing more. */
  async close(): Promise<void> {
    while (this.#jobs.length > 0 || this.#scheduled) await new Promise((resolve) => setImmediate(resolve));
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (this.#isCrowded) setTimeout(() => void this.#flush(), GATHER_MS);
    else setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    const batch = this.#jobs.splice(0, JOBS_PER_COMMIT);
    this.#isCrowded = batch.length >= CROWD;
    for (;;) {
      try {
        const settled = this.#commit(batch);
        this.#busySinceMs = undefined;
        for (const one of settled) {
          if ('error' in one) one.job.reject(asMailError(one.error));
          else one.job.resolve(one.value as never);
        }
        this.#checkpoint();
        break;
      } catch (error) {
        if (isBusy(error) && this.#isPatient()) {
          await this.#clock.wait(BUSY_RETRY_MS);
          continue;
        }
        for (const job of batch) job.reject(asMailError(error));
        break;
      }
    }
    this.#scheduled = false;
    if (this.#jobs.length > 0) this.#schedule();
  }

  /** One limit for all that wait: whoever comes when it is over is refused at once, instead of adding a limit of its own to the queue. */
  #isPatient(): boolean {
    const nowMs = performance.now();
    this.#busySinceMs ??= nowMs;
    return nowMs - this.#busySinceMs < BUSY_LIMIT_MS;
  }

  #commit(batch: readonly Job[]): Settled[] {
    const { db, tx } = this.#connections.writer();
    try {
      tx.run('BEGIN IMMEDIATE');
      const settled =
        batch.length === 1 ? batch.map((job) => ({ job, value: job.run(tx) })) : batch.map((job) => runInSavepoint(db, tx, job));
      tx.run('COMMIT');
      return settled;
    } catch (error) {
      if (isBrokenDescriptor(error)) this.#connections.dropFailedWriter();
      else if (db.inTransaction) tx.run('ROLLBACK');
      throw error;
    }
  }

  /** What was committed is safe in the log, so an error here is nobody's: the next commit tries again, on new descriptors. */
  #checkpoint(): void {
    try {
      this.#connections.checkpoint('when-long');
    } catch {
      // told above
    }
  }
}

function runInSavepoint(db: Database.Database, tx: Tx, job: Job): Settled {
  tx.run('SAVEPOINT job');
  try {
    const value = job.run(tx);
    tx.run('RELEASE job');
    return { job, value };
  } catch (error) {
    // A full disk or an I/O error ends the whole transaction: then nobody's job was kept.
    if (!db.inTransaction || isBrokenDescriptor(error)) throw error;
    tx.run('ROLLBACK TO job');
    tx.run('RELEASE job');
    return { job, error };
  }
}
