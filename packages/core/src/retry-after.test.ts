import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW_MS = Date.UTC(2026, 10, 26, 1, 0, 0);

test.each([
  ['seconds', '120', 120_000],
  ['seconds with blanks', ' 7 ', 7000],
  ['nothing to wait for', '0', 0],
  ['a date', 'Thu, 26 Nov 2026 01:02:00 GMT', 120_000],
  ['a date that is over', 'Thu, 26 Nov 2026 00:59:00 GMT', 0],
  ['a day at most', '999999999', 86_400_000],
  ['a date far away', 'Thu, 26 Nov 2099 01:02:00 GMT', 86_400_000],
  ['no header', undefined, undefined],
  ['no number and no date', 'soon', undefined],
  ['an empty one', '', undefined],
])('%s', (_, header, expectedMs) => {
  expect(retryAfterMs(header, NOW_MS)).toBe(expectedMs);
});
