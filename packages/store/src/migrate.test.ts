import { asId } from '@stopgap/core';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { listMessageSizes, listUncounted } from './mailbox-scan.ts';
import { updateMissingLineEnds } from './messages.ts';
import { findSubmissionByKey } from './jmap-submissions.ts';
import { migrate, MIGRATIONS } from './migrate.ts';
import { submissionKeys } from './migrations/0017-submission-keys.ts';
import { loadPathHealth } from './path-health.ts';
import { txOn } from './tx.ts';

/** 0011 counts them. */
const WITHOUT_LINE_ENDS = 10;
/** 0013 ends that. */
const WITH_MERGED_THREADS = 12;
/** 0018 gives them a table. */
const WITH_ONE_KEY = MIGRATIONS.indexOf(submissionKeys);
/** 0014 adds it. */
const WITHOUT_WATCHED_SINCE = 13;

/** As a program had left it that knew so many migrations. */
function olderDatabase(migrations: number): Database.Database {
  const db = new Database(':memory:');
  for (const sql of MIGRATIONS.slice(0, migrations)) db.exec(sql);
  db.pragma(`user_version = ${migrations}`);
  db.pragma('foreign_keys = OFF');
  return db;
}

test('a new database gets the schema, and a second run changes nothing', () => {
  const db = new Database(':memory:');
  migrate(db);
  const tables = () => db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'").get();
  const before = tables();
  const version = db.pragma('user_version', { simple: true });
  migrate(db);
  expect(tables()).toEqual(before);
  expect(db.pragma('user_version', { simple: true })).toBe(version);
  db.close();
});

test('a schema from a newer program is refused with a sentence and left alone', () => {
  const db = new Database(':memory:');
  db.pragma('user_version = 9999');
  expect(() => migrate(db)).toThrow(/written by a newer Stopgap .*Start the newer version/);
  expect(db.inTransaction).toBe(false);
  expect(db.pragma('user_version', { simple: true })).toBe(9999);
  db.close();
});

test('messages from before their line ends were counted keep the size they had, until somebody counts', () => {
  const db = olderDatabase(WITHOUT_LINE_ENDS);
  const old = (uid: number, blob: number | null, completeness: string) =>
    db
      .prepare(
        `INSERT INTO message (account_id, mailbox_id, uid, blob_id, blob_bytes, completeness, size_bytes, received_at_ms, saved_at_ms, thread_id,
           created_modseq, modseq)
         VALUES ('a@a.test', 1, ?, ?, 100, ?, 100, 0, 0, 1, 1, 1)`,
      )
      .run(uid, blob, completeness);
  old(1, 11, 'raw');
  old(2, 12, 'rebuilt');
  old(3, 13, 'headers');
  old(4, null, 'headers');
  migrate(db);
  const tx = txOn(db);
  const inbox = asId.mailbox(1);
  const sizes = () => listMessageSizes(tx, inbox, 10).map(({ uid, sizeBytes }) => [uid, sizeBytes]);
  expect(sizes()).toEqual([
    [1, 100],
    [2, 100],
  ]);
  expect(listUncounted(tx, inbox, 10)).toEqual([2, 1]);
  updateMissingLineEnds(tx, { id: asId.message(2), blob: asId.blob(12), bytes: 3 });
  // Other bytes took its place meanwhile.
  updateMissingLineEnds(tx, { id: asId.message(1), blob: asId.blob(99), bytes: 5 });
  expect(sizes()).toEqual([
    [1, 100],
    [2, 103],
  ]);
  expect(listUncounted(tx, inbox, 10)).toEqual([1]);
  db.close();
});

test('what pointed at a thread that had become part of another points at that one', () => {
  const db = olderDatabase(WITH_MERGED_THREADS);
  db.exec(`
    INSERT INTO thread_merged (account_id, thread_id, into_thread_id) VALUES ('a@a.test', 2, 1), ('b@b.test', 3, 1);
    INSERT INTO thread_ref (account_id, ref, thread_id) VALUES ('a@a.test', 10, 1), ('a@a.test', 20, 2), ('a@a.test', 30, 3);
    INSERT INTO thread_subject (account_id, subject, thread_id, at_ms, waits) VALUES ('a@a.test', 10, 2, 0, 0);
    INSERT INTO jmap_submission (submission_id, account_id, message_id, thread_id, address, send_at_ms) VALUES ('s', 'a@a.test', 7, 2, 'a@a.test', 0);
  `);
  migrate(db);
  const threads = (table: string) => db.prepare(`SELECT thread_id FROM ${table} ORDER BY 1`).pluck().all();
  expect([threads('thread_ref'), threads('thread_subject'), threads('jmap_submission')]).toEqual([[1, 1, 3], [1], [1]]);
  db.close();
});

test('a path is watched since the earliest that is known of it', () => {
  const db = olderDatabase(WITHOUT_WATCHED_SINCE);
  db.exec(`
    INSERT INTO path_health (path, state, since_ms, breaker) VALUES ('new', 'up', 50, ''), ('old', 'up', 50, ''), ('unasked', 'unknown', 50, '');
    INSERT INTO outage (path, start_ms, end_ms, reason) VALUES ('old', 20, 30, '{}'), ('old', 40, 50, '{}');
  `);
  migrate(db);
  expect(loadPathHealth(txOn(db)).map(({ path, watchedSinceMs }) => [path, watchedSinceMs])).toEqual([
    ['new', 50],
    ['old', 20],
    ['unasked', undefined],
  ]);
  db.close();
});

test('the one key that a submission had is known still', () => {
  const db = olderDatabase(WITH_ONE_KEY);
  db.exec(`
    INSERT INTO jmap_submission (submission_id, account_id, message_id, thread_id, address, key, send_at_ms)
    VALUES ('s', 'a@a.test', 7, 2, 'a@a.test', 'k', 0), ('t', 'a@a.test', 8, 2, 'a@a.test', NULL, 0);
  `);
  migrate(db);
  const known = (account: string, key: string) => findSubmissionByKey(txOn(db), asId.account(account), key);
  expect([known('a@a.test', 'k'), known('b@b.test', 'k')]).toEqual(['s', undefined]);
  db.close();
});
