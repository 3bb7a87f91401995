import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MailError, messageOf } from '@stopgap/core';

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
  const made = await makeCertificate(names);
  await writePrivate(keyFile, made.key);
  await writePrivate(certFile, made.cert);
  return { cert: Buffer.from(made.cert), key: Buffer.from(made.key), isSelfSigned: true };
}

/** @param names the first is its subject */
async function makeCertificate(names: readonly string[]): Promise<{ readonly key: string; readonly cert: string }> {
  const program = fileURLToPath(new URL('self-signed.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...names]);
  const [key = '', cert = ''] = stdout.split('\0');
  return { key, cert };
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
