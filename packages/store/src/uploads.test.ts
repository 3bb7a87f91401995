import { afterEach, beforeEach, expect, test } from 'vitest';
import { asId, systemClock, type BlobRef } from '@stopgap/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putAccount, removeAccount } from './accounts.ts';
import { keepBlob } from './blobs.ts';
import { openStore, type Store } from './store.ts';
import { deleteAgedUploads, findUpload, insertUpload, trimUploads, uploadedBytes } from './uploads.ts';

const ALICE = asId.account('alice@provider.test');
const BOB = asId.account('bob@provider.test');

let dataDir: string;
let store: Store;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stopgap-uploads-'));
  store = await openStore({ dataDir, clock: systemClock });
  await store.write((tx) => {
    for (const id of [ALICE, BOB])
      putAccount(tx, { id, address: id, provider: asId.provider('p'), name: '', state: 'active', createdAtMs: 0 });
  });
});
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function upload(id: string, text: string, atMs: number, account = ALICE): Promise<BlobRef> {
  const writer = store.blobs.stage();
  await writer.write(Buffer.from(text));
  const staged = await writer.finish();
  return await store.write((tx) => {
    const blob = keepBlob(tx, staged);
    insertUpload(tx, { id, account, blob, type: 'text/plain', createdAtMs: atMs });
    return blob;
  });
}

const isKept = (blob: BlobRef): boolean => store.read((reader) => reader.get('SELECT 1 FROM blob WHERE id = ?', blob.id)) !== undefined;

test('what is uploaded is there for its account alone', async () => {
  await upload('u1', 'hello', 1);
  expect(store.read((reader) => findUpload(reader, ALICE, 'u1'))).toMatchObject({ type: 'text/plain', blob: { sizeBytes: 5 } });
  expect(store.read((reader) => findUpload(reader, BOB, 'u1'))).toBeUndefined();
});

test('an old one goes with its bytes, unless something was made of them', async () => {
  const [old, used, young] = [await upload('u1', 'old', 1), await upload('u2', 'used', 1), await upload('u3', 'young', 9)];
  await store.write((tx) =>
    tx.run(
      `INSERT INTO submission (id, account_id, provider, kind, envelope_from, smtp_utf8, eight_bit_mime, message_id, blob_id, size_bytes, helo, protocol,
         fingerprint, accepted_at_ms) VALUES ('s', ?, 'p', 'message', '', 0, 0, '', ?, 4, '', '', '', 0)`,
      ALICE,
      used.id,
    ),
  );
  expect(await store.write((tx) => deleteAgedUploads(tx, 5, 100))).toBe(2);
  expect([old, used, young].map(isKept)).toEqual([false, true, true]);
});

test('past the bound of an account its oldest ones go', async () => {
  const first = await upload('u1', '12345', 1);
  await upload('u2', '12345', 2);
  const theirs = await upload('u3', '12345', 0, BOB);
  await store.write((tx) => trimUploads(tx, ALICE, 7));
  expect(store.read((reader) => uploadedBytes(reader, ALICE))).toBe(5);
  expect([isKept(first), isKept(theirs)]).toEqual([false, true]);
});

test('a removed account leaves none of its bytes', async () => {
  const blob = await upload('u1', 'hello', 1);
  await store.write((tx) => removeAccount(tx, ALICE));
  expect(isKept(blob)).toBe(false);
});
