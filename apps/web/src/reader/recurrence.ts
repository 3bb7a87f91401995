/*
 * How often an event comes again (RFC 5545 3.3.10): what calendars of people write. Of what is rarer it is known only that there is more to it.
 */
import { momentOf, type Moment } from './calendar-time.ts';
import { lineOf, type Component } from './content-lines.ts';

export interface RecurringDay {
  /** 0: Sunday. */
  readonly weekday: number;
  /** The second one; -1: the last one. Undefined: each. */
  readonly nth: number | undefined;
}

export interface Recurrence {
  readonly every: 'day' | 'week' | 'month' | 'year';
  readonly interval: number;
  readonly days: readonly RecurringDay[];
  /** The first, or -1 the last, of all `days` together. */
  readonly nthOfDays: number | undefined;
  /** Negative: from the end. */
  readonly monthDays: readonly number[];
  /** 1: January. */
  readonly months: readonly number[];
  readonly count: number | undefined;
  readonly until: Moment | undefined;
  /** False: the rule says more than this. */
  readonly isWhole: boolean;
}

const EVERY: Readonly<Record<string, Recurrence['every']>> = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' };
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const KNOWN: ReadonlySet<string> = new Set(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYSETPOS']);
/** Longer lists nobody reads. */
const MOST_ITEMS = 12;

/** Undefined: it comes once. */
export function recurrenceOf(event: Component, zones: readonly Component[]): Recurrence | undefined {
  const rule = (lineOf(event, 'RRULE')?.value ?? '').toUpperCase();
  const fields = new Map(
    rule
      .split(';')
      .map((field) => field.split('=', 2))
      .flatMap(([name = '', value]) => (value === undefined ? [] : [[name.trim(), value.trim()] as const])),
  );
  const every = EVERY[fields.get('FREQ') ?? ''];
  if (every === undefined) return undefined;
  const number = (name: string): number | undefined => numberOf(fields.get(name) ?? '', { from: 1, to: 9999 });
  const list = <T>(name: string, read: (text: string) => T | undefined): { readonly items: readonly T[]; readonly isWhole: boolean } => {
    const texts = (fields.get(name) ?? '').split(',').filter((text) => text !== '');
    const items = texts.slice(0, MOST_ITEMS).flatMap((text) => read(text) ?? []);
    return { items, isWhole: items.length === texts.length };
  };
  const days = list('BYDAY', dayOf);
  const monthDays = list('BYMONTHDAY', (text) => numberOf(text, { from: -31, to: 31 }) || undefined);
  const months = list('BYMONTH', (text) => numberOf(text, { from: 1, to: 12 }));
  const places = list('BYSETPOS', (text) => numberOf(text, { from: -31, to: 31 }) || undefined);
  const until = fields.get('UNTIL');
  const found: Recurrence = {
    // Each day of some days is each week on these days.
    every: every === 'day' && days.items.length > 0 && number('INTERVAL') === undefined ? 'week' : every,
    interval: number('INTERVAL') ?? 1,
    days: days.items,
    nthOfDays: places.items[0],
    monthDays: monthDays.items,
    months: months.items,
    count: number('COUNT'),
    until: until === undefined ? undefined : momentOf({ name: 'UNTIL', params: new Map(), value: until }, zones),
    isWhole: [days, monthDays, months, places].every((one) => one.isWhole) && [...fields.keys()].every((name) => KNOWN.has(name)),
  };
  return { ...found, isWhole: found.isWhole && isUsual(found, places.items.length) };
}

/** What can be said in a sentence. */
function isUsual({ every, interval, days, monthDays, months, nthOfDays }: Recurrence, places: number): boolean {
  const isNth = days.some(({ nth }) => nth !== undefined);
  if (places > 1 || (nthOfDays !== undefined && (days.length === 0 || isNth))) return false;
  if (monthDays.length > 0 && days.length > 0) return false;
  switch (every) {
    case 'day':
      return monthDays.length + months.length + days.length === 0;
    case 'week':
      return !isNth && nthOfDays === undefined && monthDays.length + months.length === 0;
    case 'month':
      return months.length === 0 && (days.length === 0 || isNth || nthOfDays !== undefined || interval === 1);
    case 'year':
      return (days.length === 0 || isNth || nthOfDays !== undefined) && (days.length + monthDays.length === 0 || months.length > 0);
    default:
      return every satisfies never;
  }
}

function dayOf(text: string): RecurringDay | undefined {
  const [, nth = '', name = ''] = /^\s*([+-]?\d{0,2})([A-Z]{2})\s*$/.exec(text) ?? [];
  const weekday = WEEKDAYS.indexOf(name);
  if (weekday < 0) return undefined;
  return { weekday, nth: nth === '' ? undefined : numberOf(nth, { from: -53, to: 53 }) };
}

function numberOf(text: string, { from, to }: { readonly from: number; readonly to: number }): number | undefined {
  if (!/^\s*[+-]?\d{1,5}\s*$/.test(text)) return undefined;
  const value = Number(text);
  return value >= from && value <= to ? value : undefined;
}
