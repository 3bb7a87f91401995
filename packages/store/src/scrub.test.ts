import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@stopgap/core';
import { tempStore } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { openStore } from './store.ts';
import type { Tx } from './tx.ts';

const SECRET = 'secret@erased.test';

/** How often it stands in the files of the database. */
function found(dataDir: string): number {
  return readdirSync(dataDir)
    .filter((name) => name.startsWith('stopgap.db'))
    .reduce((sum, name) => sum + readFileSync(join(dataDir, name)).toString('latin1').split(SECRET).length - 1, 0);
}

/** Rows of all sizes, every third one of them secret, so that pages are shared and split. */
function fill(tx: Tx): void {
  tx.run('CREATE TABLE pile (id INTEGER PRIMARY KEY, who TEXT NOT NULL, bytes BLOB NOT NULL) STRICT');
  tx.run('CREATE INDEX pile_who ON pile (who, id)');
  for (let n = 0; n < 1500; n++) {
    const who = n % 3 === 0 ? SECRET : `other${n % 7}@kept.test`;
    tx.run('INSERT INTO pile (who, bytes) VALUES (?, ?)', who, Buffer.from(`${who} ${'x'.repeat((n * 7919) % 20_000)}`));
  }
}

test('nothing of what was deleted is left in the files, also while another process has them open', async () => {
  await using temp = await tempStore();
  const { store, dataDir } = temp;
  const serve = await openStore({ dataDir, clock: systemClock });
  try {
    await serve.write(fill);
    serve.settleLog();
    // Some went long ago, by the other process.
    await serve.write((tx) => tx.run('DELETE FROM pile WHERE who = ? AND id % 2 = 0', SECRET));
    await store.write((tx) => tx.run('DELETE FROM pile WHERE who = ?', SECRET));
    expect(found(dataDir)).toBeGreaterThan(0);
    expect(await store.scrub()).toBe(true);
    expect(found(dataDir)).toBe(0);
    expect(statSync(join(dataDir, 'stopgap.db-wal')).size).toBe(0);
    expect(serve.read((reader) => reader.get<{ n: number }>('SELECT count(*) AS n FROM pile'))).toEqual({ n: 1000 });
  } finally {
    await serve.close();
  }
});

test('what is free is used again, so that scrubbing does not make the database grow', async () => {
  await using temp = await tempStore();
  const { store, dataDir } = temp;
  await store.write(fill);
  await store.write((tx) => tx.run('DELETE FROM pile'));
  await store.scrub();
  const size = statSync(join(dataDir, 'stopgap.db')).size;
  for (let n = 0; n < 3; n++) await store.scrub();
  expect(statSync(join(dataDir, 'stopgap.db')).size).toBeLessThan(size + 10 * 8192);
});
