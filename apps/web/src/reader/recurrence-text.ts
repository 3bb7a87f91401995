/*
 * How often an event comes again, in a sentence. Both languages stand here: it is grammar more than words, and only who looks at an invitation needs it.
 */
import type { Language } from '../words/load-words.ts';
import type { Recurrence, RecurringDay } from './recurrence.ts';

interface Grammar {
  readonly every: Readonly<Record<Recurrence['every'], (interval: number) => string>>;
  readonly onDays: (days: string) => string;
  readonly fromTo: (from: string, to: string) => string;
  readonly onThe: (nth: string, what: string) => string;
  /** 1 to 5, -1, -2; any other by its number. */
  readonly nth: Readonly<Record<number, string>>;
  readonly nthElse: (nth: number) => string;
  readonly workingDay: string;
  readonly day: string;
  readonly onMonthDays: (days: readonly string[]) => string;
  readonly monthDay: (day: number) => string;
  readonly lastDay: string;
  readonly inMonths: (months: string) => string;
  /** `24 December` */
  readonly onDate: (day: string, month: string) => string;
  readonly times: (count: number) => string;
  readonly until: (when: string) => string;
  readonly there: string;
  readonly more: string;
}

const ordinal = (value: number): string => {
  const ends: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
  return `${value}${ends[new Intl.PluralRules('en', { type: 'ordinal' }).select(value)] ?? 'th'}`;
};

const en: Grammar = {
  every: {
    day: (interval) => (interval === 1 ? 'every day' : `every ${interval} days`),
    week: (interval) => (interval === 1 ? 'every week' : `every ${interval} weeks`),
    month: (interval) => (interval === 1 ? 'every month' : `every ${interval} months`),
    year: (interval) => (interval === 1 ? 'every year' : `every ${interval} years`),
  },
  onDays: (days) => `on ${days}`,
  fromTo: (from, to) => `from ${from} to ${to}`,
  onThe: (nth, what) => `on the ${nth} ${what}`,
  nth: { 1: 'first', 2: 'second', 3: 'third', 4: 'fourth', 5: 'fifth', [-1]: 'last', [-2]: 'last but one' },
  nthElse: (nth) => (nth < 0 ? `${ordinal(-nth)} last` : ordinal(nth)),
  workingDay: 'working day',
  day: 'day',
  onMonthDays: (days) => `on the ${list('en', days)}`,
  monthDay: ordinal,
  lastDay: 'last day',
  inMonths: (months) => `in ${months}`,
  onDate: (day, month) => `on the ${day} of ${month}`,
  times: (count) => (count === 1 ? 'once' : `${count} times`),
  until: (when) => `until ${when}`,
  there: 'by the calendar of the place',
  more: 'with further rules that stand in the file',
};

const de: Grammar = {
  every: {
    day: (interval) => (interval === 1 ? 'jeden Tag' : `alle ${interval} Tage`),
    week: (interval) => (interval === 1 ? 'jede Woche' : `alle ${interval} Wochen`),
    month: (interval) => (interval === 1 ? 'jeden Monat' : `alle ${interval} Monate`),
    year: (interval) => (interval === 1 ? 'jedes Jahr' : `alle ${interval} Jahre`),
  },
  onDays: (days) => `am ${days}`,
  fromTo: (from, to) => `von ${from} bis ${to}`,
  onThe: (nth, what) => `am ${nth} ${what}`,
  nth: { 1: 'ersten', 2: 'zweiten', 3: 'dritten', 4: 'vierten', 5: 'fünften', [-1]: 'letzten', [-2]: 'vorletzten' },
  nthElse: (nth) => (nth < 0 ? `${-nth}.-letzten` : `${nth}.`),
  workingDay: 'Arbeitstag',
  day: 'Tag',
  onMonthDays: (days) => `am ${list('de', days)}`,
  monthDay: (day) => `${day}.`,
  lastDay: 'letzten Tag',
  inMonths: (months) => `im ${months}`,
  onDate: (day, month) => `am ${day} ${month}`,
  times: (count) => (count === 1 ? 'einmal' : `${count}-mal`),
  until: (when) => `bis ${when}`,
  there: 'nach dem Kalender des Ortes',
  more: 'mit weiteren Regeln, die in der Datei stehen',
};

const GRAMMARS: Readonly<Record<Language, Grammar>> = { en, de };

export interface RecurrenceFacts {
  readonly recurrence: Recurrence;
  /** Of the first one, where and when its reader is; undefined: the same everywhere. */
  readonly weekday: number | undefined;
  /** As a date. */
  readonly until: string | undefined;
}

