import { createPrivateKey, X509Certificate } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { MailError, messageOf } from '@stopgap/core';

/** Long enough for an emergency; a real certificate is what production has. */
const VALID_DAYS = 825;

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Made by us: clients will warn. */
  readonly isSelfSigned: boolean;
}

/**
 * The configured certificate, or a self-signed one that is made once and kept in the data directory: for `hostname`, and the name that mail programs are told.
 * With other names it is made anew, as a program refuses one that is not for the name it knows.
 */
export async function loadTls(options: {
  readonly hostname: string;
  readonly clients: { readonly hostname: string };
  readonly dataDir: string;
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
}): Promise<TlsFiles> {
  if (options.tls) {
    return configured(options.tls);
  }
  const certFile = join(options.dataDir, 'self-signed.cert.pem');
  const keyFile = join(options.dataDir, 'self-signed.key.pem');
  const names = [...new Set([options.hostname, options.clients.hostname, 'localhost', '127.0.0.1'])];
  try {
    const kept = { cert: await readFile(certFile), key: await readFile(keyFile) };
    if (isFor(kept, names)) return { ...kept, isSelfSigned: true };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  // Loaded when it is used, once in the life of a relay.
  const { generate } = await import('selfsigned');
  const notAfterDate = new Date(Date.now() + VALID_DAYS * 24 * 60 * 60 * 1000);
  const made = await generate([{ name: 'commonName', value: options.hostname }], {
    keyType: 'ec',
    // Left to itself it says SHA-1.
    algorithm: 'sha256',
    notAfterDate,
    extensions: [
      {
        name: 'subjectAltName',
        // RFC 5280 4.2.1.6: a DNS name, or an address.
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  await writePrivate(keyFile, made.private);
  await writePrivate(certFile, made.cert);
  return { cert: Buffer.from(made.cert), key: Buffer.from(made.private), isSelfSigned: true };
}

/** Only what goes together: a start may have been cut between the two files. */
function isFor({ cert, key }: Pick<TlsFiles, 'cert' | 'key'>, names: readonly string[]): boolean {
  try {
    const certificate = new X509Certificate(cert);
    const isNamed = (name: string): boolean => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
    return certificate.checkPrivateKey(createPrivateKey(key)) && names.every(isNamed);
  } catch {
    return false;
  }
}

async function configured({ certificateFile, keyFile }: { readonly certificateFile: string; readonly keyFile: string }): Promise<TlsFiles> {
  const cert = await readFile(certificateFile);
  const key = await readFile(keyFile);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    // Else the first client that wants TLS would be the one to find out.
    const text = `${certificateFile} and ${keyFile} are no certificate with its key (${messageOf(cause)}); correct tls: in stopgap.yaml.`;
    throw new MailError('permanent', text, { code: 'tls', cause });
  }
  return { cert, key, isSelfSigned: false };
}

async function writePrivate(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    // One that was there keeps its own mode.
    await handle.chmod(0o600);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
