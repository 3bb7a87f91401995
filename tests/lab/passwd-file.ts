import { chmodSync, chownSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { systemUser } from './system-users.ts';

export interface Credential {
  readonly password: string;
  /** Dovecot extra fields, e.g. `nologin reason=Maintenance` or `userdb_uid=99999`. */
  readonly extra: string;
}

/** Dovecot re-reads a passwd-file only when its mtime has moved by a whole second, so every write moves it by this. */
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

  set(user: string, credential: Credential): void {
    this.get(user);
    this.#users.set(user, credential);
    this.#write();
  }

  #write(): void {
    const before = Math.floor(statSync(this.#path).mtimeMs / 1000);
    const lines = [...this.#users].map(([user, { password, extra }]) => `${user}@${this.#domain}:{PLAIN}${password}::::::${extra}\n`);
    writeFileSync(this.#path, lines.join(''));
    utimesSync(this.#path, before + MTIME_STEP_S, before + MTIME_STEP_S);
  }
}
