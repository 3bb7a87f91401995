import { expect } from 'vitest';
import { until } from '../../lab/index.ts';
import { mirrored, statusOf, type MirrorScene } from '../../relay/index.ts';
import { idsIn, letter } from './mail.ts';
import { reportOf } from './report.ts';
import type { Way } from './way.ts';

/** A draft that upstream does not take stays here, where its owner finds it; put elsewhere, it is tried again. */
export async function keepsWhatIsRefused(scene: MirrorScene, { doors, kind }: Way, refusal: NonNullable<Way['refusal']>): Promise<void> {
  const alice = scene.lab.address('alice');
  const door = await scene.door('alice');
  const inRecovered = async (): Promise<number> =>
    (await mirrored(scene.relay, alice)).filter(({ mailbox }) => mailbox === 'Recovered').length;
  if (refusal.weather) await scene.lab.edge.set([...doors], refusal.weather);
  await using desk = await scene.desk('alice');
  await desk.append('Drafts', refusal.bytes, ['$draft']);
  await until('it is in Recovered', async () => (await inRecovered()) === 1, 60_000);
  const { json, text } = await until('the report tells it', async () => {
    const report = await reportOf(scene.relay, alice);
    return report.json.notCarriedBack.length > 0 ? report : undefined;
  });
  expect(json.notCarriedBack).toEqual([{ what: 'append of a message in Drafts', why: expect.stringMatching(refusal.why) }]);
  expect(text).toContain('append of a message in Drafts');
  expect(await idsIn(door, 'Drafts')).not.toContain('refused');
  expect(await door.mailboxes()).not.toContain('Recovered');

  await scene.lab.edge.set([...doors], { mode: 'pass' });
  await scene.untilLooked('alice', kind);
  // It goes nowhere by itself, and nothing about it waits for a provider that has nothing of it.
  await desk.flag('Recovered', 'refused', { add: ['$seen'] });
  expect(await inRecovered()).toBe(1);
  expect(await statusOf(scene.relay, alice)).toMatchObject({ pendingIntents: 0 });
  if (!refusal.weather) return;
  // Here it was a matter of the moment.
  await desk.move('Recovered', 'refused', 'Drafts');
  await scene.untilCarried('alice');
  expect((await door.messages(['Drafts'])).filter(({ bytes }) => bytes.equals(refusal.bytes))).toEqual([
    expect.objectContaining({ flags: ['$draft', '$seen'] }),
  ]);
  await desk.append('Drafts', letter('taken'), ['$draft']);
  await scene.untilCarried('alice');
  expect(await idsIn(door, 'Drafts')).toContain('taken');
}
