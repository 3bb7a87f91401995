/*
 * Points in time of iCalendar (RFC 5545 3.3.5): a day, a time by the clock of a zone, in UTC, or by whatever clock hangs on the wall ("floating").
 */
import { lineOf, type Component, type ContentLine } from './content-lines.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export interface Moment {
  /** `day`, `floating`: `atMs` is what a clock in UTC shows. */
  readonly kind: 'instant' | 'day' | 'floating';
  readonly atMs: number;
}

const DATE_TIME = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/;

/** @param zones the VTIMEZONEs of the calendar. Undefined: no time. */
export function momentOf({ params, value }: ContentLine, zones: readonly Component[]): Moment | undefined {
  const [whole, year, month, day, hour, minute, second, utc] = DATE_TIME.exec(value.trim()) ?? [];
  if (whole === undefined) return undefined;
  const wallMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0));
  // The 31st of February would be a day of March.
  if (Number.isNaN(wallMs) || new Date(wallMs).toISOString().slice(5, 10) !== `${month}-${day}`) return undefined;
  if (hour === undefined) return { kind: 'day', atMs: wallMs };
  if (utc === 'Z') return { kind: 'instant', atMs: wallMs };
  const offset = offsetOf(params.get('TZID'), wallMs, zones);
  return offset === undefined ? { kind: 'floating', atMs: wallMs } : { kind: 'instant', atMs: wallMs - offset };
}

const DURATION = /^([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?$/;

/** RFC 5545 3.3.6 */
export function durationMs(value: string): number | undefined {
  const [whole, sign, weeks, days, hours, minutes, seconds] = DURATION.exec(value.trim()) ?? [];
  if (whole === undefined) return undefined;
  const part = (text: string | undefined, unit: number): number => Number(text ?? 0) * unit;
  const ms = part(weeks, 7 * DAY_MS) + part(days, DAY_MS) + part(hours, 60 * MINUTE_MS) + part(minutes, MINUTE_MS) + part(seconds, 1000);
  return sign === '-' ? -ms : ms;
}

/** What the zone is ahead of UTC when its clocks show this; undefined: nobody knows the zone. */
function offsetOf(id: string | undefined, wallMs: number, zones: readonly Component[]): number | undefined {
  if (id === undefined) return undefined;
  const known = knownZone(id);
  if (known !== undefined) return offsetByName(known, wallMs);
  const zone = zones.find((one) => lineOf(one, 'TZID')?.value === id);
  return zone === undefined ? undefined : offsetByRules(zone, wallMs);
}

/** A name of the IANA database, perhaps behind a prefix (`/mozilla.org/20050126_1/Europe/Berlin`). */
function knownZone(id: string): string | undefined {
  const found = /(?:^|\/)([A-Za-z_]+\/[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)?|UTC|GMT)$/.exec(id)?.[1];
  if (found === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: found }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function offsetByName(timeZone: string, wallMs: number): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const shown = (atMs: number): number => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  };
  // Once from the wrong side, which is at most a day away, and once from near by.
  const guess = shown(wallMs) - wallMs;
  return shown(wallMs - guess) - (wallMs - guess);
}

/** RFC 5545 3.6.5: the observance that began last. */
function offsetByRules({ parts }: Component, wallMs: number): number | undefined {
  let latest: { readonly onsetMs: number; readonly offset: number } | undefined;
  let first: { readonly onsetMs: number; readonly offset: number } | undefined;
  for (const part of parts) {
    const to = utcOffset(lineOf(part, 'TZOFFSETTO')?.value);
    const start = lineOf(part, 'DTSTART');
    const begin = start && momentOf(start, []);
    if (to === undefined || begin === undefined) continue;
    const from = utcOffset(lineOf(part, 'TZOFFSETFROM')?.value) ?? to;
    if (first === undefined || begin.atMs < first.onsetMs) first = { onsetMs: begin.atMs, offset: from };
    const onsetMs = lastOnset(part, begin.atMs, wallMs);
    if (onsetMs !== undefined && (latest === undefined || onsetMs > latest.onsetMs)) latest = { onsetMs, offset: to };
  }
  return (latest ?? first)?.offset;
}

function lastOnset(part: Component, beginMs: number, wallMs: number): number | undefined {
  if (beginMs > wallMs) return undefined;
  const rule = /^FREQ=YEARLY/i.test(lineOf(part, 'RRULE')?.value ?? '') ? (lineOf(part, 'RRULE')?.value ?? '') : undefined;
  const [, nth, weekday] = /BYDAY=([+-]?\d)(SU|MO|TU|WE|TH|FR|SA)(?:;|$)/i.exec(rule ?? '') ?? [];
  const month = /BYMONTH=(\d{1,2})(?:;|$)/i.exec(rule ?? '')?.[1];
  const until = /UNTIL=(\d{8}(?:T\d{6}Z?)?)/i.exec(rule ?? '')?.[1];
  const dates = part.lines
    .filter(({ name }) => name === 'RDATE')
    .flatMap((line) => line.value.split(',').flatMap((value) => momentOf({ ...line, value }, [])?.atMs ?? []));
  const onsets = [beginMs, ...dates];
  if (nth !== undefined && weekday !== undefined && month !== undefined) {
    const untilMs = until === undefined ? Infinity : (momentOf({ name: '', params: new Map(), value: until }, [])?.atMs ?? Infinity);
    const year = new Date(wallMs).getUTCFullYear();
    const ofYear = (one: number): number =>
      nthWeekday(one, Number(month) - 1, { nth: Number(nth), weekday }) + (((beginMs % DAY_MS) + DAY_MS) % DAY_MS);
    onsets.push(...[ofYear(year - 1), ofYear(year)].filter((onset) => onset >= beginMs && onset <= untilMs + DAY_MS));
  }
  return Math.max(...onsets.filter((onset) => onset <= wallMs));
}

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

function nthWeekday(year: number, month: number, { nth, weekday }: { readonly nth: number; readonly weekday: string }): number {
  const wanted = WEEKDAYS.indexOf(weekday.toUpperCase());
  if (nth > 0) {
    const firstMs = Date.UTC(year, month, 1);
    return firstMs + (((wanted - new Date(firstMs).getUTCDay() + 7) % 7) + (nth - 1) * 7) * DAY_MS;
  }
  const lastMs = Date.UTC(year, month + 1, 0);
  return lastMs - (((new Date(lastMs).getUTCDay() - wanted + 7) % 7) + (-nth - 1) * 7) * DAY_MS;
}

/** RFC 5545 3.3.14 */
function utcOffset(value: string | undefined): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d{2})(\d{2})(?:\d{2})?$/.exec(value?.trim() ?? '') ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}
