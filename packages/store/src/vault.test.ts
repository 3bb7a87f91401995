import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asId, Secret } from '@stopgap/core';
import { tempStore, type TempStore } from '@stopgap/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCredential, putAccount, putCredential } from './accounts.ts';
import { addVaultKey, openVault, reseal, type SealedCredential, type Vault } from './vault.ts';

const PROVIDER = asId.provider('p');
const idOf = (name: string) => asId.account(`${name}@p.test`);

let temp: TempStore;
beforeEach(async () => {
  temp = await tempStore();
});
afterEach(() => temp.dispose());

const open = (envKey?: Secret): Promise<Vault> =>
  temp.store.read((reader) => openVault({ dataDir: temp.dataDir, reader, ...(envKey ? { envKey } : {}) }));

async function keep(vault: Vault, name: string): Promise<SealedCredential> {
  const sealed = await vault.seal(idOf(name), new Secret(`secret of ${name}`));
  await temp.store.write((tx) => {
    putAccount(tx, { id: idOf(name), address: `${name}@p.test`, provider: PROVIDER, name: '', state: 'active', createdAtMs: 1 });
    putCredential(tx, idOf(name), sealed, 1);
  });
  return sealed;
}

const stored = (name: string): SealedCredential => {
  const found = temp.store.read((reader) => findCredential(reader, idOf(name)));
  if (!found) throw new Error(`no credential of ${name}`);
  return found;
};

test('what was sealed opens again, for the same account, after a new start', async () => {
  await keep(await open(), 'alice');
  const vault = await open();
  expect((await vault.open(idOf('alice'), stored('alice'))).open()).toBe('secret of alice');
});

test('the same password sealed twice looks different', async () => {
  const vault = await open();
  const one = await vault.seal(idOf('alice'), new Secret('x'));
  expect((await vault.seal(idOf('alice'), new Secret('x'))).sealed).not.toBe(one.sealed);
});

test('a row swapped with that of another account is damaged', async () => {
  const vault = await open();
  await keep(vault, 'alice');
  await keep(vault, 'bob');
  await expect(vault.open(idOf('bob'), stored('alice'))).rejects.toMatchObject({ kind: 'auth', code: 'credential-damaged' });
});

test('every flipped bit of a sealed row is noticed', async () => {
  const vault = await open();
  const { keyId, sealed } = await keep(vault, 'alice');
  const parts = sealed.split('.').map((part) => Buffer.from(part, 'base64url'));
  for (const [index, part] of parts.entries()) {
    for (let at = 0; at < part.length; at += 1) {
      const flipped = parts.map((one, other) => (other === index ? Buffer.from(one) : one));
      const bytes = flipped[index];
      if (bytes) bytes[at] = (bytes[at] ?? 0) ^ 1;
      const damaged = flipped.map((one) => one.toString('base64url')).join('.');
      await expect(vault.open(idOf('alice'), { keyId, sealed: damaged })).rejects.toMatchObject({ code: 'credential-damaged' });
    }
  }
});

test('nonsense in a row is damaged, never another error', async () => {
  const vault = await open();
  const { keyId } = await keep(vault, 'alice');
  for (const sealed of ['', '.', '....', 'x'.repeat(1000), '{"alg":"none"}', 'eyJhbGciOiJub25lIn0....']) {
    await expect(vault.open(idOf('alice'), { keyId, sealed })).rejects.toMatchObject({ code: 'credential-damaged' });
  }
  await expect(vault.open(idOf('alice'), { keyId: 'other', sealed: stored('alice').sealed })).rejects.toMatchObject({
    code: 'credential-damaged',
  });
});

test('one damaged row does not keep the relay from starting', async () => {
  const vault = await open();
  for (const name of ['alice', 'bob', 'carol']) await keep(vault, name);
  await temp.store.write((tx) => putCredential(tx, idOf('alice'), { keyId: vault.currentKeyId, sealed: 'broken' }, 2));
  const again = await open();
  expect((await again.open(idOf('bob'), stored('bob'))).open()).toBe('secret of bob');
});

test('a missing, foreign or broken key file refuses the start with a sentence', async () => {
  await keep(await open(), 'alice');
  const file = join(temp.dataDir, 'vault.key');
  const right = await readFile(file, 'utf8');
  await rm(file);
  await expect(open()).rejects.toThrow(/vault\.key is missing\. Bring the key file back/);
  const { current } = JSON.parse(right) as { current: string };
  await writeFile(file, JSON.stringify({ current, keys: { [current]: randomBytes(32).toString('base64') } }));
  await expect(open()).rejects.toThrow(/does not open the stored credentials/);
  await writeFile(file, JSON.stringify({ current: 'b', keys: { b: randomBytes(32).toString('base64') } }));
  await expect(open()).rejects.toThrow(/which is not in vault\.key/);
  await writeFile(file, JSON.stringify({ current, keys: { [current]: 'short' } }));
  await expect(open()).rejects.toThrow(/is not 32 bytes in base64/);
  await rm(file);
  await expect(open(new Secret(randomBytes(32).toString('base64')))).rejects.toThrow(/which is not in vault\.key/);
  await writeFile(file, right);
  await open();
});

test('a rotation that dies at any row is resumed by the next one, and no row is unreadable in between', async () => {
  const before = await open();
  const names = Array.from({ length: 7 }, (_, index) => `user${index}`);
  for (const name of names) await keep(before, name);
  const fresh = await addVaultKey(temp.dataDir);
  for (let steps = 0; steps < names.length; steps += 1) {
    // Each step in a vault of its own: the process before it was killed.
    const vault = await open();
    expect(vault.currentKeyId).toBe(fresh);
    await reseal(vault, temp.store, 1);
    for (const name of names) expect((await vault.open(idOf(name), stored(name))).open()).toBe(`secret of ${name}`);
  }
  const vault = await open();
  expect(await reseal(vault, temp.store)).toEqual({ resealed: 0, damaged: 0 });
  expect(names.map((name) => stored(name).keyId)).toEqual(names.map(() => fresh));
});

test('a password that changes during a rotation is not overwritten by the old one', async () => {
  await keep(await open(), 'alice');
  await addVaultKey(temp.dataDir);
  const vault = await open();
  const newer = await vault.seal(idOf('alice'), new Secret('newer'));
  const meddling: Vault = {
    ...vault,
    async seal(account, password) {
      await temp.store.write((tx) => putCredential(tx, idOf('alice'), newer, 2));
      return vault.seal(account, password);
    },
  };
  await reseal(meddling, temp.store);
  expect((await vault.open(idOf('alice'), stored('alice'))).open()).toBe('newer');
});

test('a running relay reads what another process sealed with a key that is newer than its start', async () => {
  const running = await open();
  await keep(running, 'alice');
  await addVaultKey(temp.dataDir);
  expect(await reseal(await open(), temp.store)).toEqual({ resealed: 1, damaged: 0 });
  expect((await running.open(idOf('alice'), stored('alice'))).open()).toBe('secret of alice');
});

test('a key from the environment takes over from the file, and a damaged row does not stop it', async () => {
  const before = await open();
  await keep(before, 'alice');
  await keep(before, 'bob');
  await temp.store.write((tx) => tx.run("UPDATE credential SET sealed = 'damaged' WHERE account_id = ?", idOf('bob')));
  const vault = await open(new Secret(randomBytes(32).toString('base64')));
  expect(await reseal(vault, temp.store)).toEqual({ resealed: 1, damaged: 1 });
  expect(stored('alice').keyId).toBe(vault.currentKeyId);
  expect((await vault.open(idOf('alice'), stored('alice'))).open()).toBe('secret of alice');
});
