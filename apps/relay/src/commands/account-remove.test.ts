import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asId } from '@stopgap/core';
import { expungeMessages } from '@stopgap/mailbox';
import { insertUpload, keepBlob } from '@stopgap/store';
import { expect, test } from 'vitest';
import { ALICE, bench, sha256, type Bench } from '../take-out/test-bench.ts';
import { removeOne } from './account-remove.ts';

const CAROL = asId.account('carol@kept.test');

function big(name: string): Buffer {
  return Buffer.from(`Subject: ${name}\r\n\r\n${`${name} `.repeat(40_000)}\r\n`);
}

/** By the hashes of what is in them. */
function files({ dataDir }: Bench): readonly string[] {
  return readdirSync(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.parentPath.slice(-2) + entry.name)
    .toSorted();
}

test('the files of a removed account go with it, but for those that another account has, too', async () => {
  await using at = await bench();
  await at.addAccount(CAROL);
  const inbox = await at.make('INBOX');
  for (const name of ['one', 'shared']) await at.put(inbox, big(name));
  const gone = await at.put(inbox, big('expunged'));
  await at.mail.write(ALICE, (tx) => expungeMessages(tx, [gone.id], 'here'));
  const writer = at.store.blobs.stage();
  await writer.write(big('shared'));
  const blob = await writer.finish();
  await at.store.write((tx) =>
    insertUpload(tx, { id: 'hers', account: CAROL, blob: keepBlob(tx, blob), type: 'text/plain', createdAtMs: 1 }),
  );
  expect(files(at)).toHaveLength(3);
  await removeOne(ALICE, { store: at.store, dataDir: at.dataDir });
  expect(files(at)).toEqual([sha256(big('shared'))]);
});
