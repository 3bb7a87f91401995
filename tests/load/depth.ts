import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@stopgap/core';
import { queueEntries } from '@stopgap/outbox';
import { openStore } from '@stopgap/store';
import { send } from './driver.ts';
import { fillStore } from './fill-store.ts';
import { memoryOf, startLoadedRelay, type LoadedRelay } from './loaded-relay.ts';
import { against, rate, type Bench } from './report.ts';

const WAITING = 300_000;
const SENT_SHARE = 0.01;
const SIZE_BYTES = 10_000;
const CONNECTIONS = 32;
const PAGE = 50;
/** Empty and full in turn, so that the noise of the machine meets both. */
const ROUNDS = 3;

const GOAL_RATIO = 0.9;
const GOAL_RSS_MB = 350;
const GOAL_READY_S = 3;
const GOAL_LIST_MS = 200;

/** What many waiting messages cost: the rate of accepting beside an empty queue's, memory, start and the first page of the list. */
export const depth: Bench = async (options) => {
  const waiting = options.messages ?? WAITING;
  const home = await mkdtemp(join(tmpdir(), 'stopgap-depth-'));
  try {
    const dataDir = join(home, 'data');
    const fillMs = await timed(() => fillStore(dataDir, waiting));
    options.say(`${waiting} messages put in within ${(fillMs / 1000).toFixed(0)} s`);
    await using empty = await startLoadedRelay();
    const before = performance.now();
    await using deep = await startLoadedRelay({ dataDir, profileDir: options.profileDir });
    // Without the time in which the account was added.
    const readyS = (deep.readyAtMs - before) / 1000;
    const rates = await inTurn([empty, deep], Math.ceil(waiting * SENT_SHARE));
    const list = await timeOfList(deep, dataDir);
    return reportOf({ ...rates, ...list, readyS, rssMb: memoryOf(deep.relay).rssMb, waiting });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};

async function inTurn(
  relays: readonly [LoadedRelay, LoadedRelay],
  messages: number,
): Promise<{ readonly emptyRate: number; readonly deepRate: number }> {
  const seconds = [0, 0];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, { target }] of relays.entries()) {
      const result = await send({ target, messages, sizeBytes: SIZE_BYTES, connections: CONNECTIONS, name: `round-${round}` });
      // The first round is for warming up.
      if (round > 0) seconds[index] = (seconds[index] ?? 0) + result.seconds;
    }
  }
  const rates = seconds.map((sum) => (messages * ROUNDS) / sum);
  return { emptyRate: rates[0] ?? 0, deepRate: rates[1] ?? 0 };
}

async function timeOfList({ relay }: LoadedRelay, dataDir: string): Promise<{ readonly cliMs: number; readonly queryMs: number }> {
  const cliMs = await timed(async () => {
    const { code, stderr } = await relay.cli(['queue', 'list', '--limit', String(PAGE)]);
    if (code !== 0) throw new Error(stderr);
  });
  const store = await openStore({ dataDir, clock: systemClock });
  const queryMs = await timed(async () => {
    if (store.read((reader) => queueEntries(reader, { limit: PAGE })).length === 0) throw new Error('the list is empty');
  });
  await store.close();
  return { cliMs, queryMs };
}

async function timed(run: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}

function reportOf(figures: {
  readonly emptyRate: number;
  readonly deepRate: number;
  readonly cliMs: number;
  readonly queryMs: number;
  readonly readyS: number;
  readonly rssMb: number;
  readonly waiting: number;
}) {
  const { emptyRate, deepRate, cliMs, queryMs, readyS, rssMb, waiting } = figures;
  const ratio = deepRate / emptyRate;
  const parts = [
    `depth ${waiting}: accept ${rate(deepRate)}, at depth 0 ${rate(emptyRate)}, ${against(`ratio ${ratio.toFixed(2)}`, `>= ${GOAL_RATIO}`, ratio >= GOAL_RATIO)}`,
    against(`RSS ${rssMb.toFixed(0)} MB`, `< ${GOAL_RSS_MB}`, rssMb < GOAL_RSS_MB),
    against(`ready in ${readyS.toFixed(1)} s`, `< ${GOAL_READY_S}`, readyS < GOAL_READY_S),
    `queue list: ${against(`query ${queryMs.toFixed(0)} ms`, `< ${GOAL_LIST_MS}`, queryMs < GOAL_LIST_MS)}, the command ${cliMs.toFixed(0)} ms`,
  ];
  return { line: parts.join('; '), figures: { ...figures, ratio } };
}
