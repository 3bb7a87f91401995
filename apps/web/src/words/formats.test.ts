import { expect, test } from 'vitest';
import { de } from './de.ts';
import { en } from './en.ts';
import { formatsFor } from './formats.ts';

const now = new Date(2026, 10, 26, 12).getTime();
const at = (year: number, month: number, day: number, hour: number): string => new Date(year, month - 1, day, hour, 5).toISOString();

test('the nearer a time, the shorter it is said', () => {
  const { short } = formatsFor('de', de);
  expect(short(at(2026, 11, 26, 9), now)).toBe('09:05');
  expect(short(at(2026, 11, 25, 9), now)).toBe('Gestern');
  expect(short(at(2026, 11, 23, 9), now)).toBe('Mo');
  expect(short(at(2026, 3, 5, 9), now)).toMatch(/5\. März/);
  expect(short(at(2024, 3, 5, 9), now)).toBe('05.03.2024');
});

test('a broken date is nothing', () => {
  const { short, long, moment } = formatsFor('en', en);
  expect([short('x'), long(''), moment('0000-99-99T')]).toEqual(['', '', '']);
});

test('sizes and numbers are said in the language', () => {
  const { size, number } = formatsFor('de', de);
  expect([size(0), size(1500), size(2_000_000), number(10_400)]).toEqual(['0 Byte', '1,5 kB', '2 MB', '10.400']);
});

test.each([
  [0, '0 bytes', '0 Byte'],
  [1, '1 byte', '1 Byte'],
  [711, '711 bytes', '711 Byte'],
  [1000, '1 kB', '1 kB'],
  [999_949, '999.9 kB', '999,9 kB'],
  [999_999, '1 MB', '1 MB'],
  [25_000_000, '25 MB', '25 MB'],
  [3_500_000_000, '3.5 GB', '3,5 GB'],
  [2_000_000_000_000, '2,000 GB', '2.000 GB'],
])('%d bytes are said as people say them', (bytes, english, german) => {
  const said = [formatsFor('en', en).size(bytes), formatsFor('de', de).size(bytes)];
  expect(said.map((one) => one.replaceAll('\u00a0', ' '))).toEqual([english, german]);
});
