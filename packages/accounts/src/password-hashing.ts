import { randomBytes } from 'node:crypto';
import { Secret } from '@stopgap/core';
import { hashPassword, passwordMatches } from '@stopgap/store';
import { Slots } from './slots.ts';

/** argon2 runs on libuv's four threads, which the message files need too. */
const AT_ONCE = 2;
/** About ten seconds of work; more is an attack, or a restart with everybody coming back: those try again. */
const WAITING = 300;

export class PasswordHashing {
  readonly #slots = new Slots({ atOnce: AT_ONCE, waiting: WAITING });
  /** What an unknown address is weighed against, so that it takes as long as a known one. */
  readonly #decoy: Promise<string>;

  constructor() {
    this.#decoy = this.hash(new Secret(randomBytes(16).toString('hex')));
    this.#decoy.catch(() => undefined);
  }

  hash(password: Secret): Promise<string> {
    return this.#slots.run(() => hashPassword(password));
  }

  /**
   * @param argon2 undefined: there is none; the same work is done for nothing
   * @param mayGoOn asked when it is this password's turn; undefined comes back when it may not
   */
  async matches(argon2: string | undefined, password: Secret, mayGoOn: () => boolean): Promise<boolean | undefined> {
    const against = argon2 ?? (await this.#decoy);
    return await this.#slots.run(async () => {
      if (!mayGoOn()) return undefined;
      const matches = await passwordMatches(against, password);
      return argon2 !== undefined && matches;
    });
  }
}
