import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadTls } from './tls.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stopgap-tls-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

test('without a configured certificate a self-signed one is made, for the name, localhost and the loopback address', async () => {
  const made = await loadTls({ hostname: 'relay.test', dataDir });
  expect(made.isSelfSigned).toBe(true);
  const certificate = new X509Certificate(made.cert);
  expect(certificate.checkHost('relay.test')).toBe('relay.test');
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 365 * 24 * 3_600_000);
  createSecureContext({ cert: made.cert, key: made.key });
});

test('only its owner may read the key', async () => {
  await loadTls({ hostname: 'relay.test', dataDir });
  const { mode } = await stat(join(dataDir, 'self-signed.key.pem'));
  expect((mode & 0o777).toString(8)).toBe('600');
});

test('it is made once: mail programs that were told to trust it must not be asked again', async () => {
  const first = await loadTls({ hostname: 'relay.test', dataDir });
  const second = await loadTls({ hostname: 'relay.test', dataDir });
  expect(second.cert.equals(first.cert)).toBe(true);
  expect(second.key.equals(first.key)).toBe(true);
  expect(second.isSelfSigned).toBe(true);
});

test('a start that was cut between key and certificate makes a new pair', async () => {
  await writeFile(join(dataDir, 'self-signed.key.pem'), 'half a k');
  await chmod(join(dataDir, 'self-signed.key.pem'), 0o644);
  const made = await loadTls({ hostname: 'relay.test', dataDir });
  createSecureContext({ cert: made.cert, key: made.key });
  const { mode } = await stat(join(dataDir, 'self-signed.key.pem'));
  expect((mode & 0o777).toString(8)).toBe('600');
});

test('a configured pair is used as it is, and none is made', async () => {
  const made = await loadTls({ hostname: 'relay.test', dataDir });
  const elsewhere = join(dataDir, 'empty');
  const certificateFile = join(dataDir, 'own.pem');
  const keyFile = join(dataDir, 'own.key');
  await writeFile(certificateFile, made.cert);
  await writeFile(keyFile, made.key);
  const loaded = await loadTls({ hostname: 'relay.test', dataDir: elsewhere, tls: { certificateFile, keyFile } });
  expect(loaded.isSelfSigned).toBe(false);
  expect(loaded.cert.equals(made.cert)).toBe(true);
  expect(await readdir(dataDir)).not.toContain('empty');
});

test('a certificate and a key that do not belong together stop the start with a sentence', async () => {
  const one = await loadTls({ hostname: 'relay.test', dataDir });
  const certificateFile = join(dataDir, 'own.pem');
  const keyFile = join(dataDir, 'own.key');
  await writeFile(certificateFile, one.cert);
  await writeFile(keyFile, 'no key at all');
  await expect(loadTls({ hostname: 'relay.test', dataDir, tls: { certificateFile, keyFile } })).rejects.toThrow(/own\.pem.*own\.key/);
});
