import { expect } from 'vitest';
import { mirrored, statusOf, type Desk, type MirrorScene } from '../../relay/index.ts';
import { contentsOf, letter, type Contents } from './mail.ts';
import type { Way } from './way.ts';

/** What stands there at the beginning. */
export async function fill(scene: MirrorScene): Promise<void> {
  const door = await scene.door('alice');
  for (const name of ['Work', 'Old']) await door.createMailbox([name]);
  for (let number = 0; number < 10; number += 1) {
    await door.append(['INBOX'], { bytes: letter(`l${number}`), flags: number === 1 ? ['$seen', '$flagged'] : [] });
  }
  for (const id of ['w0', 'w1']) await door.append(['Work'], { bytes: letter(id), flags: ['$seen'] });
  for (const id of ['o0', 'o1']) await door.append(['Old'], { bytes: letter(id) });
  await door.createMailbox(['Liste']);
  await door.command('SUBSCRIBE Liste');
}

/** Everything that can be done to mail, some of it taken back or done again before anybody could be told. */
async function doEverything(desk: Desk): Promise<void> {
  await desk.flag('INBOX', 'l0', { add: ['$flagged', '$seen', 'projekt-7'] });
  await desk.flag('INBOX', 'l1', { remove: ['$flagged'] });
  await desk.move('INBOX', 'l2', 'Archive');
  await desk.flag('Archive', 'l2', { add: ['$answered'] });
  await desk.move('INBOX', 'l3', 'Work');
  await desk.move('Work', 'l3', 'Trash');
  await desk.move('INBOX', 'l4', 'Archive');
  await desk.move('Archive', 'l4', 'INBOX');
  await desk.expunge('INBOX', ['l5', 'l6']);
  await desk.copy('INBOX', 'l7', 'Archive');
  await desk.append('Drafts', letter('draft'), ['$draft', '$seen']);
  await desk.append('Work', letter('filed'));
  await desk.flag('Work', 'filed', { add: ['$flagged'] });
  await desk.append('Drafts', letter('dropped'), ['$draft']);
  await desk.expunge('Drafts', ['dropped']);
  await desk.create('Neu/Köln');
  await desk.append('Neu/Köln', letter('below'));
  await desk.move('INBOX', 'l8', 'Neu/Köln');
  await desk.rename('Work', 'Arbeit');
  await desk.flag('Arbeit', 'w1', { remove: ['$seen'] });
  await desk.move('Old', 'o1', 'Archive');
  await desk.remove('Old');
  await desk.subscribe('Liste', false);
}

const AFTERWARDS: Contents = {
  Arbeit: ['filed $flagged', 'w0 $seen', 'w1'],
  Archive: ['l2 $answered', 'l7', 'o1'],
  Drafts: ['draft $draft $seen'],
  INBOX: ['l0 $flagged $seen projekt-7', 'l1 $seen', 'l4', 'l7', 'l9'],
  'Neu/Köln': ['below', 'l8'],
  Trash: ['l3'],
};

/** Everything is down, everything is done, the path is back: it is so upstream, once, and no UID here has changed. */
export async function carriesEverythingOnce(scene: MirrorScene, way: Way): Promise<void> {
  const alice = scene.lab.address('alice');
  const door = await scene.door('alice');
  await scene.lab.edge.set('all', { mode: 'refuse' });
  await scene.untilState('alice', 'down');
  {
    await using desk = await scene.desk('alice');
    await doEverything(desk);
  }
  const here = await mirrored(scene.relay, alice);
  const there = await contentsOf(door);
  const { pendingIntents } = await statusOf(scene.relay, alice);
  expect(pendingIntents).toBeGreaterThan(10);
  await scene.lab.edge.set([...way.doors], { mode: 'pass' });
  await scene.untilCarried('alice');
  expect(there).not.toEqual(AFTERWARDS);
  expect(await contentsOf(door)).toEqual(AFTERWARDS);
  expect(await door.mailboxes()).not.toContain('Work');
  expect(await door.mailboxes()).not.toContain('Old');
  expect((await door.command('LSUB "" *')).filter((line) => line.endsWith('Liste'))).toEqual([]);
  await scene.untilLooked('alice', way.kind);
  // The bytes, too; and a look by IMAP or JMAP afterwards changes nothing here.
  await scene.untilEqual('alice', { withFlags: way.tellsKeywords });
  expect(uidsOf(await mirrored(scene.relay, alice))).toEqual(uidsOf(here));
}

function uidsOf(copies: Awaited<ReturnType<typeof mirrored>>): readonly string[] {
  return copies.map(({ mailbox, uid, hash }) => `${mailbox} ${uid} ${hash}`).toSorted();
}
