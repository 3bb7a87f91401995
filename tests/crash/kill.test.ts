import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { until } from '../lab/index.ts';
import { between } from './random.ts';
import { reckon } from './reckoning.ts';
import { rounds } from './rounds.ts';
import { startWorld } from './world.ts';

const ACCEPTED_A_ROUND = 10;
const LIMIT_MS = 60_000;

test('kill -9 at random moments under load, with a far side that misbehaves, loses nothing and doubles nothing', async () => {
  await using world = await startWorld();
  let relay = await world.start();
  const load = world.load({ to: ['bob@elsewhere.test', 'carol@elsewhere.test'] });
  load.aim(relay.ports.submission);
  await until('the load runs', () => load.acknowledged > 20);
  world.farSide.misbehave(0.3);
  for (let round = 0; round < rounds(5, 30); round += 1) {
    const before = load.acknowledged;
    await until('mail goes in', () => load.acknowledged >= before + ACCEPTED_A_ROUND, LIMIT_MS);
    await sleep(between(world.random, 0, 600));
    await relay.end('SIGKILL');
    relay = await relay.again();
  }
  await reckon(world, relay);
});
