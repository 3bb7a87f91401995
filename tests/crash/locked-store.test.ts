import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { reckon } from './reckoning.ts';
import { Talker } from './talker.ts';
import { startWorld } from './world.ts';

test.for([
  { heldMs: 2000, refuses: false },
  { heldMs: 8000, refuses: true },
])('while another process holds the store for $heldMs ms nothing is lost and clients are greeted', async ({ heldMs, refuses }) => {
  await using world = await startWorld();
  const relay = await world.start();
  const load = world.load();
  load.aim(relay.ports.submission);
  await until('mail goes in', () => load.acknowledged > 20);
  const before = load.refusals.get('dot 451') ?? 0;
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-lock.ts'), world.dataDir, String(heldMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  let greetings = 0;
  while (holder.exitCode === null && holder.signalCode === null) {
    const talker = new Talker(relay.ports.submission);
    expect((await talker.reply())?.code).toBe(220);
    greetings += 1;
    talker.close();
    await sleep(100);
  }
  expect(holder.exitCode).toBe(0);
  // A greeting that needed the store would come once: when the store is let go.
  expect(greetings).toBeGreaterThan(2);
  expect((load.refusals.get('dot 451') ?? 0) > before).toBe(refuses);
  const locked = load.acknowledged;
  await until('mail goes in again', () => load.acknowledged > locked + 10);
  await reckon(world, relay);
});
