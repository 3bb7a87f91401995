import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A message that moves from new to cur between listing and reading is found by listing again. */
const TRIES = 20;

/**
 * The messages of one Maildir folder, oldest first, as IMAP would give them: Dovecot stores LF and serves CRLF.
 * `mailbox` is INBOX or the IMAP name of another one (already in modified UTF-7). Not existing yet = empty.
 */
export function readMaildir(maildir: string, mailbox: string): Buffer[] {
  const dir = mailbox.toUpperCase() === 'INBOX' ? maildir : join(maildir, `.${mailbox.replaceAll('/', '.')}`);
  for (let tries = 1; ; tries += 1) {
    try {
      return messageFiles(dir).map((file) => withCrlf(readFileSync(file)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === TRIES) throw error;
    }
  }
}

/** Every line ends in CRLF, whatever it ended in before. */
export function withCrlf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1');
}

function messageFiles(dir: string): string[] {
  return ['cur', 'new']
    .flatMap((part) => list(join(dir, part)).map((name) => ({ name, path: join(dir, part, name) })))
    .sort((a, b) => arrival(a.name) - arrival(b.name))
    .map(({ path }) => path);
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Names begin with `<seconds>.M<microseconds>P<pid>`. */
function arrival(name: string): number {
  const [, seconds = '0', micros = '0'] = /^(\d+)\.M(\d+)/.exec(name) ?? [];
  return Number(seconds) * 1e6 + Number(micros);
}
