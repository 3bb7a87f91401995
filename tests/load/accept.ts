import { send, type Load, type LoadResult } from './driver.ts';
import { eventLoopDelayP99, memoryOf, startLoadedRelay } from './loaded-relay.ts';
import { startQueueingPostfix } from './queueing-postfix.ts';
import { against, rate, type Bench, type BenchOptions, type Report } from './report.ts';

const MESSAGES = 4000;
const SIZE_BYTES = 10_000;
const CONNECTIONS = 32;
const CONNECTIONS_SINGLY = 200;
/** The two take turns, so that the noise of the machine meets both. */
const ROUNDS = 4;

const GOAL = 2.5;
const GOAL_SINGLY = 1;
const GOAL_DELAY_MS = 50;

/** Messages taken in a second, each durable before its 250, while the provider is dead; beside a Postfix that only queues. */
export const accept: Bench = async (options) => {
  await using postfix = await startQueueingPostfix();
  await using ours = await startLoadedRelay(options);
  const load = loadOf(options);
  const sums = { ours: 0, peer: 0, delayMs: 0 };
  // The first round warms up: Postfix has its processes by then, we our compiled code.
  for (let round = 0; round <= ROUNDS; round++) {
    const peer = await send({ ...load, target: postfix.target, name: `round-${round}` });
    await postfix.settled();
    await eventLoopDelayP99(ours.relay);
    const own = await send({ ...load, target: ours.target, name: `round-${round}` });
    const delayMs = await eventLoopDelayP99(ours.relay);
    if (round === 0) continue;
    options.say(tell(own, peer));
    sums.ours += own.seconds;
    sums.peer += peer.seconds;
    sums.delayMs = Math.max(sums.delayMs, delayMs);
  }
  const sent = load.messages * ROUNDS;
  return reportOf({ ours: sent / sums.ours, peer: sent / sums.peer, delayMs: sums.delayMs, rssMb: memoryOf(ours.relay).rssMb }, options);
};

function loadOf(options: BenchOptions): Omit<Load, 'target' | 'name'> {
  const connectionPerMessage = options.connectionPerMessage ?? false;
  return {
    messages: Math.ceil((options.messages ?? MESSAGES) / ROUNDS),
    sizeBytes: SIZE_BYTES,
    connections: connectionPerMessage ? CONNECTIONS_SINGLY : CONNECTIONS,
    connectionPerMessage,
  };
}

function tell(own: LoadResult, peer: LoadResult): string {
  return `stopgap ${rate(own.perSecond)}, Postfix ${rate(peer.perSecond)}, ratio ${(own.perSecond / peer.perSecond).toFixed(2)}`;
}

function reportOf(
  figures: { readonly ours: number; readonly peer: number; readonly delayMs: number; readonly rssMb: number },
  options: BenchOptions,
): Report {
  const { ours, peer, delayMs, rssMb } = figures;
  const ratio = ours / peer;
  const goal = options.connectionPerMessage ? GOAL_SINGLY : GOAL;
  const parts = [
    `accept${options.connectionPerMessage ? ' --connection-per-message' : ''}: ours ${rate(ours)}, Postfix ${rate(peer)}`,
    against(`ratio ${ratio.toFixed(2)}`, `>= ${goal}`, ratio >= goal),
    against(`event loop delay p99 ${delayMs.toFixed(0)} ms`, `< ${GOAL_DELAY_MS}`, delayMs < GOAL_DELAY_MS),
    `RSS ${rssMb.toFixed(0)} MB`,
  ];
  return { line: parts.join(', '), figures: { ...figures, ratio } };
}
