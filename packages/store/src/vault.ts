/*
 * Credentials of users at their provider, sealed at rest. Each is a JWE (RFC 7516, dir + A256GCM, a fresh nonce for each) whose protected header
 * names the key and the account, so a row copied to another account does not open. The keys are in `vault.key` (mode 0600, JSON) or come from the
 * environment; they are never in the database.
 */
import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { MailError, Secret, type AccountId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

const KEY_BYTES = 32;
/** Loaded when it is used: most commands open no credential. */
const jose = () => import('jose');

export interface SealedCredential {
  readonly keyId: string;
  readonly sealed: string;
}

export interface Vault {
  seal(account: AccountId, password: Secret): Promise<SealedCredential>;
  /** @throws MailError `credential-damaged` when the row was changed, belongs to another account or its key is gone. */
  open(account: AccountId, credential: SealedCredential): Promise<Secret>;
  readonly currentKeyId: string;
}

interface KeyFile {
  readonly current: string;
  readonly keys: Readonly<Record<string, string>>;
}

/**
 * Opens the vault, making its key on first use.
 * @param envKey 32 bytes in base64; new credentials are sealed with it, and those of the file's keys stay readable
 * @throws MailError `vault-key` when credentials are stored whose key is not here: starting would only fail later, one log-in at a time
 */
export async function openVault(options: { readonly dataDir: string; readonly envKey?: Secret; readonly reader: Reader }): Promise<Vault> {
  const { dataDir, envKey, reader } = options;
  const keyFile = envKey ? keysFromEnvironment(envKey, await readKeyFile(dataDir)) : await readOrMakeKeys(dataDir, reader);
  const keys = keysIn(keyFile);
  const used = reader.all<{ key_id: string }>('SELECT DISTINCT key_id FROM credential').map((row) => row.key_id);
  const absent = used.filter((id) => !keys.has(id));
  if (absent.length > 0) {
    throw new MailError(
      'permanent',
      `Credentials are sealed with key ${absent.join(', ')}, which is not in vault.key (or STOPGAP_KEY). Bring that key back.`,
      {
        code: 'vault-key',
      },
    );
  }
  const vault = vaultOf(keyFile.current, keys, async () => {
    const file = await readKeyFile(dataDir);
    return file ? keysIn(file) : new Map();
  });
  await proveKeys(vault, reader, used);
  return vault;
}

/** Adds a new current key to the file; `reseal` then moves the rows over. Old keys stay in the file until no row needs them. */
export async function addVaultKey(dataDir: string): Promise<string> {
  const file = await readKeyFile(dataDir);
  if (!file) throw new MailError('permanent', 'There is no vault.key yet: nothing to rotate.', { code: 'vault-key' });
  const made = newKey();
  await writeKeyFile(dataDir, { current: made.id, keys: { ...file.keys, [made.id]: made.text } });
  return made.id;
}

export interface Resealed {
  readonly resealed: number;
  /** Rows that no key opens: their users have to log in once more. */
  readonly damaged: number;
}

const ROWS_AT_ONCE = 100;

/** Seals every row anew that another key than the current one sealed. Safe to stop and to repeat; `limit`: after so many rows. */
export async function reseal(
  vault: Vault,
  store: { read<T>(job: (reader: Reader) => T): T; write<T>(job: (tx: Tx) => T): Promise<T> },
  limit = Infinity,
): Promise<Resealed> {
  let resealed = 0;
  let damagedRows = 0;
  for (let after = ''; ;) {
    const rows = store.read((reader) =>
      reader.all<{ account_id: AccountId; key_id: string; sealed: string }>(
        'SELECT account_id, key_id, sealed FROM credential WHERE account_id > ? AND key_id <> ? ORDER BY account_id LIMIT ?',
        after,
        vault.currentKeyId,
        ROWS_AT_ONCE,
      ),
    );
    for (const row of rows) {
      if (resealed + damagedRows >= limit) return { resealed, damaged: damagedRows };
      if (await resealOne(row, vault, store)) resealed += 1;
      else damagedRows += 1;
      after = row.account_id;
    }
    if (rows.length < ROWS_AT_ONCE) return { resealed, damaged: damagedRows };
  }
}

async function resealOne(
  row: { readonly account_id: AccountId; readonly key_id: string; readonly sealed: string },
  vault: Vault,
  store: { write<T>(job: (tx: Tx) => T): Promise<T> },
): Promise<boolean> {
  let password: Secret;
  try {
    password = await vault.open(row.account_id, { keyId: row.key_id, sealed: row.sealed });
  } catch {
    return false;
  }
  const fresh = await vault.seal(row.account_id, password);
  // Only if nobody changed it meanwhile.
  await store.write((tx) =>
    tx.run(
      'UPDATE credential SET key_id = ?, sealed = ? WHERE account_id = ? AND sealed = ?',
      fresh.keyId,
      fresh.sealed,
      row.account_id,
      row.sealed,
    ),
  );
  return true;
}

type Keys = Map<string, Uint8Array>;

/** @param readAgain a rotation by another process brings keys that were not there at the start */
function vaultOf(currentKeyId: string, keys: Keys, readAgain: () => Promise<Keys>): Vault {
  const keyOf = async (id: string): Promise<Uint8Array | undefined> => {
    if (!keys.has(id)) for (const [name, bytes] of await readAgain()) keys.set(name, bytes);
    return keys.get(id);
  };
  return {
    currentKeyId,
    async seal(account, password) {
      const key = keys.get(currentKeyId);
      if (!key) throw damaged(account);
      const { CompactEncrypt } = await jose();
      const sealed = await new CompactEncrypt(Buffer.from(password.open(), 'utf8'))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: currentKeyId, sub: account })
        .encrypt(key);
      return { keyId: currentKeyId, sealed };
    },
    async open(account, credential) {
      try {
        const key = await keyOf(credential.keyId);
        if (!key) throw damaged(account);
        const { compactDecrypt } = await jose();
        const { plaintext, protectedHeader } = await compactDecrypt(credential.sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        if (protectedHeader['sub'] !== account || protectedHeader.kid !== credential.keyId) throw damaged(account);
        return new Secret(Buffer.from(plaintext).toString('utf8'));
      } catch (error) {
        throw damaged(account, error);
      }
    },
  };
}

