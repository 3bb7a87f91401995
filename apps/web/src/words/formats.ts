import type { Words } from './en.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** ECMA-262 21.4.1.1 */
const LAST_DATE_MS = 8.64e15;
const WEEK_DAYS = 6;
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

export interface Span {
  /** `day`, `floating`: what a clock in UTC shows is meant, wherever one is. */
  readonly kind: 'instant' | 'day' | 'floating';
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Formats {
  /** For a line of a list: the time today, the weekday this week, else the date. @param iso a date that may be broken */
  readonly short: (iso: string, nowMs?: number) => string;
  /** Day and time, whole. */
  readonly long: (iso: string) => string;
  /** `Mon 09:12` within a week, else with the date: for states that last. */
  readonly moment: (iso: string, nowMs?: number) => string;
  /** From when to when, in the time zone of the reader; of whole days both are the days themselves. */
  readonly span: (span: Span) => string;
  readonly size: (bytes: number) => string;
  readonly number: (value: number) => string;
}

export function formatsFor(language: string, words: Words): Formats {
  const locale = localeFor(language);
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
  const date = new Intl.DateTimeFormat(locale, { day: '2-digit', month: '2-digit', year: 'numeric' });
  const long = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });
  const moment = new Intl.DateTimeFormat(locale, { weekday: 'long', hour: '2-digit', minute: '2-digit' });
  const momentLater = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const wholeDay = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
  const clock = { ...wholeDay, hour: '2-digit', minute: '2-digit' } as const;
  const spans = {
    instant: new Intl.DateTimeFormat(locale, { ...clock, timeZoneName: 'short' }),
    day: new Intl.DateTimeFormat(locale, { ...wholeDay, timeZone: 'UTC' }),
    floating: new Intl.DateTimeFormat(locale, { ...clock, timeZone: 'UTC' }),
  };
  const numbers = new Intl.NumberFormat(locale);
  // In short there is no plural of a byte in English.
  const sizes = UNITS.map(
    (unit, step) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: step === 0 ? 'long' : 'short', maximumFractionDigits: 1 }),
  );

  /** A broken date must not take the page with it. */
  const whole = (iso: string, then: (at: Date) => string): string => {
    const at = new Date(iso);
    return Number.isNaN(at.getTime()) ? '' : then(at);
  };
  return {
    short: (iso, nowMs = Date.now()) =>
      whole(iso, (at) => {
        const days = daysBetween(at, new Date(nowMs));
        if (days === 0) return time.format(at);
        if (days === 1) return words.list.yesterday;
        if (days > 1 && days <= WEEK_DAYS) return weekday.format(at);
        return at.getFullYear() === new Date(nowMs).getFullYear() ? day.format(at) : date.format(at);
      }),
    long: (iso) => whole(iso, (at) => long.format(at)),
    moment: (iso, nowMs = Date.now()) =>
      whole(iso, (at) => {
        const days = Math.abs(daysBetween(at, new Date(nowMs)));
        if (days === 0) return time.format(at);
        return days <= WEEK_DAYS ? moment.format(at) : momentLater.format(at);
      }),
    span({ kind, fromMs, toMs }) {
      const known = Math.abs(fromMs) <= LAST_DATE_MS && Math.abs(toMs) <= LAST_DATE_MS;
      return known ? spans[kind].formatRange(fromMs, Math.max(fromMs, toMs)) : '';
    },
    size(bytes) {
      // As it is said: 999,999 bytes would be 1,000 kB.
      let [step, value] = [0, bytes];
      for (; step < UNITS.length - 1 && Math.round(value * 10) >= 10_000; step += 1) value /= 1000;
      return sizes[step]?.format(value) ?? '';
    },
    number: (value) => numbers.format(value),
  };
}

/** Of the browser's locales the one for the language: who reads English in Germany wants 24 hours all the same. */
function localeFor(language: string): string {
  return navigator.languages.find((one) => one.split('-')[0] === language) ?? (language === 'en' ? 'en-GB' : language);
}

/** Whole days of the calendar; negative: in the future. */
function daysBetween(at: Date, now: Date): number {
  const midnight = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(now) - midnight(at)) / DAY_MS);
}
