import { expect, test } from 'vitest';
import { nearestWord } from './near-miss.ts';

const KNOWN = ['listen', 'limits', 'hostname', 'expireAfter', 'smtp', 'imap', 'data'];

test.each([
  ['listne', 'listen'],
  ['Hostname', 'hostname'],
  ['host_name', 'hostname'],
  ['expire-after', 'expireAfter'],
  ['stmp', 'smtp'],
  ['limit', 'limits'],
  ['dat', 'data'],
])('%s is taken for %s', (given, meant) => {
  expect(nearestWord(given, KNOWN)).toBe(meant);
});

test.each(['colour', 'pop3', 'x', '', 'hostnamexyz'])('%j is like none', (given) => {
  expect(nearestWord(given, KNOWN)).toBeUndefined();
});
