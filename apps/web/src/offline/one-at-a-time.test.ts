import { expect, test } from 'vitest';
import { browserTurns } from './one-at-a-time.ts';

test('one of a person’s windows at a time has a turn, whoever else waits for their log-in in another one', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const alice = browserTurns(navigator.locks, 'Alice@alice.test');
  const waiting = alice.alone('letters', () => promise);
  expect(await browserTurns(navigator.locks, 'alice@alice.test').ifFree('letters', async () => 'hers')).toBeUndefined();
  expect(await browserTurns(navigator.locks, 'bob@alice.test').ifFree('letters', async () => 'his')).toBe('his');
  resolve();
  await waiting;
});
