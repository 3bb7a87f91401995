import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { startScene, type Scene } from '../../relay/index.ts';

const LETTERS = ['one', 'two', 'three', 'four', 'five'];
let scene: Scene;

beforeEach(async () => {
  scene = await startScene();
  await scene.send('before', { to: ['bob'] });
  await scene.settle();
});

afterEach(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('with every way out shut mail is taken, outlives a kill, and each leaves once when one way opens', async () => {
  const { lab } = scene;
  await lab.edge.set('all', { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
  await scene.untilPath('outgoing', 'roundcube', 'down');
  for (const id of LETTERS.slice(0, 3)) await scene.send(id, { to: ['bob', 'far@outside.test'] });
  await scene.kill();
  await scene.revive();
  // Nobody upstream can be asked; the password is known here.
  for (const id of LETTERS.slice(3)) await scene.send(id, { to: ['bob', 'far@outside.test'] });
  const queue = await scene.queue();
  expect(queue.map(({ messageId }) => messageId)).toEqual(LETTERS.map((id) => `<${id}@provider.test>`));
  expect(queue.flatMap(({ recipients }) => recipients.map(({ state }) => state))).toEqual(LETTERS.flatMap(() => ['queued', 'queued']));
  expect(await lab.outside()).toEqual([]);

  await lab.edge.set('roundcube', { mode: 'pass' });
  await scene.settle();
});

test('killed in the middle of the drain after the outage: each still leaves once', async () => {
  const { lab } = scene;
  await lab.edge.set(['submission', 'roundcube'], { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
  await scene.untilPath('outgoing', 'roundcube', 'down');
  for (const id of LETTERS) await scene.send(id, { to: ['bob'] });
  await scene.kill();
  await lab.edge.set('roundcube', { mode: 'pass' });
  await scene.revive();
  await until('the drain has begun', async () => (await scene.copies('one', 'bob')).length === 1, 30_000);
  await scene.kill();
  await scene.revive();
  await scene.settle();
});
