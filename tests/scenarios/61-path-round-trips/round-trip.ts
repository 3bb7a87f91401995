import { expect } from 'vitest';
import { until, type DoorName } from '../../lab/index.ts';
import {
  mirrored,
  provided,
  startMirrorScene,
  UidLedger,
  uidsIssued,
  type Copy,
  type CopyHere,
  type MirrorSceneOptions,
} from '../../relay/index.ts';
import { HARD_MESSAGES, type HardName } from '@stopgap/testkit/incoming-contract';
import { Traffic, WORK } from './traffic.ts';

const ZERO = { doubled: 0, missing: 0, renumbered: 0 };
const LIMIT_MS = 60_000;
/** At least so much happens at the provider while a path is changed. */
const STEPS = 15;
const FIRST = { inbox: 60, work: 20 };

export interface Leg {
  /** The kind that is left. */
  readonly path: 'imap' | 'roundcube' | 'pop3' | 'jmap';
  readonly broken: readonly DoorName[];
}

export interface Trip {
  readonly scene: MirrorSceneOptions;
  readonly legs: readonly Leg[];
  /** Messages that this store does not take. */
  readonly without: readonly HardName[];
  /** False where a path makes one message of equal ones (JMAP of Cyrus), so that a second copy is seen only by the next path. */
  readonly hasTwins: boolean;
  readonly seed: number;
}

/** Goes by one path after the other while another program works in the same mailboxes; after each leg nothing is doubled, missing or renumbered. */
export async function makeRoundTrip(title: string, { scene: options, legs, without, hasTwins, seed }: Trip): Promise<void> {
  await using scene = await startMirrorScene(options);
  const door = await scene.door('alice');
  const traffic = new Traffic(door, { seed, hasTwins });
  const ledger = new UidLedger();
  await door.createMailbox([WORK]).catch(() => undefined);
  for (const [name, bytes] of Object.entries(HARD_MESSAGES))
    if (!without.includes(name as HardName)) await door.append(['INBOX'], { bytes });
  if (hasTwins) await traffic.deliver('INBOX', 3);
  for (let number = 0; number < FIRST.inbox; number += 1) await traffic.deliver('INBOX');
  for (let number = 0; number < FIRST.work; number += 1) await traffic.deliver(WORK);
  await scene.add('alice');
  try {
    for (const { path, broken } of legs) {
      traffic.begin();
      await scene.lab.edge.set('all', { mode: 'pass' });
      if (broken.length > 0) await scene.lab.edge.set([...broken], { mode: 'refuse' });
      await until('the path is in use', async () => (await scene.mirrorOf('alice'))?.path?.includes(` ${path} `) === true, LIMIT_MS);
      await until('enough has happened', () => traffic.steps >= STEPS, LIMIT_MS);
      await traffic.end();
      const gone = traffic.takeGone();
      const looked = path === 'pop3' ? inboxIsHere() : scene.untilEqual('alice');
      const here = await looked;
      const there = await provided(door);
      const row = path === 'pop3' ? ledger.look(path, here.filter(inInbox), there.filter(inInbox), gone) : ledger.look(path, here, there);
      expect(row).toMatchObject(ZERO);
    }
    // Nothing comes after it: what waits for a second look has had it.
    await scene.untilLooked('alice', legs.at(-1)?.path ?? 'imap');
    expect(ledger.look('at rest', await scene.untilEqual('alice'), await provided(door))).toMatchObject(ZERO);
    // A double that had been there for a moment would have taken a UID.
    const issued = await uidsIssued(scene.relay, scene.lab.address('alice'));
    for (const mailbox of ['INBOX', WORK]) {
      const [status = ''] = await door.command(`STATUS ${mailbox} (UIDNEXT)`);
      expect(issued.get(mailbox)).toBeLessThan(Number(/UIDNEXT (\d+)/.exec(status)?.[1]));
    }
  } finally {
    ledger.print(title);
  }

  /** POP3 shows INBOX only, and what is gone from it stays here. */
  async function inboxIsHere(): Promise<readonly CopyHere[]> {
    const there = (await provided(door)).filter(inInbox);
    return until(
      'INBOX is here',
      async () => {
        const here = await mirrored(scene.relay, scene.lab.address('alice'));
        const counts = Map.groupBy(here.filter(inInbox), ({ hash }) => hash);
        const wanted = Map.groupBy(there, ({ hash }) => hash);
        return [...wanted].every(([hash, copies]) => (counts.get(hash) ?? []).length >= copies.length) ? here : undefined;
      },
      LIMIT_MS,
    );
  }
}

function inInbox({ mailbox }: Copy): boolean {
  return mailbox === 'INBOX';
}
