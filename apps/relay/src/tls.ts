import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { MailError, messageOf } from '@stopgap/core';
import { generate } from 'selfsigned';

/** Long enough for an emergency; a real certificate is what production has. */
const VALID_DAYS = 825;

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Made by us: clients will warn. */
  readonly isSelfSigned: boolean;
}

/** The configured certificate, or a self-signed one for `hostname` that is made once and kept in the data directory. */
export async function loadTls(options: {
  readonly hostname: string;
  readonly dataDir: string;
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
}): Promise<TlsFiles> {
  if (options.tls) {
    return configured(options.tls);
  }
  const certFile = join(options.dataDir, 'self-signed.cert.pem');
  const keyFile = join(options.dataDir, 'self-signed.key.pem');
  try {
    return { cert: await readFile(certFile), key: await readFile(keyFile), isSelfSigned: true };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const notAfterDate = new Date(Date.now() + VALID_DAYS * 24 * 60 * 60 * 1000);
  const made = await generate([{ name: 'commonName', value: options.hostname }], {
    keyType: 'ec',
    notAfterDate,
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: options.hostname },
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  await writePrivate(keyFile, made.private);
  await writePrivate(certFile, made.cert);
  return { cert: Buffer.from(made.cert), key: Buffer.from(made.private), isSelfSigned: true };
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
