import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../lab/index.ts';

const run = promisify(execFile);
const LIMIT_MS = 30_000;
const CLEAR_LINE = 'C-u';

export interface MuttOptions {
  readonly user: string;
  readonly password: string;
  readonly caFile: string;
  readonly imapsPort: number;
  readonly submissionsPort: number;
}

/** mutt in a terminal (of tmux): keys go in, and what is on the screen tells what has happened. */
export class Mutt implements AsyncDisposable {
  readonly #home: string;
  readonly #end = (): void => void spawnSync('tmux', ['-S', this.#socket, 'kill-server'], { stdio: 'ignore' });

  static async start(options: MuttOptions): Promise<Mutt> {
    const home = await mkdtemp(join(tmpdir(), 'stopgap-mutt-'));
    const mutt = new Mutt(home);
    await writeFile(join(home, 'muttrc'), configFor(options, home), { mode: 0o600 });
    await mutt.#tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'mutt', '-x', '120', '-y', '40', `mutt -F ${home}/muttrc`);
    return mutt;
  }

  private constructor(home: string) {
    this.#home = home;
    // Whatever ends the test process, no terminal stays behind.
    process.once('exit', this.#end);
  }

  /** Keys by their names in tmux: `Enter`, `d`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', '-t', 'mutt', ...keys);
  }

  /** Waits for the prompt, and gives it this line instead of what it proposes. */
  async answer(prompt: string, line: string): Promise<void> {
    const isAsked = (screen: string): boolean => screen.trimEnd().split('\n').at(-1)?.startsWith(prompt) === true;
    await this.#untilScreen(`mutt asks ${prompt}`, isAsked);
    await this.press(CLEAR_LINE);
    await this.#tmux('send-keys', '-t', 'mutt', '-l', line);
    await this.press('Enter');
    await this.#untilScreen(`mutt has its answer to ${prompt}`, (screen) => !isAsked(screen));
  }

  async untilShown(what: string | RegExp): Promise<void> {
    await this.#untilScreen(`mutt shows ${String(what)}`, (screen) =>
      typeof what === 'string' ? screen.includes(what) : what.test(screen),
    );
  }

  async untilGone(what: string): Promise<void> {
    await this.#untilScreen(`mutt no longer shows ${what}`, (screen) => !screen.includes(what));
  }

  /** Puts the cursor on a message of the index. */
  async select(subject: string): Promise<void> {
    await this.untilShown(`[${subject}]`);
    await this.press('/');
    await this.answer('Search for:', `~s "${subject}"`);
  }

  async send(to: string, { subject, body }: { readonly subject: string; readonly body: string }): Promise<void> {
    await writeFile(join(this.#home, 'letter'), body);
    await this.press('m');
    await this.answer('To:', to);
    await this.answer('Subject:', subject);
    await this.untilShown('y:Send');
    await this.press('y');
    await this.untilShown('Mail sent.');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    process.off('exit', this.#end);
    await rm(this.#home, { recursive: true, force: true });
  }

  async #untilScreen(what: string, isSo: (screen: string) => boolean): Promise<void> {
    let screen = '';
    await until(what, async () => isSo((screen = await this.#screen())), LIMIT_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${screen.trimEnd()}`, { cause: error });
    });
  }

  async #screen(): Promise<string> {
    return await this.#tmux('capture-pane', '-p', '-t', 'mutt');
  }

  get #socket(): string {
    return join(this.#home, 'tmux');
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, HOME: this.#home, TERM: 'xterm', LC_ALL: 'C.UTF-8' };
    return (await run('tmux', ['-S', this.#socket, ...args], { env })).stdout;
  }
}

/** No questions, and an index that a test can read: `flags [subject]`. */
function configFor({ user, password, caFile, imapsPort, submissionsPort }: MuttOptions, home: string): string {
  return `set folder="imaps://localhost:${imapsPort}/"
set imap_user="${user}"
set imap_pass="${password}"
set spoolfile="+INBOX"
set record="+Sent"
set postponed="+Drafts"
set smtp_url="smtps://${encodeURIComponent(user)}@localhost:${submissionsPort}/"
set smtp_pass="${password}"
set from="${user}"
set send_charset="us-ascii:utf-8"
set ssl_force_tls=yes
set ssl_ca_certificates_file="${caFile}"
set certificate_file="${home}/certificates"
set header_cache="${home}/cache"
set editor="cp ${home}/letter"
set imap_idle=yes
set mail_check=1
set timeout=1
set sort=date
set index_format="%Z [%s]"
set confirmappend=no
set confirmcreate=no
set delete=yes
set quit=yes
set mark_old=no
set resolve=no
set move=no
set wait_key=no
set beep=no
set abort_noattach=no
`;
}
