import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef, StagedBlob } from '@stopgap/core';
import { tempStore, type TempStore } from '@stopgap/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropBlobIfUnused, keepBlob, removeStrayFiles } from './blobs.ts';

const BIG = 300 * 1024;

let temp: TempStore;
beforeEach(async () => {
  temp = await tempStore();
});
afterEach(() => temp.dispose());

async function stage(bytes: Buffer, pieceBytes = 10_000): Promise<StagedBlob> {
  const writer = temp.store.blobs.stage();
  for (let at = 0; at < bytes.length; at += pieceBytes) await writer.write(bytes.subarray(at, at + pieceBytes));
  return writer.finish();
}

const keep = (blob: StagedBlob): Promise<BlobRef> => temp.store.write((tx) => keepBlob(tx, blob));

async function read(blob: BlobRef): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of temp.store.blobs.open(blob)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test.for([0, 1, 128 * 1024, 128 * 1024 + 1, BIG])('%i bytes come back as they were', async (size) => {
  const bytes = randomBytes(size);
  const blob = await stage(bytes);
  expect(blob.hash).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(blob.file === undefined).toBe(size <= 128 * 1024);
  expect((await read(await keep(blob))).equals(bytes)).toBe(true);
});

test('the same big message twice is one row and one file', async () => {
  const bytes = randomBytes(BIG);
  const [one, two] = await Promise.all([stage(bytes), stage(bytes)]);
  const ref = await keep(one);
  expect(await keep(two)).toEqual(ref);
  expect((await read(ref)).equals(bytes)).toBe(true);
  expect(await readdir(join(temp.dataDir, 'blobs', 'tmp'))).toEqual([]);
});

test('an abandoned message leaves no file behind', async () => {
  const writer = temp.store.blobs.stage();
  await writer.write(randomBytes(BIG));
  expect(await readdir(join(temp.dataDir, 'blobs', 'tmp'))).toHaveLength(1);
  await writer.abort();
  expect(await readdir(join(temp.dataDir, 'blobs', 'tmp'))).toEqual([]);
});

test('a file that went away before its row was written refuses the write as transient', async () => {
  const blob = await stage(randomBytes(BIG));
  await rm(blob.file ?? '');
  await expect(keep(blob)).rejects.toMatchObject({ kind: 'transient' });
});

test('dropping takes row and file, for small and big ones', async () => {
  for (const size of [10, BIG]) {
    const blob = await stage(randomBytes(size));
    const ref = await keep(blob);
    await temp.store.write((tx) => dropBlobIfUnused(tx, temp.dataDir, ref.id));
    await expect(read(ref)).rejects.toMatchObject({ code: 'blob-missing' });
    if (blob.file !== undefined) expect(existsSync(blob.file)).toBe(false);
  }
});

test('what a crash left is removed: half-written files and old files without a row, nothing else', async () => {
  const kept = await stage(randomBytes(BIG));
  await keep(kept);
  const old = await stage(randomBytes(BIG));
  const young = await stage(randomBytes(BIG));
  for (const file of [kept.file, old.file]) await utimes(file ?? '', 1, 1);
  await temp.store.blobs.stage().write(randomBytes(BIG));
  expect(await removeStrayFiles(temp.dataDir, (job) => temp.store.read(job))).toBe(2);
  expect([kept, old, young].map((blob) => existsSync(blob.file ?? ''))).toEqual([true, false, true]);
});
