import { until } from '../lab/index.ts';
import { startFullProvider } from './full-mailboxes.ts';
import { addAccount, expectComplete, startMirroringRelay, untilHeld } from './mirroring-relay.ts';
import { against, type Bench } from './report.ts';
import { startTap, type Tap } from './tap.ts';

const MAILBOXES = 50;
const MESSAGES = 2000;
const SIZE_BYTES = 1000;
const ROUNDS = 5;
/** Nothing passes for so long: the round is over. */
const QUIET_MS = 2000;
const ROUND_LIMIT_MS = 120_000;
const GOAL_S = 1;

/** What it costs to find that nothing is new, as the server sees it: from the first octet of a round to the last. */
export const poll: Bench = async (options) => {
  const messages = Math.ceil((options.messages ?? MAILBOXES * MESSAGES) / MAILBOXES);
  await using provider = await startFullProvider({ mailboxes: MAILBOXES, messages, sizeBytes: SIZE_BYTES });
  options.say(`${MAILBOXES} mailboxes of ${messages} messages are filled`);
  await using tap = await startTap(provider.lab.ports.imap);
  // A probe is a connection of its own that would be taken for the end of a round.
  const seldom = { pollEvery: '1h', probeEvery: '1h' };
  await using relay = await startMirroringRelay(provider, { ...seldom, imapPort: tap.port, profileDir: options.profileDir });
  await addAccount(relay, provider);
  await untilHeld(relay, MAILBOXES * messages);
  await quiet(tap);
  await expectComplete(relay, MAILBOXES * messages);
  const rounds: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    tap.reset();
    const { code, stderr } = await relay.cli(['mirror', 'sync', provider.address]);
    if (code !== 0) throw new Error(stderr);
    await until('the round has begun', () => tap.firstAtMs !== undefined, ROUND_LIMIT_MS);
    await quiet(tap);
    const seconds = ((tap.lastAtMs ?? 0) - (tap.firstAtMs ?? 0)) / 1000;
    options.say(`round ${round}: ${seconds.toFixed(2)} s, ${tap.bytes} octets`);
    rounds.push(seconds);
  }
  await relay.end();
  const longest = Math.max(...rounds);
  return {
    line: `poll: ${MAILBOXES} mailboxes of ${messages} messages, nothing new: ${against(`the longest round took ${longest.toFixed(2)} s`, `< ${GOAL_S}`, longest < GOAL_S)}`,
    figures: { seconds: longest },
  };
};

async function quiet(tap: Tap): Promise<void> {
  await until('nothing passes any more', () => tap.lastAtMs !== undefined && performance.now() - tap.lastAtMs > QUIET_MS, ROUND_LIMIT_MS);
}
