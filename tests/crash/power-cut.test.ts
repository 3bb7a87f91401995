import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { messageOf } from '@stopgap/core';
import { until } from '../lab/index.ts';
import { xfsDisk } from './disks.ts';
import { notKept } from './probe-store.ts';
import { between } from './random.ts';
import { reckon } from './reckoning.ts';
import { rounds } from './rounds.ts';
import { startWorld } from './world.ts';

const obstacle = await xfsDisk().then(
  (disk) => disk[Symbol.asyncDispose](),
  (error: unknown) => {
    if (process.env['CI'] === 'true') throw error;
    return `no xfs on a loop device here: ${messageOf(error)}`;
  },
);

test('a power cut under load loses nothing that was accepted', async (context) => {
  if (obstacle !== undefined) return context.skip(obstacle);
  await using disk = await xfsDisk();
  await using world = await startWorld({ dataDir: join(disk.directory, 'data') });
  const load = world.load({ pauseMs: 0 });
  world.farSide.misbehave(0.1);
  for (let round = 0; round < rounds(2, 10); round += 1) {
    const relay = await world.start();
    load.aim(relay.ports.submission);
    const before = load.acknowledged;
    await until('mail goes in', () => load.acknowledged > before + 20, 30_000);
    await sleep(between(world.random, 0, 700));
    await disk.cutPower(relay.process.pid ?? 0);
    await relay.end('SIGKILL');
    await disk.comeBack();
    expect(await notKept(world.dataDir, world.loads), `seed ${world.seed}, round ${round}`).toEqual([]);
  }
  const last = await world.start();
  load.aim(last.ports.submission);
  await reckon(world, last);
  await last.end();
});
