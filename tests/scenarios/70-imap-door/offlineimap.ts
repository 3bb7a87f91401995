import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MaildirTree } from './maildir-tree.ts';

const run = promisify(execFile);

export interface OfflineImapOptions {
  readonly port: number;
  readonly caFile: string;
  readonly user: string;
  readonly password: string;
  readonly mailboxes: readonly string[];
}

/** A Maildir that offlineimap keeps equal with an account, both ways. */
export class OfflineImap implements AsyncDisposable {
  readonly mail: MaildirTree;
  readonly #home: string;

  static async start({ port, caFile, user, password, mailboxes }: OfflineImapOptions): Promise<OfflineImap> {
    const home = await mkdtemp(join(tmpdir(), 'stopgap-offlineimap-'));
    await mkdir(join(home, 'mail'));
    const config = `[general]
accounts = person
metadata = ${home}/state

[Account person]
localrepository = near
remoterepository = far
utf8foldernames = yes

[Repository near]
type = Maildir
localfolders = ${home}/mail
sep = /

[Repository far]
type = IMAP
remotehost = localhost
remoteport = ${port}
remoteuser = ${user}
remotepass = ${password}
ssl = yes
sslcacertfile = ${caFile}
folderfilter = lambda name: name in [${mailboxes.map((name) => `'${name}'`).join(', ')}]
`;
    await writeFile(join(home, 'offlineimaprc'), config, { mode: 0o600 });
    return new OfflineImap(home);
  }

  private constructor(home: string) {
    this.#home = home;
    this.mail = new MaildirTree(join(home, 'mail'));
  }

  async sync(): Promise<void> {
    await run('offlineimap', ['-o', '-u', 'basic', '-c', join(this.#home, 'offlineimaprc')], {
      timeout: 90_000,
      env: { ...process.env, HOME: this.#home },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }
}
