import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadTls } from './tls.ts';

const NAMES = { hostname: 'relay.test', clients: { hostname: 'relay.test' } };

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stopgap-tls-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

test('without a configured certificate a self-signed one is made, for the name, localhost and the loopback address', async () => {
  const made = await loadTls({ ...NAMES, dataDir });
  expect(made.isSelfSigned).toBe(true);
  const certificate = new X509Certificate(made.cert);
  expect(certificate.checkHost('relay.test')).toBe('relay.test');
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 365 * 24 * 3_600_000);
  expect(certificate.signatureAlgorithm).toBe('ecdsa-with-SHA256');
  createSecureContext({ cert: made.cert, key: made.key });
});

test('only its owner may read the key', async () => {
  await loadTls({ ...NAMES, dataDir });
  const { mode } = await stat(join(dataDir, 'self-signed.key.pem'));
  expect((mode & 0o777).toString(8)).toBe('600');
});

test('it is made once: mail programs that were told to trust it must not be asked again', async () => {
  const first = await loadTls({ ...NAMES, dataDir });
  const second = await loadTls({ ...NAMES, dataDir });
  expect(second.cert.equals(first.cert)).toBe(true);
  expect(second.key.equals(first.key)).toBe(true);
  expect(second.isSelfSigned).toBe(true);
});

test.each(['mail.example.org', '192.0.2.7', '2001:db8::7'])(
  'when mail programs are told %s, it is made anew for that as well',
  async (hostname) => {
    const first = await loadTls({ ...NAMES, dataDir });
    const clients = { hostname };
    const second = await loadTls({ ...NAMES, clients, dataDir });
    expect(second.cert.equals(first.cert)).toBe(false);
    const certificate = new X509Certificate(second.cert);
    expect(certificate.checkHost(hostname) ?? certificate.checkIP(hostname)).toBe(hostname);
    expect(certificate.checkHost('relay.test')).toBe('relay.test');
    createSecureContext({ cert: second.cert, key: second.key });
    expect((await loadTls({ ...NAMES, clients, dataDir })).cert.equals(second.cert)).toBe(true);
  },
);

test('a key that another certificate was made for is replaced with it', async () => {
  const first = await loadTls({ ...NAMES, dataDir });
  const other = await loadTls({ ...NAMES, clients: { hostname: 'mail.example.org' }, dataDir });
  await writeFile(join(dataDir, 'self-signed.cert.pem'), first.cert);
  const made = await loadTls({ ...NAMES, dataDir });
  createSecureContext({ cert: made.cert, key: made.key });
  expect(made.key.equals(other.key)).toBe(false);
});

test('a start that was cut between key and certificate makes a new pair', async () => {
  await writeFile(join(dataDir, 'self-signed.key.pem'), 'half a k');
  await chmod(join(dataDir, 'self-signed.key.pem'), 0o644);
  const made = await loadTls({ ...NAMES, dataDir });
  createSecureContext({ cert: made.cert, key: made.key });
  const { mode } = await stat(join(dataDir, 'self-signed.key.pem'));
  expect((mode & 0o777).toString(8)).toBe('600');
});

test('a configured pair is used as it is, and none is made', async () => {
  const made = await loadTls({ ...NAMES, dataDir });
  const elsewhere = join(dataDir, 'empty');
  const certificateFile = join(dataDir, 'own.pem');
  const keyFile = join(dataDir, 'own.key');
  await writeFile(certificateFile, made.cert);
  await writeFile(keyFile, made.key);
  const loaded = await loadTls({ ...NAMES, dataDir: elsewhere, tls: { certificateFile, keyFile } });
  expect(loaded.isSelfSigned).toBe(false);
  expect(loaded.cert.equals(made.cert)).toBe(true);
  expect(await readdir(dataDir)).not.toContain('empty');
});

test('a certificate and a key that do not belong together stop the start with a sentence', async () => {
  const one = await loadTls({ ...NAMES, dataDir });
  const certificateFile = join(dataDir, 'own.pem');
  const keyFile = join(dataDir, 'own.key');
  await writeFile(certificateFile, one.cert);
  await writeFile(keyFile, 'no key at all');
  await expect(loadTls({ ...NAMES, dataDir, tls: { certificateFile, keyFile } })).rejects.toThrow(/own\.pem.*own\.key/);
});
