import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { notKept } from './probe-store.ts';
import { reckon } from './reckoning.ts';
import { rounds, strace } from './rounds.ts';
import { startWorld, type World } from './world.ts';

/** Calls of the main thread at the start come before; these are in the middle of the load. */
const FIRST = 8;

test('a failed fsync is answered with 4xx, never tried again on its descriptor, and the relay works on', async () => {
  await using world = await startWorld();
  await enrol(world);
  for (let round = 0; round < rounds(3, 20); round += 1) {
    const traceFile = join(world.dataDir, `../strace-${round}.log`);
    const wrapper = strace(traceFile, ['trace=fsync,fdatasync,openat,close', `inject=fsync,fdatasync:error=EIO:when=${FIRST + round * 2}`]);
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

/** The first log-in ever writes, too; what is meant here is the mail. */
async function enrol(world: World): Promise<void> {
  const relay = await world.start();
  const load = world.load({ clients: 1 });
  load.aim(relay.ports.submission);
  await until('the account is there', () => load.acknowledged > 3);
  await load.stop();
  await relay.end();
}

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

test('the same holds for the database file itself, whose fsync belongs to a checkpoint', async () => {
  await using world = await startWorld();
  await (await world.start()).end();
  const traceFile = join(world.dataDir, '../strace.log');
  const wrapper = strace(traceFile, ['trace=fsync,fdatasync,openat,close', 'inject=fsync,fdatasync:error=EIO:when=1']);
  const relay = await world.start({ wrapper: [...wrapper, '-y', '-P', join(world.dataDir, 'stopgap.db')] });
  // In rows, not in files: the log must grow beyond what a checkpoint waits for.
  const load = world.load({ pauseMs: 0, bigBytes: 120_000, bigEvery: 1 });
  load.aim(relay.ports.submission);
  const synced = async () => (await readFile(traceFile, 'utf8')).split('\n').filter((line) => /f(?:data)?sync\(/.test(line)).length;
  await until('the checkpoint failed, and a later one did not', async () => (await synced()) > 1, 60_000);
  await load.stop();
  await relay.end('SIGKILL');
  expect(syncedAfterFailure(await readFile(traceFile, 'utf8'))).toEqual([]);
  expect(await notKept(world.dataDir, world.loads)).toEqual([]);
  await reckon(world, await world.start());
});
