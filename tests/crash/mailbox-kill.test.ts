import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asId, systemClock } from '@stopgap/core';
import { openMailboxes } from '@stopgap/mailbox';
import { findKept, findMessage, findMessageView, listMessageFlags, openStore, putAccount, type Store } from '@stopgap/store';
import { expect, test } from 'vitest';
import { randomFrom } from './random.ts';

const ACCOUNT = asId.account('alice@provider.test');
const ROUNDS = process.env['STOPGAP_CRASH'] === 'long' ? 60 : 8;
const LONGEST_LIFE_MS = 300;

test('kill -9 while messages are added, moved and expunged leaves each of them whole or absent, and counts right', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'stopgap-mailbox-kill-'));
  const random = randomFrom(11);
  try {
    const first = await openStore({ dataDir, clock: systemClock });
    await first.write((tx) =>
      putAccount(tx, { id: ACCOUNT, address: ACCOUNT, provider: asId.provider('p'), name: '', state: 'active', createdAtMs: 0 }),
    );
    await first.close();
    const told: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      told.push(...(await lifeOf(dataDir, random() * LONGEST_LIFE_MS)));
      const store = await openStore({ dataDir, clock: systemClock });
      await check(store, dataDir, told);
      await store.close();
    }
    expect(told.length).toBeGreaterThan(ROUNDS);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

/** What it said before it was killed, some time after its first word. */
function lifeOf(dataDir: string, lifeMs: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'change-mail.ts'), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), lifeMs));
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(said.split('\n').slice(0, -1)));
  });
}

async function check(store: Store, dataDir: string, told: readonly string[]): Promise<void> {
  for (const line of told) {
    const [what, id = '', hash] = line.split(' ');
    const message = asId.message(Number(id));
    const row = store.read((reader) => findMessage(reader, message));
    const kept = store.read((reader) => findKept(reader, message));
    // Later words of it may have been cut off, but it is in one of the two places.
    expect([line, row !== undefined, kept !== undefined]).toEqual([line, kept === undefined, row === undefined]);
    if (what === 'expunged') expect(row).toBeUndefined();
    if (what === 'added') expect([line, await hashOf(store, row?.blob ?? kept?.kept.message.blob)]).toEqual([line, hash]);
  }
  const mail = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: 0 });
  for (const mailbox of mail.list(ACCOUNT)) {
    const rows = store.read((reader) => listMessageFlags(reader, mailbox.id));
    const messages = rows.map(({ id }) => store.read((reader) => findMessage(reader, id)));
    expect(mailbox.total).toBe(rows.length);
    expect(mailbox.sizeBytes).toBe(messages.reduce((sum, row) => sum + (row?.sizeBytes ?? 0), 0));
    expect(rows.every(({ id, uid }) => uid < mailbox.uidNext && store.read((reader) => findMessageView(reader, id)) !== undefined)).toBe(
      true,
    );
  }
  await mail.close();
}

async function hashOf(store: Store, blob: Parameters<Store['blobs']['open']>[0] | undefined): Promise<string | undefined> {
  if (!blob) return undefined;
  const sum = createHash('sha256');
  for await (const chunk of store.blobs.open(blob)) sum.update(chunk);
  return sum.digest('hex');
}
