import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { migrate } from './migrate.ts';

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
