import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const BACKOFF = { firstMs: 30_000, factor: 2, longestMs: 1_800_000 };

test.each([
  ['the first failure waits the first delay', 1, 30_000],
  ['the second twice that', 2, 60_000],
  ['the fifth sixteen times that', 5, 480_000],
  ['never longer than the longest', 8, 1_800_000],
  ['not even after very many', 100_000, 1_800_000],
])('%s', (_, tries, expectedMs) => {
  expect(backoffMs(BACKOFF, tries, 0.5)).toBe(expectedMs);
});

test('jitter spreads a delay by a fifth to both sides', () => {
  expect(backoffMs(BACKOFF, 1, 0)).toBe(24_000);
  expect(backoffMs(BACKOFF, 1, 0.999_999)).toBe(36_000);
});
