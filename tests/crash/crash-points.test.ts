import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { notKept } from './probe-store.ts';
import { reckon } from './reckoning.ts';
import { isLong, strace } from './rounds.ts';
import { startWorld } from './world.ts';

const POINTS = isLong ? Array.from({ length: 150 }, (_, index) => index + 1) : [1, 3, 7, 12, 20, 33];
const DEATH_MS = 60_000;

test('SIGKILL at the n-th fsync or rename loses nothing and doubles nothing, whichever n', async () => {
  await using world = await startWorld();
  const first = await world.start();
  const load = world.load({ pauseMs: 0, clients: 3 });
  load.aim(first.ports.submission);
  await until('the load runs', () => load.acknowledged > 10);
  await first.end('SIGKILL');
  world.farSide.misbehave(0.15);
  for (const point of POINTS) {
    // One thread for files, so that the calls of all of them are counted in one row; SQLite's are those of the main thread.
    const wrapper = strace(join(world.dataDir, '../strace.log'), [
      'trace=fsync,fdatasync,rename,renameat2',
      `inject=fsync,fdatasync,rename,renameat2:signal=SIGKILL:when=${point}`,
    ]);
    const env = { UV_THREADPOOL_SIZE: '1' };
    try {
      const relay = await world.start({ wrapper, env });
      load.aim(relay.ports.submission);
      await until(`the relay died at point ${point}`, () => relay.process.signalCode === 'SIGKILL', DEATH_MS);
    } catch (error) {
      // It died before its doors were open: a crash point like any other.
      if (!String(error).includes('ended at its start')) throw error;
    }
    expect(await notKept(world.dataDir, world.loads), `seed ${world.seed}, point ${point}`).toEqual([]);
  }
  const last = await world.start();
  load.aim(last.ports.submission);
  await reckon(world, last);
});
