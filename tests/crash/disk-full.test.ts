import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { smallDisk } from './disks.ts';
import type { Load } from './load.ts';
import { reckon } from './reckoning.ts';
import { startWorld } from './world.ts';

const DISK_MB = 64;
const BALLAST_MB = 36;
const LIMIT_MS = 40_000;

const refused = (load: Load, code: number) =>
  [...load.refusals].filter(([stage]) => stage.endsWith(` ${code}`)).reduce((sum, [, n]) => sum + n, 0);

async function acceptsAgain(load: Load): Promise<void> {
  const before = load.acknowledged;
  await until('mail is accepted again', () => load.acknowledged > before + 10, LIMIT_MS);
}

test('intake stops with 452 before the disk is full, what is under way still gets its outcome, and room brings it back', async () => {
  await using disk = await smallDisk(DISK_MB);
  const ballast = join(disk.directory, 'ballast');
  await writeFile(ballast, Buffer.alloc(BALLAST_MB * 1024 * 1024));
  await using world = await startWorld({ dataDir: join(disk.directory, 'data') });
  const relay = await world.start();
  const load = world.load({ bigBytes: 400_000, bigEvery: 2, pauseMs: 0 });
  load.aim(relay.ports.submission);
  await until('there is no room', () => refused(load, 452) > 0, LIMIT_MS);
  expect(refused(load, 451)).toBe(0);
  const full = load.acknowledged;
  await until('the far side has all of it', async () => world.farSide.arrivals.length >= full, LIMIT_MS);
  await until('every outcome is written', async () => (await relay.json<unknown[]>(['queue', 'list'])).length === 0, LIMIT_MS);
  await rm(ballast);
  await acceptsAgain(load);
  await reckon(world, relay);
  await relay.end();
});

test('a disk that others fill to the last byte loses nothing, and room brings the relay back', async () => {
  await using disk = await smallDisk(DISK_MB);
  const ballast = join(disk.directory, 'ballast');
  await using world = await startWorld({ dataDir: join(disk.directory, 'data') });
  const relay = await world.start();
  world.farSide.misbehave(0.1);
  const load = world.load({ pauseMs: 0 });
  load.aim(relay.ports.submission);
  await until('mail goes in', () => load.acknowledged > 30, LIMIT_MS);
  await fill(ballast);
  await until('it is refused', () => refused(load, 452) + refused(load, 451) + refused(load, 454) > 3, LIMIT_MS);
  // Once more, so that the last blocks go, too.
  await fill(`${ballast}2`);
  expect(relay.process.exitCode).toBeNull();
  await rm(ballast);
  await rm(`${ballast}2`);
  await acceptsAgain(load);
  expect(relay.process.exitCode).toBeNull();
  await reckon(world, relay);
  await relay.end();
});

async function fill(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (const chunk of [Buffer.alloc(1024 * 1024), Buffer.alloc(4096)]) {
      while (
        await handle.write(chunk).then(
          () => true,
          () => false,
        )
      );
    }
  } finally {
    await handle.close();
  }
}
