import { readFileSync, statSync } from 'node:fs';
import { messageOf, Secret } from '@stopgap/core';

/** No password or key is longer; a wrong file name must not become a secret of a gigabyte. */
const LARGEST_SECRET_BYTES = 10_000;
/** The permission bits of everybody else on the machine. */
const OTHERS_READ = 0o004;

export type SecretFile =
  | { readonly kind: 'read'; readonly secret: Secret; readonly warning?: string }
  | { readonly kind: 'failed'; readonly text: string };

/** The first line of a file. World-readable is a warning only: mounted container secrets are just that, and nobody else lives there. */
export function readSecretFile(file: string): SecretFile {
  try {
    const { size, mode } = statSync(file);
    if (size > LARGEST_SECRET_BYTES) return failed(`${file} has ${size} bytes; that is no secret, name another file`);
    const [line = ''] = readFileSync(file, 'utf8').split(/\r?\n/);
    if (line === '') return failed(`${file} has an empty first line; write the secret there`);
    const secret = new Secret(line);
    return mode & OTHERS_READ
      ? { kind: 'read', secret, warning: `${file} can be read by every user of this machine; chmod 600 it` }
      : { kind: 'read', secret };
  } catch (error) {
    return failed(`can not be read (${messageOf(error)}); create the file or correct its name`);
  }
}

function failed(text: string): SecretFile {
  return { kind: 'failed', text };
}
