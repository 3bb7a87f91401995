import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { between } from './random.ts';
import { reckon } from './reckoning.ts';
import { rounds } from './rounds.ts';
import { startWorld } from './world.ts';

const STOP_MS = 5000;

test('SIGTERM under load ends the relay cleanly in less than 5 s, with no lease left and nothing lost', async () => {
  await using world = await startWorld();
  const load = world.load({ pauseMs: 0 });
  let relay = await world.start();
  // Attempts are always under way, and some answers come too late for the stop.
  world.farSide.misbehave(0.05);
  for (let round = 0; round < rounds(2, 10); round += 1) {
    load.aim(relay.ports.submission);
    const before = load.acknowledged;
    await until('mail goes in', () => load.acknowledged > before + 20);
    world.farSide.answerAfterMs(round % 2 === 0 ? 300 : 6000);
    await sleep(between(world.random, 100, 600));
    const startedMs = performance.now();
    const { code, signal } = await relay.end('SIGTERM');
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedMs).toBeLessThan(STOP_MS);
    expect(await relay.json(['queue', 'list', '--state', 'leased'])).toEqual([]);
    world.farSide.answerAfterMs(0);
    relay = await relay.again();
  }
  load.aim(relay.ports.submission);
  await reckon(world, relay);
});
