import { hash, verify } from '@node-rs/argon2';
import type { Secret } from '@stopgap/core';

/** OWASP's argon2id floor: 19 MiB, two passes, one lane; about 57 ms here, on a thread of its own. (@node-rs/argon2 hashes as argon2id by default.) */
const COST = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

/** In PHC form. */
export function hashPassword(password: Secret): Promise<string> {
  return hash(password.open(), COST);
}

export function passwordMatches(argon2: string, password: Secret): Promise<boolean> {
  return verify(argon2, password.open());
}
