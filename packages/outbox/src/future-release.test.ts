import { expect, test } from 'vitest';
import { futureRelease, futureReleaseLimits, LONGEST_HOLD_S } from './future-release.ts';

const NOW = Date.parse('2026-11-26T10:30:00Z');

test.each<[string, 'HOLDFOR' | 'HOLDUNTIL', string, string | undefined]>([
  ['seconds', 'HOLDFOR', '3600', '2026-11-26T11:30:00Z'],
  ['no seconds', 'HOLDFOR', '0', '2026-11-26T10:30:00Z'],
  ['the longest', 'HOLDFOR', String(LONGEST_HOLD_S), '2026-12-26T10:30:00Z'],
  ['longer than that', 'HOLDFOR', String(LONGEST_HOLD_S + 1), undefined],
  ['more digits than RFC 4865 4 has', 'HOLDFOR', '0000000001', undefined],
  ['less than nothing', 'HOLDFOR', '-1', undefined],
  ['no number', 'HOLDFOR', 'soon', undefined],
  ['nothing', 'HOLDFOR', '', undefined],
  ['a time', 'HOLDUNTIL', '2026-11-27T08:00:00Z', '2026-11-27T08:00:00Z'],
  ['a time with an offset', 'HOLDUNTIL', '2026-11-27T08:00:00.5+02:00', '2026-11-27T06:00:00.500Z'],
  ['a time that has passed', 'HOLDUNTIL', '2026-11-25T08:00:00Z', '2026-11-25T08:00:00Z'],
  ['a time too far ahead', 'HOLDUNTIL', '2027-11-27T08:00:00Z', undefined],
  ['a date as people write it', 'HOLDUNTIL', '27 Nov 2026 08:00 UTC', undefined],
  ['a day that is none', 'HOLDUNTIL', '2026-13-40T08:00:00Z', undefined],
])('%s', (_, parameter, value, at) => {
  expect(futureRelease(parameter, value, NOW)?.atMs).toBe(at === undefined ? undefined : Date.parse(at));
});

test('what is offered is never more than what is taken', () => {
  const [longest, latest] = futureReleaseLimits(NOW);
  expect([longest, latest]).toEqual(['2592000', '2026-12-26T00:00:00Z']);
  expect(futureRelease('HOLDUNTIL', latest, NOW)?.atMs).toBe(Date.parse(latest));
});
