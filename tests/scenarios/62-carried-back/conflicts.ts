import { expect } from 'vitest';
import { until } from '../../lab/index.ts';
import { statusOf, type MirrorScene } from '../../relay/index.ts';
import { contentsOf, idsIn, letter, moveThere, placeOf } from './mail.ts';
import { reportOf } from './report.ts';
import type { Way } from './way.ts';

/** Both sides work on while they can not see each other. */
export async function mergesWhatBothDid(scene: MirrorScene, way: Way): Promise<void> {
  const alice = scene.lab.address('alice');
  const door = await scene.door('alice');
  const at = (id: string) => placeOf(door, 'INBOX', id);
  for (const id of ['c0', 'c1', 'c2', 'c3', 'c4', 'c5']) await door.append(['INBOX'], { bytes: letter(id), flags: ['$seen'] });
  for (const name of ['Ziel', 'Ablage', 'Weg']) await door.createMailbox([name]);
  await door.append(['Weg'], { bytes: letter('weg') });
  await scene.untilEqual('alice', { withFlags: way.tellsKeywords });
  await until('the mailboxes are here', async () => {
    const { mailboxes } = await statusOf(scene.relay, alice);
    return ['Ziel', 'Ablage', 'Weg'].every((name) => mailboxes.some((mailbox) => mailbox.name === name));
  });
  await scene.lab.edge.set('all', { mode: 'refuse' });
  await scene.untilState('alice', 'down');
  {
    await using desk = await scene.desk('alice');
    await desk.flag('INBOX', 'c0', { add: ['$flagged'] });
    await desk.expunge('INBOX', ['c1', 'c4']);
    await desk.move('INBOX', 'c2', 'Ziel');
    await desk.append('Ablage', letter('c-append'));
    await desk.move('INBOX', 'c3', 'Archive');
    await desk.flag('INBOX', 'c5', { add: ['$answered'] });
    await desk.remove('Weg');
  }
  await door.changeFlags(['INBOX'], [await at('c0')], { add: ['$answered'], remove: ['$seen'] });
  await door.changeFlags(['INBOX'], [await at('c1')], { add: ['$flagged'], remove: [] });
  await door.expunge(['INBOX'], [await at('c4'), await at('c5')]);
  for (const name of ['Ziel', 'Ablage']) await door.deleteMailbox([name]);
  await door.append(['Weg'], { bytes: letter('weg-new') });
  await moveThere(door, 'c3', { from: 'INBOX', to: 'Archive' });
  await scene.lab.edge.set([...way.doors], { mode: 'pass' });
  await scene.untilCarried('alice');
  await scene.untilEqual('alice', { withFlags: way.tellsKeywords });

  const there = await contentsOf(door);
  const ours = (there['INBOX'] ?? []).filter((line) => line.startsWith('c'));
  expect(ours).toEqual(['c0 $answered $flagged', 'c1 $flagged $seen']);
  expect(there).toMatchObject({ Ziel: ['c2 $seen'], Ablage: ['c-append'], Weg: ['weg', 'weg-new'] });
  expect((await idsIn(door, 'Archive')).filter((id) => id === 'c3')).toEqual(['c3']);
  const { json, text } = await reportOf(scene.relay, alice);
  expect(json.decided).toContainEqual({ what: 'a message in INBOX is kept', why: 'it was changed upstream after it was deleted here' });
  expect(json.decided).toContainEqual({ what: 'a deleted mailbox is kept', why: 'new mail had come into it upstream' });
  expect(text).toMatch(/a message in INBOX is kept +it was changed upstream after it was deleted here/);
}