export function recurrenceText({ recurrence, weekday, until }: RecurrenceFacts, language: Language): string {
  const { every, interval, days, count, isWhole } = recurrence;
  const grammar = GRAMMARS[language];
  const often = [grammar.every[every](interval), ...(isWhole ? placesOf(recurrence, language) : [])].join(' ');
  // Monday evening here is Tuesday there.
  const isElsewhere =
    isWhole && every === 'week' && days.length > 0 && weekday !== undefined && !days.some((day) => day.weekday === weekday);
  return [
    isElsewhere ? `${often} (${grammar.there})` : often,
    ...(isWhole ? [] : [grammar.more]),
    ...(count === undefined ? [] : [grammar.times(count)]),
    ...(count === undefined && until !== undefined ? [grammar.until(until)] : []),
  ].join(', ');
}

function placesOf({ every, days, nthOfDays, monthDays, months }: Recurrence, language: Language): readonly string[] {
  const grammar = GRAMMARS[language];
  const named = months.map((month) => nameOf(language, { month: 'long' }, Date.UTC(2026, month - 1, 1)));
  const [month, ...otherMonths] = named;
  const inMonths = named.length === 0 ? [] : [grammar.inMonths(list(language, named))];
  if (monthDays.length > 0) {
    const told = monthDays.map((day) =>
      day === -1 ? grammar.lastDay : day > 0 ? grammar.monthDay(day) : `${nthText(day, grammar)} ${grammar.day}`,
    );
    const [only, ...others] = told;
    if (
      every === 'year' &&
      only !== undefined &&
      others.length === 0 &&
      month !== undefined &&
      otherMonths.length === 0 &&
      (monthDays[0] ?? 0) > 0
    )
      return [grammar.onDate(only, month)];
    return [grammar.onMonthDays(told), ...inMonths];
  }
  if (nthOfDays !== undefined) return [grammar.onThe(nthText(nthOfDays, grammar), anyOf(days, language)), ...inMonths];
  if (days.length === 0) return inMonths;
  if (days.some(({ nth }) => nth !== undefined))
    return [
      list(
        language,
        days.map((day) => nthDay(day, language)),
      ),
      ...inMonths,
    ];
  return [
    isMondayToFriday(days) ? grammar.fromTo(weekdayName(1, language), weekdayName(5, language)) : grammar.onDays(namesOf(days, language)),
  ];
}

function nthDay({ weekday, nth }: RecurringDay, language: Language): string {
  const grammar = GRAMMARS[language];
  const name = weekdayName(weekday, language);
  return nth === undefined ? grammar.onDays(name) : grammar.onThe(nthText(nth, grammar), name);
}

/** Of several days the first one that comes. */
function anyOf(days: readonly RecurringDay[], language: Language): string {
  const grammar = GRAMMARS[language];
  if (isMondayToFriday(days)) return grammar.workingDay;
  if (new Set(days.map(({ weekday }) => weekday)).size === 7) return grammar.day;
  return list(language, weekdayNames(days, language), 'disjunction');
}

function nthText(nth: number, { nth: names, nthElse }: Grammar): string {
  return names[nth] ?? nthElse(nth);
}

function isMondayToFriday(days: readonly RecurringDay[]): boolean {
  return days.length === 5 && [1, 2, 3, 4, 5].every((weekday) => days.some((day) => day.weekday === weekday));
}

function namesOf(days: readonly RecurringDay[], language: Language): string {
  return list(language, weekdayNames(days, language));
}

/** In the order of a week. */
function weekdayNames(days: readonly RecurringDay[], language: Language): readonly string[] {
  const fromMonday = (weekday: number): number => (weekday + 6) % 7;
  return [...new Set(days.map(({ weekday }) => weekday))]
    .toSorted((one, other) => fromMonday(one) - fromMonday(other))
    .map((weekday) => weekdayName(weekday, language));
}

function weekdayName(weekday: number, language: Language): string {
  // The fourth of January 2026 is a Sunday.
  return nameOf(language, { weekday: 'long' }, Date.UTC(2026, 0, 4 + weekday));
}

function nameOf(language: Language, what: Intl.DateTimeFormatOptions, atMs: number): string {
  return new Intl.DateTimeFormat(language, { ...what, timeZone: 'UTC' }).format(atMs);
}

function list(language: Language, items: readonly string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  return new Intl.ListFormat(language === 'en' ? 'en-GB' : language, { type }).format(items);
}
