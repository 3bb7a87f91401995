import { describe, expect, test } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@stopgap/core';
import { tempStore, until } from '@stopgap/testkit';
import Database from 'better-sqlite3';
import { Connections } from './connection.ts';
import { GroupCommit } from './group-commit.ts';
import { openStore } from './store.ts';
import type { Reader, Tx } from './tx.ts';

const note = (tx: Tx, path: string): void => void tx.run('INSERT INTO outage (path, start_ms, reason) VALUES (?, 1, ?)', path, '');
const notes = (reader: Reader): string[] => reader.all<{ path: string }>('SELECT path FROM outage ORDER BY id').map((row) => row.path);

function foreignLock(dataDir: string): Disposable {
  const db = new Database(join(dataDir, 'stopgap.db'));
  db.exec('BEGIN IMMEDIATE');
  return { [Symbol.dispose]: () => void db.close() };
}

describe('group commit', () => {
  test('runs jobs in the order of the calls and answers each with its own value', async () => {
    await using temp = await tempStore();
    const values = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        temp.store.write((tx) => {
          note(tx, `p${index}`);
          return index;
        }),
      ),
    );
    expect(values).toEqual(Array.from({ length: 200 }, (_, index) => index));
    expect(temp.store.read(notes)).toEqual(values.map((index) => `p${index}`));
  });

  test('jobs of one turn share a commit', async () => {
    const home = await mkdtemp(join(tmpdir(), 'stopgap-commit-'));
    const connections = new Connections(join(home, 'x.db'), (db) => void db.exec('CREATE TABLE IF NOT EXISTS t (x)'));
    const commits = new GroupCommit({ clock: systemClock, connections });
    const { db } = connections.writer();
    const versions: unknown[] = [];
    // data_version of another connection moves with every commit that it can see.
    const watcher = new Database(join(home, 'x.db'));
    await Promise.all(Array.from({ length: 50 }, (_, x) => commits.write((tx) => tx.run('INSERT INTO t VALUES (?)', x))));
    versions.push(watcher.pragma('data_version', { simple: true }));
    await commits.write((tx) => tx.run('INSERT INTO t VALUES (50)'));
    versions.push(watcher.pragma('data_version', { simple: true }));
    expect(db.inTransaction).toBe(false);
    expect(Number(versions[1]) - Number(versions[0])).toBe(1);
    expect(connections.reader().get('SELECT count(*) AS n FROM t')).toEqual({ n: 51 });
    watcher.close();
    await commits.close();
    connections.close();
    await rm(home, { recursive: true });
  });

  test('undoes a job that throws, alone', async () => {
    await using temp = await tempStore();
    const results = await Promise.allSettled([
      temp.store.write((tx) => note(tx, 'a')),
      temp.store.write((tx) => {
        note(tx, 'undone');
        throw new Error('no');
      }),
      temp.store.write((tx) => note(tx, 'b')),
    ]);
    expect(results.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(temp.store.read(notes)).toEqual(['a', 'b']);
  });

  test('has committed when the promise resolves, and not before', async () => {
    await using temp = await tempStore();
    const other = new Database(join(temp.dataDir, 'stopgap.db'), { readonly: true });
    const count = () => other.prepare('SELECT count(*) AS n FROM outage').get();
    const writing = temp.store.write((tx) => {
      note(tx, 'a');
      expect(count()).toEqual({ n: 0 });
    });
    await writing;
    expect(count()).toEqual({ n: 1 });
    other.close();
  });

  test('a constraint is a bug of the caller and harms nobody else', async () => {
    await using temp = await tempStore();
    const bad = temp.store.write((tx) => tx.run('INSERT INTO verifier VALUES (?, ?, 1)', 'nobody', 'x'));
    const good = temp.store.write((tx) => note(tx, 'a'));
    await expect(bad).rejects.toMatchObject({ kind: 'bug', code: 'store-constraint' });
    await good;
    expect(temp.store.read(notes)).toEqual(['a']);
  });

  test('waits for a lock that another program gives back', async () => {
    await using temp = await tempStore();
    const lock = foreignLock(temp.dataDir);
    let isDone = false;
    const writing = temp.store.write((tx) => note(tx, 'a')).then(() => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isDone).toBe(false);
    lock[Symbol.dispose]();
    await writing;
    expect(temp.store.read(notes)).toEqual(['a']);
  });

  test('refuses as transient when the lock is kept too long, and then at once, until it is given back', async () => {
    await using temp = await tempStore();
    const lock = foreignLock(temp.dataDir);
    await expect(temp.store.write((tx) => note(tx, 'a'))).rejects.toMatchObject({ kind: 'transient', code: 'store-busy' });
    const startedMs = performance.now();
    await expect(temp.store.write((tx) => note(tx, 'b'))).rejects.toMatchObject({ code: 'store-busy' });
    expect(performance.now() - startedMs).toBeLessThan(1000);
    lock[Symbol.dispose]();
    await temp.store.write((tx) => note(tx, 'c'));
    expect(temp.store.read(notes)).toEqual(['c']);
  });

  test('a full disk refuses the whole commit as store-full, and what comes after room was made is kept', async () => {
    const home = await mkdtemp(join(tmpdir(), 'stopgap-full-'));
    const connections = new Connections(join(home, 'x.db'), (db) => void db.exec('CREATE TABLE IF NOT EXISTS t (x)'));
    const commits = new GroupCommit({ clock: systemClock, connections });
    const { db } = connections.writer();
    const pages = Number(db.pragma('page_count', { simple: true }));
    db.pragma(`max_page_count = ${pages + 4}`);
    const small = commits.write((tx) => tx.run('INSERT INTO t VALUES (1)'));
    const big = commits.write((tx) => tx.run('INSERT INTO t VALUES (zeroblob(1000000))'));
    await expect(big).rejects.toMatchObject({ kind: 'transient', code: 'store-full', reply: 'insufficient system storage' });
    const kept = await small.then(
      () => 1,
      () => 0,
    );
    db.pragma('max_page_count = 100000');
    await commits.write((tx) => tx.run('INSERT INTO t VALUES (zeroblob(1000000))'));
    expect(connections.reader().get('SELECT count(*) AS n FROM t')).toEqual({ n: kept + 1 });
    await commits.close();
    connections.close();
    await rm(home, { recursive: true });
  });

  test('close commits what waits and refuses what comes later', async () => {
    const temp = await tempStore();
    const early = temp.store.write((tx) => note(tx, 'a'));
    const closing = temp.store.close();
    await early;
    await closing;
    await expect(temp.store.write((tx) => note(tx, 'b'))).rejects.toMatchObject({ code: 'store-closed' });
    const again = await openStore({ dataDir: temp.dataDir, clock: systemClock });
    expect(again.read(notes)).toEqual(['a']);
    await again.close();
    await rm(temp.dataDir, { recursive: true });
  });
});

