import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { reckon } from './reckoning.ts';
import { startWorld } from './world.ts';

/** Days; forward less than mail expires after. */
const JUMPS = ['+2d', '-3d', '+0'] as const;

/** libfaketime of Debian's package `faketime`: tests/peers.mjs. */
function fakeTimeLibrary(): string {
  const found = readdirSync('/usr/lib')
    .map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`)
    .find((file) => readable(file));
  if (found === undefined) throw new Error('libfaketime is not installed');
  return found;
}

function readable(file: string): boolean {
  try {
    return readdirSync(join(file, '..')).includes('libfaketimeMT.so.1');
  } catch {
    return false;
  }
}

test('a wall clock that jumps days forward and back stops nothing, loses nothing and doubles nothing', async () => {
  await using world = await startWorld();
  const offset = join(world.dataDir, '../offset');
  await writeFile(offset, '+0');
  const relay = await world.start({
    env: {
      LD_PRELOAD: fakeTimeLibrary(),
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  const load = world.load({ to: ['bob@elsewhere.test', 'carol@elsewhere.test'] });
  load.aim(relay.ports.submission);
  world.farSide.misbehave(0.3);
  for (const jump of JUMPS) {
    await until('mail goes in and out', progress(load, world.farSide));
    await writeFile(offset, jump);
    await until(`mail goes in and out after ${jump}`, progress(load, world.farSide), 30_000);
  }
  const days = new Set([...(await relay.log()).matchAll(/"time":"(\d{4}-\d\d-\d\d)T/g)].map((match) => match[1]));
  expect(days.size, 'the days that the relay saw').toBeGreaterThan(2);
  await reckon(world, relay);
});

function progress(load: { readonly acknowledged: number }, farSide: { readonly arrivals: readonly unknown[] }): () => boolean {
  const before = { acknowledged: load.acknowledged, arrived: farSide.arrivals.length };
  return () => load.acknowledged > before.acknowledged + 20 && farSide.arrivals.length > before.arrived + 10;
}
