import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { startFarWebmail, type FarWebmail } from './far-webmail.ts';
import { between } from './random.ts';
import { reckon } from './reckoning.ts';
import { rounds } from './rounds.ts';
import { startWorld } from './world.ts';

const TIDY_MS = 60_000;

test('through a webmail that fails half way and a relay that is killed, every message arrives and is in Sent exactly once', async () => {
  let webmail: FarWebmail | undefined;
  await using world = await startWorld({ farSide: async (options) => (webmail = await startFarWebmail(options)) });
  let relay = await world.start();
  // Small ones only: Roundcube's Net_SMTP changes full stops at its 8 KB borders.
  const load = world.load({ clients: 2, pauseMs: 60, bigBytes: 6000, to: ['bob', 'carl', 'dora'].map((name) => `${name}@elsewhere.test`) });
  load.aim(relay.ports.submission);
  await until('mail arrives', () => world.farSide.arrivals.length > 3);
  world.farSide.misbehave(0.2);
  world.farSide.answerAfterMs(20);
  for (let round = 0; round < rounds(4, 30); round += 1) {
    const before = load.acknowledged;
    await until('mail goes in', () => load.acknowledged > before + 2);
    await sleep(between(world.random, 0, 900));
    await relay.end('SIGKILL');
    relay = await relay.again();
    load.aim(relay.ports.submission);
  }
  await reckon(world, relay);
  const sentOnce = [...new Set(world.farSide.arrivals.map(({ messageId }) => messageId))].toSorted();
  const inSent = () => webmail?.messageIdsIn('Sent').toSorted();
  await until('each is in Sent once', () => String(inSent()) === String(sentOnce), TIDY_MS).catch(() => expect(inSent()).toEqual(sentOnce));
  expect(webmail?.messageIdsIn('Stopgap outbox')).toEqual([]);
});