function keysIn(file: KeyFile): Keys {
  return new Map(Object.entries(file.keys).map(([id, text]) => [id, keyBytes(id, text)]));
}

/** A wrong key of the right name is found at start, not at the first log-in. */
async function proveKeys(vault: Vault, reader: Reader, keyIds: readonly string[]): Promise<void> {
  for (const id of keyIds) {
    const rows = reader.all<{ account_id: AccountId; sealed: string }>(
      'SELECT account_id, sealed FROM credential WHERE key_id = ? LIMIT 3',
      id,
    );
    const opened = await Promise.allSettled(rows.map((row) => vault.open(row.account_id, { keyId: id, sealed: row.sealed })));
    if (opened.length > 0 && opened.every((one) => one.status === 'rejected')) {
      throw new MailError(
        'permanent',
        `The vault key ${id} does not open the stored credentials: it is not the key they were sealed with.`,
        { code: 'vault-key' },
      );
    }
  }
}

function keysFromEnvironment(envKey: Secret, file: KeyFile | undefined): KeyFile {
  // The id follows from the key, so that another key in the environment is noticed.
  const text = envKey.open();
  const id = `env-${fingerprint(text)}`;
  return { current: id, keys: { ...file?.keys, [id]: text } };
}

async function readOrMakeKeys(dataDir: string, reader: Reader): Promise<KeyFile> {
  const there = await readKeyFile(dataDir);
  if (there) return there;
  if (reader.get('SELECT 1 FROM credential LIMIT 1')) {
    throw new MailError('permanent', `Credentials are stored but ${join(dataDir, 'vault.key')} is missing. Bring the key file back.`, {
      code: 'vault-key',
    });
  }
  const made = newKey();
  const file = { current: made.id, keys: { [made.id]: made.text } };
  await writeKeyFile(dataDir, file);
  return file;
}

async function readKeyFile(dataDir: string): Promise<KeyFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(dataDir, 'vault.key'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (isKeyFile(parsed)) return parsed;
  } catch {
    // told below
  }
  throw new MailError('permanent', `${join(dataDir, 'vault.key')} can not be read as a key file. Restore it from your backup.`, {
    code: 'vault-key',
  });
}

async function writeKeyFile(dataDir: string, file: KeyFile): Promise<void> {
  const name = join(dataDir, 'vault.key');
  const handle = await open(`${name}.new`, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${name}.new`, name);
  const directory = await open(dataDir, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function isKeyFile(value: unknown): value is KeyFile {
  if (typeof value !== 'object' || value === null || !('current' in value) || !('keys' in value)) return false;
  const { current, keys } = value;
  return (
    typeof current === 'string' &&
    typeof keys === 'object' &&
    keys !== null &&
    current in keys &&
    Object.values(keys).every((key) => typeof key === 'string')
  );
}

function newKey(): { readonly id: string; readonly text: string } {
  const text = randomBytes(KEY_BYTES).toString('base64');
  return { id: `${new Date().toISOString().slice(0, 10)}-${fingerprint(text)}`, text };
}

function keyBytes(id: string, text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== KEY_BYTES)
    throw new MailError('permanent', `The vault key ${id} is not ${KEY_BYTES} bytes in base64.`, { code: 'vault-key' });
  return new Uint8Array(bytes);
}

function fingerprint(text: string): string {
  return createHash('sha256').update(`stopgap vault key ${text}`).digest('hex').slice(0, 8);
}

function damaged(account: AccountId, cause?: unknown): MailError {
  return new MailError('auth', `The stored credential of ${account} is damaged; its user has to log in once more.`, {
    code: 'credential-damaged',
    cause,
  });
}
