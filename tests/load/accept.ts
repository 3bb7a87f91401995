import { send, type LoadResult, type Target } from './driver.ts';
import { eventLoopDelayP99, memoryOf, startLoadedRelay } from './loaded-relay.ts';
import { startQueueingPostfix } from './queueing-postfix.ts';
import { against, rate, type Bench, type BenchOptions } from './report.ts';

const MESSAGES = 4000;
const SIZE_BYTES = 10_000;
const CONNECTIONS = 32;
const CONNECTIONS_SINGLY = 200;
/** Before the clock runs, as on a server that has been up for a while: Postfix has its processes by then, we our compiled code. */
const WARM_UP_SHARE = 0.25;

const GOAL = 2.5;
const GOAL_SINGLY = 1;
const GOAL_DELAY_MS = 50;

/** Messages taken in a second, each durable before its 250, while the provider is dead; beside a Postfix that only queues. */
export const accept: Bench = async (options) => {
  const { say } = options;
  const peer = await acceptByPostfix(options);
  say(`Postfix  ${rate(peer.perSecond)}  ${peer.seconds.toFixed(2)} s`);
  const ours = await acceptByRelay(options);
  say(`stopgap  ${rate(ours.perSecond)}  ${ours.seconds.toFixed(2)} s  RSS ${ours.rssMb.toFixed(0)} MB`);
  const ratio = ours.perSecond / peer.perSecond;
  const goal = options.connectionPerMessage ? GOAL_SINGLY : GOAL;
  const delay = against(`event loop delay p99 ${ours.delayMs.toFixed(0)} ms`, `< ${GOAL_DELAY_MS}`, ours.delayMs < GOAL_DELAY_MS);
  return {
    line:
      `accept${options.connectionPerMessage ? ' --connection-per-message' : ''}: ours ${rate(ours.perSecond)}, Postfix ${rate(peer.perSecond)}, ` +
      `${against(`ratio ${ratio.toFixed(2)}`, `>= ${goal}`, ratio >= goal)}; ${delay}`,
    figures: { ours: ours.perSecond, peer: peer.perSecond, ratio, delayMs: ours.delayMs, rssMb: ours.rssMb },
  };
};

async function acceptByPostfix(options: BenchOptions): Promise<LoadResult> {
  await using postfix = await startQueueingPostfix();
  return await measure(postfix.target, options, async () => undefined);
}

async function acceptByRelay(options: BenchOptions): Promise<LoadResult & { readonly delayMs: number; readonly rssMb: number }> {
  await using loaded = await startLoadedRelay(options);
  const { relay, target } = loaded;
  const result = await measure(target, options, async () => void (await eventLoopDelayP99(relay)));
  return { ...result, delayMs: await eventLoopDelayP99(relay), rssMb: memoryOf(relay).rssMb };
}

async function measure(target: Target, options: BenchOptions, onWarm: () => Promise<void>): Promise<LoadResult> {
  const messages = options.messages ?? MESSAGES;
  const connectionPerMessage = options.connectionPerMessage ?? false;
  const load = {
    target,
    sizeBytes: SIZE_BYTES,
    connections: connectionPerMessage ? CONNECTIONS_SINGLY : CONNECTIONS,
    connectionPerMessage,
  };
  await send({ ...load, messages: Math.ceil(messages * WARM_UP_SHARE), name: 'warm-up' });
  await onWarm();
  return send({ ...load, messages, name: 'measured' });
}
