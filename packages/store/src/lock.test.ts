import { expect, test } from 'vitest';
import { tempStore } from '@stopgap/testkit';
import { isServed, lockDataDirectory } from './lock.ts';

test('one data directory has one serve, and the next may come when it is gone', async () => {
  await using temp = await tempStore();
  const lock = lockDataDirectory(temp.dataDir);
  expect(() => lockDataDirectory(temp.dataDir)).toThrow(/Another stopgap already serves .*Stop it first/);
  lock.release();
  lockDataDirectory(temp.dataDir).release();
});

test('whoever only wants to know whether it is served takes no lock', async () => {
  await using temp = await tempStore();
  expect(isServed(temp.dataDir)).toBe(false);
  const lock = lockDataDirectory(temp.dataDir);
  expect(isServed(temp.dataDir)).toBe(true);
  lock.release();
  expect(isServed(temp.dataDir)).toBe(false);
  lockDataDirectory(temp.dataDir).release();
});

test('the lock does not keep anybody from reading and writing the store', async () => {
  await using temp = await tempStore();
  const lock = lockDataDirectory(temp.dataDir);
  await temp.store.write((tx) => tx.run(`INSERT INTO outage (path, start_ms, reason) VALUES ('p', 1, '')`));
  expect(temp.store.read((reader) => reader.get('SELECT count(*) AS n FROM outage'))).toEqual({ n: 1 });
  lock.release();
});
