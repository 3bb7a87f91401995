import type { Relay } from '../relay/index.ts';
import { startFullProvider, type FullProvider } from './full-mailboxes.ts';
import { memoryOf } from './loaded-relay.ts';
import { runMbsync } from './mbsync.ts';
import { addAccount, expectComplete, startMirroringRelay, untilHeld, untilIndexed } from './mirroring-relay.ts';
import { against, type Bench, type BenchOptions } from './report.ts';
import { startTap } from './tap.ts';

const MESSAGES = 10_000;
const SIZE_BYTES = 10_000;
const NEWEST = 100;
/** The peer and we in turn, so that the noise of the machine meets both. */
const ROUNDS = 2;
/** Somewhere in the middle it is killed: so many of the messages are there then. */
const KILLED_FROM = 0.2;
const KILLED_TO = 0.8;

const GOAL_RATIO = 1;
const GOAL_NEWEST_MS = 1000;
const GOAL_RSS_MB = 250;
const GOAL_WORK = 1.2;

/** A mailbox that was never seen before: until all of it is here, durable and searchable; beside mbsync. */
export const firstSync: Bench = async (options) => {
  const messages = options.messages ?? MESSAGES;
  await using provider = await startFullProvider({ mailboxes: 1, messages, sizeBytes: SIZE_BYTES });
  let mbsyncS = 0;
  let oursS = 0;
  let newestMs = 0;
  let rssMb = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const peerS = await runMbsync(provider, messages);
    const ours = await syncOnce(provider, messages, options);
    options.say(
      `round ${round}: mbsync ${peerS.toFixed(1)} s; ours ${ours.seconds.toFixed(1)} s, newest after ${ours.newestMs.toFixed(0)} ms, RSS ${ours.rssMb.toFixed(0)} MB`,
    );
    mbsyncS += peerS / ROUNDS;
    oursS += ours.seconds / ROUNDS;
    newestMs = Math.max(newestMs, ours.newestMs);
    rssMb = Math.max(rssMb, ours.rssMb);
  }
  const work = await workWhenKilled(provider, messages, options);
  const ratio = oursS / mbsyncS;
  return {
    line: [
      `first-sync: ${messages} messages of 10 KB: ours ${oursS.toFixed(1)} s, mbsync ${mbsyncS.toFixed(1)} s`,
      against(`ratio ${ratio.toFixed(2)}`, `<= ${GOAL_RATIO}`, ratio <= GOAL_RATIO),
      against(`newest ${Math.min(NEWEST, messages)} after ${newestMs.toFixed(0)} ms`, `< ${GOAL_NEWEST_MS}`, newestMs < GOAL_NEWEST_MS),
      against(`RSS ${rssMb.toFixed(0)} MB`, `< ${GOAL_RSS_MB}`, rssMb < GOAL_RSS_MB),
      against(`killed: fetched ${work.toFixed(2)} times the mailbox`, `< ${GOAL_WORK}`, work < GOAL_WORK),
    ].join('; '),
    figures: { oursS, mbsyncS, ratio, newestMs, rssMb, work },
  };
};

async function syncOnce(provider: FullProvider, messages: number, { profileDir }: BenchOptions) {
  await using relay = await startMirroringRelay(provider, { profileDir });
  const startMs = await addAccount(relay, provider);
  await untilHeld(relay, Math.min(NEWEST, messages));
  const newestMs = performance.now() - startMs;
  await untilAll(relay, messages);
  const seconds = (performance.now() - startMs) / 1000;
  const rssMb = memoryOf(relay).peakMb;
  await expectComplete(relay, messages);
  await relay.end();
  return { newestMs, seconds, rssMb };
}

/** How much is fetched in all when it is killed on the way, in octets of the server's over those of the mailbox. */
async function workWhenKilled(provider: FullProvider, messages: number, { say }: BenchOptions): Promise<number> {
  await using tap = await startTap(provider.lab.ports.imap);
  await using relay = await startMirroringRelay(provider, { imapPort: tap.port });
  await addAccount(relay, provider);
  const killedAt = Math.ceil(messages * (KILLED_FROM + Math.random() * (KILLED_TO - KILLED_FROM)));
  await untilHeld(relay, killedAt);
  await relay.end('SIGKILL');
  say(`killed when ${killedAt} messages were here, ${tap.bytes} octets fetched`);
  const again = await relay.again();
  await untilAll(again, messages);
  await expectComplete(again, messages);
  await again.end();
  return tap.bytes / provider.octets;
}

async function untilAll(relay: Relay, messages: number): Promise<void> {
  await untilHeld(relay, messages);
  await untilIndexed(relay, messages);
}
