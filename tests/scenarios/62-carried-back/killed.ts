import { expect } from 'vitest';
import { until, type OpenBackDoor } from '../../lab/index.ts';
import { mirrored, type Desk, type MirrorScene } from '../../relay/index.ts';
import { contentsOf, idsIn, letter, type Contents } from './mail.ts';
import type { Way } from './way.ts';

const LIMIT_MS = 60_000;

/** What is done here, and how upstream shows that it was told. */
const DEEDS = {
  append: {
    deed: (desk) => desk.append('Drafts', letter('k-draft'), ['$draft']),
    isDone: async (door) => (await idsIn(door, 'Drafts')).includes('k-draft'),
  },
  move: {
    deed: (desk) => desk.move('INBOX', 'k1', 'Archive'),
    isDone: async (door) => (await idsIn(door, 'Archive')).includes('k1'),
  },
  flags: {
    deed: (desk) => desk.flag('INBOX', 'k0', { add: ['$flagged'] }),
    isDone: async (door) =>
      (await door.messages(['INBOX'])).some(({ bytes, flags }) => bytes.includes('<k0@') && flags.includes('$flagged')),
  },
  expunge: {
    deed: (desk) => desk.expunge('INBOX', ['k2']),
    isDone: async (door) => !(await idsIn(door, 'INBOX')).includes('k2'),
  },
  create: {
    deed: (desk) => desk.create('Mappe'),
    isDone: async (door) => (await door.mailboxes()).includes('Mappe'),
  },
  rename: {
    deed: (desk) => desk.rename('Arbeit', 'Projekt'),
    isDone: async (door) => (await door.mailboxes()).includes('Projekt'),
  },
  delete: {
    deed: (desk) => desk.remove('Kurz'),
    isDone: async (door) => !(await door.mailboxes()).includes('Kurz'),
  },
} as const satisfies Readonly<
  Record<string, { readonly deed: (desk: Desk) => Promise<void>; readonly isDone: (door: OpenBackDoor) => Promise<boolean> }>
>;

export type KilledAt = keyof typeof DEEDS;

const AFTERWARDS: Contents = {
  Archive: ['k1', 'l2 $answered', 'l7', 'o1'],
  Drafts: ['draft $draft $seen', 'k-draft $draft'],
  INBOX: ['k0 $flagged', 'k3', 'l0 $flagged $seen projekt-7', 'l1 $seen', 'l4', 'l7', 'l9'],
  Mappe: [],
  'Neu/Köln': ['below', 'l8'],
  Projekt: ['filed $flagged', 'w0 $seen', 'w1'],
  Trash: ['l3'],
};

/** The relay dies at each of the moments, with the thing about to be told or just told, and another one takes over the same data. */
export async function carriesOnAfterKills(scene: MirrorScene, way: Way): Promise<void> {
  const alice = scene.lab.address('alice');
  const door = await scene.door('alice');
  for (const id of ['k0', 'k1', 'k2', 'k3']) await door.append(['INBOX'], { bytes: letter(id) });
  await door.createMailbox(['Kurz']);
  await door.append(['Kurz'], { bytes: letter('kurz') });
  const before = await scene.untilEqual('alice', { withFlags: way.tellsKeywords });
  await scene.end('SIGKILL');
  const done = new Set<KilledAt>();
  for (const { at, weather, isDelivered } of way.kills) {
    if (!done.has(at)) {
      await using desk = await scene.desk('alice');
      await DEEDS[at].deed(desk);
      done.add(at);
    }
    await scene.lab.edge.set([...way.doors], weather);
    await scene.revive();
    const isStruck = () => way.doors.some((name) => scene.lab.edge.state(name).struck > 0);
    await scene.until(`it comes to: ${at}`, isStruck);
    if (isDelivered) await until(`upstream has done: ${at}`, () => DEEDS[at].isDone(door), LIMIT_MS);
    await scene.end('SIGKILL');
  }
  const here = await mirrored(scene.relay, alice);
  await scene.lab.edge.set([...way.doors], { mode: 'pass' });
  await scene.revive();
  await scene.untilCarried('alice');
  expect(await contentsOf(door, ['Mappe'])).toEqual(AFTERWARDS);
  expect(await door.mailboxes()).not.toContain('Kurz');
  await scene.untilLooked('alice', way.kind);
  const now = uidsOf(await scene.untilEqual('alice', { withFlags: way.tellsKeywords }));
  expect(now).toEqual(uidsOf(here));
  // What nothing was done to has kept its UID, too.
  expect(now.filter((line) => line.startsWith('Neu/Köln '))).toEqual(uidsOf(before.filter(({ mailbox }) => mailbox === 'Neu/Köln')));
}

function uidsOf(copies: Awaited<ReturnType<typeof mirrored>>): readonly string[] {
  return copies.map(({ mailbox, uid, hash }) => `${mailbox} ${uid} ${hash}`).toSorted();
}
