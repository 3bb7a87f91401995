import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import type { Relay } from '../relay/index.ts';
import { DoorLedger } from './door-ledger.ts';
import { createMailboxes, lookAround, runProgram } from './door-programs.ts';
import { isLong, rounds, strace } from './rounds.ts';
import { startWorld } from './world.ts';

const PROGRAMS = 4;
const POINTS = isLong ? Array.from({ length: 60 }, (_, index) => index + 1) : [11, 22];
const LONGEST_MS = 400;
const DEATH_MS = 60_000;

test('kill -9 at random moments while mail programs append, move and expunge: what got OK is done, the rest is whole or absent', async () => {
  await using world = await startWorld();
  const ledger = new DoorLedger();
  let relay = await world.start();
  await createMailboxes(relay.ports.imap);
  for (let round = 0; round < rounds(5, 40); round += 1) {
    const before = ledger.answered;
    const working = work(relay, `r${round}`, ledger);
    await until('they work', () => ledger.answered > before + PROGRAMS);
    await sleep(world.random() * LONGEST_MS);
    await relay.end('SIGKILL');
    await working;
    relay = await relay.again();
    await lookAround(relay.ports.imap, ledger);
    expect({ seed: world.seed, round, faults: ledger.faults }).toEqual({ seed: world.seed, round, faults: [] });
  }
  expect(ledger.cutOff).toBeGreaterThan(0);
  console.log(`${ledger.answered} commands answered, ${ledger.cutOff} cut off`);
});

test('the same with SIGKILL at the n-th fsync or rename', async () => {
  await using world = await startWorld();
  const ledger = new DoorLedger();
  const first = await world.start();
  await createMailboxes(first.ports.imap);
  await first.end();
  for (const point of POINTS) {
    // As in crash-points: one thread for files, so that the calls of all of them are counted in one row.
    const wrapper = strace(join(world.dataDir, '../strace.log'), [
      'trace=fsync,fdatasync,rename,renameat2',
      `inject=fsync,fdatasync,rename,renameat2:signal=SIGKILL:when=${point}`,
    ]);
    try {
      const relay = await world.start({ wrapper, env: { UV_THREADPOOL_SIZE: '1' } });
      const working = work(relay, `p${point}`, ledger);
      await until(`the relay died at point ${point}`, () => relay.process.signalCode === 'SIGKILL', DEATH_MS);
      await working;
    } catch (error) {
      // It died before its doors were open: a crash point like any other.
      if (!String(error).includes('ended at its start')) throw error;
    }
    const relay = await world.start();
    await lookAround(relay.ports.imap, ledger);
    expect({ seed: world.seed, point, faults: ledger.faults }).toEqual({ seed: world.seed, point, faults: [] });
    await relay.end();
  }
  expect(ledger.cutOff).toBeGreaterThan(0);
  console.log(`${ledger.answered} commands answered, ${ledger.cutOff} cut off`);
});

async function work(relay: Relay, name: string, ledger: DoorLedger): Promise<void> {
  await Promise.all(Array.from({ length: PROGRAMS }, (_, index) => runProgram(relay.ports.imap, `${name}-${index}`, ledger)));
}
