import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('a wait ends at once when its signal aborts, and does not reject', async () => {
  const stop = new AbortController();
  const waiting = systemClock.wait(2 ** 40, stop.signal);
  stop.abort();
  await expect(waiting).resolves.toBeUndefined();
  await expect(systemClock.wait(2 ** 40, stop.signal)).resolves.toBeUndefined();
});
