import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { notKept } from './probe-store.ts';
import { reckon } from './reckoning.ts';
import { rounds, strace } from './rounds.ts';
import { startWorld } from './world.ts';

/** Calls of the main thread at the start and the first log-in come before; these are in the middle of the load. */
const FIRST = 12;

test('a failed fsync is answered with 4xx, never tried again on its descriptor, and the relay works on', async () => {
  await using world = await startWorld();
  for (let round = 0; round < rounds(3, 20); round += 1) {
    const traceFile = join(world.dataDir, `../strace-${round}.log`);
    const wrapper = strace(traceFile, [
      'trace=fsync,fdatasync,openat,close',
      `inject=fsync,fdatasync:error=EIO:when=${FIRST + round * 2}`,
    ]);
    const relay = await world.start({ wrapper: [...wrapper, '-y'], env: { UV_THREADPOOL_SIZE: '1' } });
    const load = world.load({ pauseMs: 0, bigBytes: 150_000 });
    load.aim(relay.ports.submission);
    await until('an fsync failed', async () => (await readFile(traceFile, 'utf8')).includes('(INJECTED)'), 30_000);
    const before = load.acknowledged;
    await until('mail is accepted again', () => load.acknowledged > before + 30, 30_000);
    await load.stop();
    expect(relay.process.exitCode).toBeNull();
    await relay.end('SIGKILL');
    expect(syncedAfterFailure(await readFile(traceFile, 'utf8'))).toEqual([]);
    expect(await notKept(world.dataDir, world.loads)).toEqual([]);
    for (const { queuedAs, answers } of load.ledger.values()) {
      expect(queuedAs === undefined ? answers.at(-1) : 250).not.toBeLessThan(250);
      expect(answers.filter((code) => code !== undefined && code >= 500)).toEqual([]);
    }
  }
  await reckon(world, await world.start());
});

/** fsyncs of a descriptor that had failed before, between its opening and its closing. */
export function syncedAfterFailure(trace: string): string[] {
  const failed = new Set<string>();
  const faults: string[] = [];
  for (const line of trace.split('\n')) {
    const opened = /openat\(.*\) = (\d+)</.exec(line)?.[1];
    if (opened !== undefined) failed.delete(opened);
    const closed = /close\((\d+)</.exec(line)?.[1];
    if (closed !== undefined) failed.delete(closed);
    const synced = /f(?:data)?sync\((\d+)</.exec(line)?.[1];
    if (synced === undefined) continue;
    if (failed.has(synced)) faults.push(line);
    if (line.includes('(INJECTED)')) failed.add(synced);
  }
  return faults;
}
