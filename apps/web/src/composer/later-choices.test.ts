import { expect, test } from 'vitest';
import { fieldValueOf, laterChoices } from './later-choices.ts';

const said = (at: Date): string[] => laterChoices(at.getTime()).map(({ kind, atMs }) => `${kind} ${fieldValueOf(atMs)}`);

test.each([
  [
    'on a Thursday morning',
    new Date(2026, 10, 26, 9, 12),
    ['inAnHour 2026-11-26T10:12', 'evening 2026-11-26T18:00', 'tomorrow 2026-11-27T08:00', 'monday 2026-11-30T08:00'],
  ],
  ['late on a Sunday tomorrow is Monday', new Date(2026, 10, 29, 23, 30), ['inAnHour 2026-11-30T00:30', 'tomorrow 2026-11-30T08:00']],
  [
    'on a Monday it is the next one, and over the end of the year',
    new Date(2026, 11, 28, 17, 0),
    ['inAnHour 2026-12-28T18:00', 'tomorrow 2026-12-29T08:00', 'monday 2027-01-04T08:00'],
  ],
])('%s', (_, now, expected) => {
  expect(said(now)).toEqual(expected);
});
