import { z } from 'zod';

/** RFC 8620 1.2, but for the alphabet: whatever a server calls its things, it is only given back to it. */
export const idSchema = z.string().min(1).max(255);

/** RFC 6901 3: a key as one step of a path in a patch (RFC 8620 5.3). */
export function patchStep(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
