import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MaildirTree } from './maildir-tree.ts';

const run = promisify(execFile);

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
  readonly mail: MaildirTree;
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
    for (const part of ['mail', 'state']) await mkdir(join(home, part));
    await writeFile(join(home, 'mbsyncrc'), config, { mode: 0o600 });
    return new Mbsync(home);
  }

  private constructor(home: string) {
    this.#home = home;
    this.mail = new MaildirTree(join(home, 'mail'));
  }

  async sync(): Promise<void> {
    await run('mbsync', ['-q', '-c', join(this.#home, 'mbsyncrc'), 'all'], { timeout: 90_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }
}
