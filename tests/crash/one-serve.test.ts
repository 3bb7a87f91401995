import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { startWorld } from './world.ts';

test('a second serve on the same data directory is refused with a sentence, and the first one works on', async () => {
  await using world = await startWorld();
  const relay = await world.start();
  await expect(world.start()).rejects.toThrow(/Another stopgap already serves .*Stop it first/);
  const load = world.load({ clients: 1 });
  load.aim(relay.ports.submission);
  await until('mail goes in', () => load.acknowledged > 3);
  await load.stop();
});

test('after kill -9 the next serve starts at once', async () => {
  await using world = await startWorld();
  const relay = await world.start();
  await relay.end('SIGKILL');
  const startedMs = performance.now();
  await relay.again();
  expect(performance.now() - startedMs).toBeLessThan(5000);
});
