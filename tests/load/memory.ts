import { send } from './driver.ts';
import { memoryOf, startLoadedRelay } from './loaded-relay.ts';
import { against, type Bench } from './report.ts';

const MESSAGES = 10;
const SIZE_BYTES = 50_000_000;
const WARM_UP = { messages: 200, sizeBytes: 10_000, connections: 10, name: 'warm-up' };
const GOAL_MB = 120;

/** Big messages all at once: how much the process grows. */
export const memory: Bench = async (options) => {
  const messages = options.messages ?? MESSAGES;
  await using loaded = await startLoadedRelay(options);
  const { relay, target } = loaded;
  await send({ target, ...WARM_UP });
  const before = memoryOf(relay);
  const { seconds } = await send({ target, messages, sizeBytes: SIZE_BYTES, connections: messages, name: 'big' });
  const after = memoryOf(relay);
  const growthMb = after.peakMb - before.rssMb;
  options.say(
    `RSS before ${before.rssMb.toFixed(0)} MB, highest ${after.peakMb.toFixed(0)} MB, after ${after.rssMb.toFixed(0)} MB; ${seconds.toFixed(1)} s`,
  );
  return {
    line: `memory: ${messages} messages of 50 MB at once: ${against(`RSS grew by ${growthMb.toFixed(0)} MB`, `< ${GOAL_MB}`, growthMb < GOAL_MB)}`,
    figures: { growthMb, seconds },
  };
};
