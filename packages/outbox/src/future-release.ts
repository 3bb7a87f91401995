/* RFC 4865: mail that is to leave later, as both doors take it. */

/** How far ahead, in seconds. */
export const LONGEST_HOLD_S = 30 * 24 * 60 * 60;

/** RFC 3339, in UTC or with an offset; `Date.parse` takes much more. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;

export function isFutureRelease(parameter: string): parameter is 'HOLDFOR' | 'HOLDUNTIL' {
  return parameter === 'HOLDFOR' || parameter === 'HOLDUNTIL';
}

/** When it is to leave; a time that has passed means at once. Undefined: no such value, or farther ahead than anything is kept. */
export function futureRelease(parameter: 'HOLDFOR' | 'HOLDUNTIL', value: string, nowMs: number): number | undefined {
  const atMs = parameter === 'HOLDFOR' ? holdFor(value, nowMs) : DATE_TIME.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) || atMs > nowMs + LONGEST_HOLD_S * 1000 ? undefined : atMs;
}

function holdFor(value: string, nowMs: number): number {
  return /^\d{1,9}$/.test(value) ? nowMs + Number(value) * 1000 : Number.NaN;
}

/** RFC 4865 4: the longest wait and the latest time. By whole days, so that who looks twice sees the same. */
export function futureReleaseLimits(nowMs: number): readonly [string, string] {
  const dayMs = 24 * 60 * 60 * 1000;
  const latestMs = Math.floor(nowMs / dayMs) * dayMs + LONGEST_HOLD_S * 1000;
  return [String(LONGEST_HOLD_S), new Date(latestMs).toISOString().replace('.000Z', 'Z')];
}
