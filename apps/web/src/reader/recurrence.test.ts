import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { occasionsIn } from './invitation.ts';
import { recurrenceText } from './recurrence-text.ts';

const recurrence = (rule: string) =>
  occasionsIn(
    [
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'DTSTART;TZID=Europe/Berlin:20261201T090000',
      `RRULE:${rule}`,
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\r\n'),
  )[0]?.recurrence;

const said = (rule: string, language: 'en' | 'de', weekday?: number): string => {
  const found = recurrence(rule);
  const until = found?.until === undefined ? undefined : new Date(found.until.atMs).toISOString().slice(0, 10);
  return found === undefined ? '' : recurrenceText({ recurrence: found, weekday, until }, language);
};

test.each<[string, string, string]>([
  ['FREQ=DAILY', 'every day', 'jeden Tag'],
  ['FREQ=DAILY;INTERVAL=3;COUNT=4', 'every 3 days, 4 times', 'alle 3 Tage, 4-mal'],
  ['FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR', 'every week from Monday to Friday', 'jede Woche von Montag bis Freitag'],
  ['FREQ=WEEKLY', 'every week', 'jede Woche'],
  ['FREQ=WEEKLY;BYDAY=TU', 'every week on Tuesday', 'jede Woche am Dienstag'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO', 'every 2 weeks on Monday and Friday', 'alle 2 Wochen am Montag und Freitag'],
  ['FREQ=WEEKLY;WKST=MO;BYDAY=SU,MO,WE', 'every week on Monday, Wednesday and Sunday', 'jede Woche am Montag, Mittwoch und Sonntag'],
  ['freq=weekly;byday=mo;until=20270301t000000z', 'every week on Monday, until 2027-03-01', 'jede Woche am Montag, bis 2027-03-01'],
  ['FREQ=MONTHLY', 'every month', 'jeden Monat'],
  ['FREQ=MONTHLY;BYDAY=2TU', 'every month on the second Tuesday', 'jeden Monat am zweiten Dienstag'],
  ['FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR;COUNT=8', 'every 3 months on the last Friday, 8 times', 'alle 3 Monate am letzten Freitag, 8-mal'],
  [
    'FREQ=MONTHLY;BYDAY=1MO,3MO',
    'every month on the first Monday and on the third Monday',
    'jeden Monat am ersten Montag und am dritten Montag',
  ],
  ['FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2', 'every month on the second Tuesday', 'jeden Monat am zweiten Dienstag'],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', 'every month on the last working day', 'jeden Monat am letzten Arbeitstag'],
  ['FREQ=MONTHLY;BYMONTHDAY=15', 'every month on the 15th', 'jeden Monat am 15.'],
  ['FREQ=MONTHLY;BYMONTHDAY=1,22', 'every month on the 1st and 22nd', 'jeden Monat am 1. und 22.'],
  ['FREQ=MONTHLY;BYMONTHDAY=-1', 'every month on the last day', 'jeden Monat am letzten Tag'],
  ['FREQ=YEARLY', 'every year', 'jedes Jahr'],
  ['FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24', 'every year on the 24th of December', 'jedes Jahr am 24. Dezember'],
  ['FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', 'every year on the fourth Thursday in November', 'jedes Jahr am vierten Donnerstag im November'],
  [
    'FREQ=YEARLY;BYMONTH=3,9;BYDAY=1SU',
    'every year on the first Sunday in March and September',
    'jedes Jahr am ersten Sonntag im März und September',
  ],
])('%s', (rule, english, german) => {
  expect([said(rule, 'en'), said(rule, 'de')]).toEqual([english, german]);
});

test.each([
  'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13',
  'FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1,3',
  'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO',
  'FREQ=WEEKLY;BYDAY=MO;BYHOUR=9,15',
  'FREQ=WEEKLY;BYDAY=XX',
])('%s is said to be more than what is said', (rule) => {
  expect(said(rule, 'en')).toMatch(/^every (?:week|month|year), with further rules that stand in the file$/);
});

test('a day that is another one where the reader is, is said to be that of the place', () => {
  expect(said('FREQ=WEEKLY;BYDAY=MO', 'en', 2)).toBe('every week on Monday (by the calendar of the place)');
  expect(said('FREQ=WEEKLY;BYDAY=MO,TU', 'en', 2)).toBe('every week on Monday and Tuesday');
});

test('what never comes again has no rule', () => {
  for (const rule of ['', 'FREQ=NEVER', 'INTERVAL=2', 'FREQ']) expect(recurrence(rule)).toBeUndefined();
});

test('whatever a rule says, something can be said of it', () => {
  assert(
    property(string({ maxLength: 40 }), string({ unit: 'grapheme-ascii', maxLength: 60 }), (days, rest) => {
      for (const freq of ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']) {
        for (const name of ['BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYSETPOS']) {
          expect(said(`FREQ=${freq};${name}=${days};${rest}`, 'de')).not.toMatch(/undefined|NaN/);
          expect(said(`FREQ=${freq};BYDAY=-1MO,SU;${name}=${Math.abs(days.length)}`, 'en')).not.toMatch(/undefined|NaN/);
        }
      }
    }),
    { numRuns: 10 },
  );
});
