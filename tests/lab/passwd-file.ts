import { chmodSync, chownSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { systemUser } from './system-users.ts';
import { until } from './until.ts';

export interface Credential {
  readonly password: string;
  /** Dovecot extra fields, e.g. `nologin reason=Maintenance` or `userdb_uid=99999`. */
  readonly extra: string;
}

/**
 * Dovecot looks at a passwd-file at most once in each second of the clock, and re-reads it only when its mtime has moved by a whole
 * second. So every write moves the mtime by this, and a change is over when the second is.
 */
const MTIME_STEP_S = 2;

export class PasswdFile {
  readonly #path: string;
  readonly #domain: string;
  readonly #users = new Map<string, Credential>();

  constructor(path: string, domain: string, users: readonly string[]) {
    this.#path = path;
    this.#domain = domain;
    for (const user of users) this.#users.set(user, { password: `secret-${user}`, extra: '' });
    writeFileSync(path, '');
    chownSync(path, 0, systemUser('dovecot').gid);
    chmodSync(path, 0o640);
    this.#write();
  }

  get(user: string): Credential {
    const credential = this.#users.get(user);
    if (!credential) throw new Error(`the lab has no user ${user}`);
    return credential;
  }

  /** Done when the next log-in meets the change. */
  async set(user: string, credential: Credential): Promise<void> {
    this.get(user);
    this.#users.set(user, credential);
    this.#write();
    const second = clockSecond();
    await until('Dovecot looks at the passwords again', () => clockSecond() > second);
  }

  #write(): void {
    const before = Math.floor(statSync(this.#path).mtimeMs / 1000);
    const lines = [...this.#users].map(([user, { password, extra }]) => `${user}@${this.#domain}:{PLAIN}${password}::::::${extra}\n`);
    writeFileSync(this.#path, lines.join(''));
    utimesSync(this.#path, before + MTIME_STEP_S, before + MTIME_STEP_S);
  }
}

function clockSecond(): number {
  return Math.floor(Date.now() / 1000);
}
