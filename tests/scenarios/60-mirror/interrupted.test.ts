/* A first sync that does not get through at once: killed, stopped, and begun in an outage by the webmail alone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { mirrored, provided, startMirrorScene, UidLedger, type MirrorScene } from '../../relay/index.ts';
import { fillWithVariedMail } from './varied-mail.ts';

const ZERO = { doubled: 0, missing: 0, renumbered: 0 };
const SMALL = 150;
const FEW = 40;
/** So that a sync takes long enough to be interrupted. */
const SLOW = { mode: 'slow', bytesPerSecond: 100_000 } as const;

let scene: MirrorScene;
const ledgers: [string, UidLedger][] = [];

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap', 'roundcube'], lab: { users: ['carol', 'dave'] } });
});

afterAll(async () => {
  for (const [title, ledger] of ledgers) ledger.print(title);
  await scene?.[Symbol.asyncDispose]();
});

function ledgerOf(title: string): UidLedger {
  const ledger = new UidLedger();
  ledgers.push([title, ledger]);
  return ledger;
}

test('killed and stopped in the middle of the first sync, it goes on where it was', async () => {
  const total = await fillWithVariedMail(await scene.door('carol'), SMALL);
  const carol = scene.lab.address('carol');
  const ledger = ledgerOf('60-mirror: interrupted');
  const there = await provided(await scene.door('carol'));
  await scene.lab.edge.set('imaps', SLOW);
  await scene.add('carol');
  let before = 0;
  for (const signal of ['SIGKILL', 'SIGKILL', 'SIGTERM'] as const) {
    const least = before;
    await until('some more of it is here', async () => (await mirrored(scene.relay, carol)).length > least, 60_000);
    await scene.end(signal);
    const here = await mirrored(scene.relay, carol);
    // Nothing twice, no other UID; that much is missing yet is what an interruption means.
    expect(ledger.look(`imap, ${signal}`, here, there)).toMatchObject({ doubled: 0, renumbered: 0 });
    expect(here.length).toBeLessThan(total);
    before = here.length;
    await scene.revive();
  }
  await scene.lab.edge.set('imaps', { mode: 'pass' });
  expect(ledger.look('imap', await scene.untilEqual('carol'), there)).toMatchObject(ZERO);
  await scene.untilLooked('carol', 'imap');
  expect(ledger.look('imap', await scene.untilEqual('carol'), there)).toMatchObject(ZERO);
});

test('begun in an outage by the webmail alone, nothing is doubled when IMAP returns', async () => {
  await fillWithVariedMail(await scene.door('dave'), FEW);
  const ledger = ledgerOf('60-mirror: outage first');
  const there = await provided(await scene.door('dave'));
  await scene.lab.edge.set(['imap', 'imaps'], { mode: 'refuse' });
  await scene.add('dave');
  // The webmail's list tells no keywords.
  expect(ledger.look('roundcube', await scene.untilEqual('dave', { withFlags: false }), there)).toMatchObject(ZERO);
  expect((await scene.mirrorOf('dave'))?.path).toContain('roundcube');
  await scene.lab.edge.set(['imap', 'imaps'], { mode: 'pass' });
  await scene.untilLooked('dave', 'imap');
  expect(ledger.look('imap', await scene.untilEqual('dave'), there)).toMatchObject(ZERO);
  await scene.untilLooked('dave', 'imap');
  expect(ledger.look('imap', await scene.untilEqual('dave'), there)).toMatchObject(ZERO);
});
