import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { normalFlags } from '@stopgap/core';
import { hashOf, type Copy } from '../../relay/index.ts';

const run = promisify(execFile);
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['D', '$draft'],
  ['F', '$flagged'],
  ['R', '$answered'],
  ['S', '$seen'],
  ['T', '$deleted'],
]);

export interface MbsyncOptions {
  readonly port: number;
  readonly caFile: string;
  readonly user: string;
  readonly password: string;
  /** As mbsync's Patterns. */
  readonly patterns: string;
  /** Only fetch, and change nothing. */
  readonly isPull?: boolean;
}

/** A Maildir that mbsync keeps equal with an account, both ways. */
export class Mbsync implements AsyncDisposable {
  readonly #home: string;

  static async start(options: MbsyncOptions): Promise<Mbsync> {
    const home = await mkdtemp(join(tmpdir(), 'stopgap-mbsync-'));
    const config = `IMAPStore far
Host localhost
Port ${options.port}
User ${options.user}
Pass ${options.password}
SSLType IMAPS
CertificateFile ${options.caFile}
SystemCertificates no

MaildirStore near
Path ${home}/mail/
Inbox ${home}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns ${options.patterns}
${options.isPull ? 'Create Near\nSync Pull' : 'Create Both\nRemove Both\nExpunge Both\nSync All'}
CopyArrivalDate yes
SyncState ${home}/state/
`;
    await run('mkdir', ['-p', join(home, 'mail'), join(home, 'state')]);
    await writeFile(join(home, 'mbsyncrc'), config, { mode: 0o600 });
    return new Mbsync(home);
  }

  private constructor(home: string) {
    this.#home = home;
  }

  async sync(): Promise<void> {
    await run('mbsync', ['-q', '-c', join(this.#home, 'mbsyncrc'), 'all'], { timeout: 90_000 });
  }

  /** Every message, with its bytes as `plain` leaves them. */
  async copies(): Promise<Copy[]> {
    const files = await this.#files();
    return await Promise.all(
      files.map(async ({ mailbox, path, letters }) => ({
        mailbox,
        hash: hashOf(plain(await readFile(path))),
        flags: normalFlags(letters.flatMap((letter) => LETTERS.get(letter) ?? [])).join(' '),
      })),
    );
  }

  /** Gives a message other flags, as a program that works on the Maildir does. */
  async mark(subject: string, letters: string): Promise<void> {
    const file = await this.#find(subject);
    await rename(file.path, join(file.folder, 'cur', `${file.name.replace(/:2,.*$/, '')}:2,${letters}`));
  }

  async remove(subject: string): Promise<void> {
    await rm((await this.#find(subject)).path);
  }

  async deliver(mailbox: string, bytes: Buffer): Promise<void> {
    const folder = join(this.#home, 'mail', mailbox);
    await run('mkdir', ['-p', join(folder, 'cur'), join(folder, 'new'), join(folder, 'tmp')]);
    await writeFile(join(folder, 'cur', `${Date.now()}.${Math.random()}.here:2,S`), plain(bytes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }

  async #find(subject: string) {
    for (const file of await this.#files()) {
      if ((await readFile(file.path, 'latin1')).includes(`\nSubject: ${subject}\n`)) return file;
    }
    throw new Error(`mbsync has no message "${subject}"`);
  }

  async #files() {
    const root = join(this.#home, 'mail');
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\/(?:cur|new)$/.test(entry.parentPath))
      .map(({ parentPath, name }) => {
        const folder = parentPath.replace(/\/(?:cur|new)$/, '');
        return {
          mailbox: folder.slice(root.length + 1),
          folder,
          name,
          path: join(parentPath, name),
          letters: (/:2,(.*)$/.exec(name)?.[1] ?? '').split(''),
        };
      });
  }
}

/** A Maildir has LF, and mbsync puts a field of its own in. */
function plain(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes
      .toString('latin1')
      .replaceAll('\r\n', '\n')
      .replace(/^X-TUID: .*\n/m, ''),
    'latin1',
  );
}
