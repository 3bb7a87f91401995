/*
 * `session.keys` in the data directory, mode 0600: the Ed25519 keys that sign session tokens, by their `kid`. The newest signs; the one before is kept until no
 * token of it can be alive. Losing the file logs the web client's users out and harms nothing else.
 */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import { z } from 'zod';
import { MailError, type Clock } from '@stopgap/core';

const FILE = 'session.keys';
/** Then a new key signs. */
const ROTATE_AFTER_MS = 90 * 24 * 60 * 60_000;
const MOST_KEYS = 2;

const jwk = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });
const fileSchema = z.object({ keys: z.array(z.object({ kid: z.string(), createdAtMs: z.number(), jwk })).min(1) });
type KeyFile = z.infer<typeof fileSchema>;

export interface SessionKeys {
  readonly signing: { readonly kid: string; readonly key: CryptoKey };
  /** Undefined: none of ours. Nothing of a token but this look-up says which key it is checked with. */
  verifying(kid: string): CryptoKey | undefined;
}

/** Makes the file, and a new key when the newest is old. @throws MailError `session-keys` */
export async function openSessionKeys(dataDir: string, clock: Clock): Promise<SessionKeys> {
  const nowMs = clock.nowMs();
  const there = await readKeys(join(dataDir, FILE));
  const isFresh = there !== undefined && (there.keys[0]?.createdAtMs ?? 0) > nowMs - ROTATE_AFTER_MS;
  const file = isFresh ? there : { keys: [await newKey(nowMs), ...(there?.keys ?? [])].slice(0, MOST_KEYS) };
  if (!isFresh) await writeKeys(dataDir, file);
  const keys = new Map<string, CryptoKey>();
  for (const one of file.keys) {
    const { kty, crv, x } = one.jwk;
    keys.set(one.kid, await importJWK({ kty, crv, x }, 'EdDSA'));
  }
  const [first] = file.keys;
  if (first === undefined) throw unreadable(dataDir);
  return {
    signing: { kid: first.kid, key: await importJWK(first.jwk, 'EdDSA') },
    verifying: (kid) => keys.get(kid),
  };
}

async function newKey(nowMs: number): Promise<KeyFile['keys'][number]> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const exported: JWK = await exportJWK(privateKey);
  return { kid: randomBytes(9).toString('base64url'), createdAtMs: nowMs, jwk: jwk.parse(exported) };
}

async function readKeys(file: string): Promise<KeyFile | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function writeKeys(dataDir: string, file: KeyFile): Promise<void> {
  const name = join(dataDir, FILE);
  const handle = await open(`${name}.new`, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${name}.new`, name);
}

function unreadable(place: string, cause?: unknown): MailError {
  return new MailError('permanent', `${place} can not be read as session keys. Remove the file: everybody logs in once more.`, {
    code: 'session-keys',
    cause,
  });
}
