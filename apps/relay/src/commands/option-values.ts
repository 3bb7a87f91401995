import { parseDuration } from '@stopgap/config';
import { MailError } from '@stopgap/core';

/** @throws MailError `usage` */
export function positive(text: string, what = '--limit'): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw usage(`${what} takes a whole number above 0, not "${text}".`);
  return value;
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * `2h`, `5d`: so long ago. `2026-11-26`, `2026-11-26 14:00`, with seconds and an offset if need be: UTC without one, as all times are told.
 * @throws MailError `usage`
 */
export function timeSince(text: string, nowMs: number): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return nowMs - ago;
  const [, day = '', time = '00:00', offset = 'Z'] = TIME.exec(text) ?? [];
  const ms = Date.parse(`${day}T${time}${offset}`);
  if (Number.isNaN(ms))
    throw usage(`--since takes a time as 2026-11-26 or "2026-11-26 14:00" (UTC), or how long ago as 2h or 5d, not "${text}".`);
  return ms;
}

export function usage(text: string): MailError {
  return new MailError('permanent', text, { code: 'usage' });
}
