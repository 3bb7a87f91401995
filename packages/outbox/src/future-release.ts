/* RFC 4865: mail that is to leave later, as both doors take it. */

/** How far ahead, in seconds. */
export const LONGEST_HOLD_S = 30 * 24 * 60 * 60;

/** RFC 3339, in UTC or with an offset; `Date.parse` takes much more. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;

export interface FutureRelease {
  /** One that has passed means at once. */
  readonly atMs: number;
  /** The same words say the same, whenever they are read: a client that repeats `HOLDFOR` means its first one. */
  readonly asSaid: string;
}

export function isFutureRelease(parameter: string): parameter is 'HOLDFOR' | 'HOLDUNTIL' {
  return parameter === 'HOLDFOR' || parameter === 'HOLDUNTIL';
}

/** When it is to leave. Undefined: no such value, or farther ahead than anything is kept. */
export function futureRelease(parameter: 'HOLDFOR' | 'HOLDUNTIL', value: string, nowMs: number): FutureRelease | undefined {
  const said = parameter === 'HOLDFOR' ? holdFor(value) : holdUntil(value);
  const atMs = parameter === 'HOLDFOR' ? nowMs + said : said;
  return Number.isNaN(atMs) || atMs > nowMs + LONGEST_HOLD_S * 1000 ? undefined : { atMs, asSaid: `${parameter} ${said}` };
}

function holdFor(value: string): number {
  return /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Number.NaN;
}

function holdUntil(value: string): number {
  return DATE_TIME.test(value) ? Date.parse(value) : Number.NaN;
}

/** RFC 4865 4: the longest wait and the latest time. By whole days, so that who looks twice sees the same. */
export function futureReleaseLimits(nowMs: number): readonly [string, string] {
  const dayMs = 24 * 60 * 60 * 1000;
  const latestMs = Math.floor(nowMs / dayMs) * dayMs + LONGEST_HOLD_S * 1000;
  return [String(LONGEST_HOLD_S), new Date(latestMs).toISOString().replace('.000Z', 'Z')];
}
