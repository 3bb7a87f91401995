const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The next try is due: the worker looks once a second. */
const DUE_MS = 1500;

/** `2026-11-23 04:12 (3 h ago)`: to compare with a log, which is in UTC, and to grasp. */
export function since(iso: string | null, nowMs: number): string {
  if (iso === null) return '-';
  return `${minute(iso)} (${ago(iso, nowMs)})`;
}

/** `2026-11-23 04:12`, UTC. */
export function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

/** `2026-11-23 04:12:33`, UTC. */
export function second(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

export function ago(iso: string, nowMs: number): string {
  const ms = nowMs - Date.parse(iso);
  return ms < MINUTE_MS ? 'just now' : `${span(ms)} ago`;
}

/** `in 25 s`, `now`. */
export function ahead(iso: string | null, nowMs: number): string {
  if (iso === null) return '-';
  const ms = Date.parse(iso) - nowMs;
  return ms < DUE_MS ? 'now' : `in ${span(ms)}`;
}

/** The largest unit that leaves at least two of it: 90 min, 47 h, 5 d. */
export function span(ms: number): string {
  if (ms < 2 * MINUTE_MS) return `${Math.round(ms / 1000)} s`;
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)} h`;
  return `${Math.round(ms / DAY_MS)} d`;
}
