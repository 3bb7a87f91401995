/** Longer pauses are no use to anybody. */
const LONGEST_PAUSE_MS = 24 * 3_600_000;

/** The Retry-After of an HTTP answer, a number of seconds or a date (RFC 9110 10.2.3), from now on. Undefined: none, or none that can be read. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS) : undefined;
}
