import { expect } from 'vitest';
import { until } from '../../lab/index.ts';
import type { MirrorScene } from '../../relay/index.ts';
import { idsIn, letter, moveThere } from './mail.ts';
import type { Way } from './way.ts';

const LIMIT_MS = 60_000;

/** The relay dies when upstream has just stored a message, and another program moves that on before the relay is back. */
export async function findsWhatWasMovedOn(scene: MirrorScene, way: Way): Promise<void> {
  const kill = way.kills.find(({ at, isDelivered }) => at === 'append' && isDelivered);
  if (!kill) throw new Error('nothing stops this path after it has stored a message');
  const door = await scene.door('alice');
  await scene.end('SIGKILL');
  {
    await using desk = await scene.desk('alice');
    await desk.append('Drafts', letter('moved-on'), ['$draft']);
  }
  await scene.lab.edge.set([...way.doors], kill.weather);
  await scene.revive();
  await until('upstream has stored it', async () => (await idsIn(door, 'Drafts')).includes('moved-on'), LIMIT_MS);
  await scene.end('SIGKILL');
  await moveThere(door, 'moved-on', { from: 'Drafts', to: 'Archive' });
  await scene.lab.edge.set([...way.doors], { mode: 'pass' });
  await scene.revive();
  await scene.untilCarried('alice');
  await scene.untilEqual('alice', { withFlags: way.tellsKeywords });
  expect((await idsIn(door, 'Archive')).filter((id) => id === 'moved-on')).toHaveLength(1);
  expect(await idsIn(door, 'Drafts')).not.toContain('moved-on');
}