describe('checkpoints', () => {
  test('keep the log from growing without end', async () => {
    await using temp = await tempStore();
    const { statSync } = await import('node:fs');
    for (let i = 0; i < 60; i += 1) {
      await temp.store.write((tx) =>
        tx.run('INSERT INTO blob (hash, size_bytes, bytes) VALUES (?, 1, ?)', `h${i}`, Buffer.alloc(2 * 1024 * 1024, i)),
      );
    }
    // 120 MB went through it.
    expect(statSync(join(temp.dataDir, 'stopgap.db-wal')).size).toBeLessThan(80 * 1024 * 1024);
    expect(temp.store.read((reader) => reader.get('SELECT count(*) AS n FROM blob'))).toEqual({ n: 60 });
  });

  test('settleLog carries the log over, and closing leaves none behind', async () => {
    const temp = await tempStore();
    const { existsSync, statSync } = await import('node:fs');
    const file = join(temp.dataDir, 'stopgap.db');
    await temp.store.write((tx) =>
      tx.run('INSERT INTO blob (hash, size_bytes, bytes) VALUES (?, 1, ?)', 'h', Buffer.alloc(1024 * 1024, 1)),
    );
    expect(statSync(file).size).toBeLessThan(1024 * 1024);
    temp.store.settleLog();
    expect(statSync(file).size).toBeGreaterThan(1024 * 1024);
    await temp.store.close();
    await until(() => !existsSync(`${file}-wal`));
    await rm(temp.dataDir, { recursive: true });
  });
});
