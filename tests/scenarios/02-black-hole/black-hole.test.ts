import { afterAll, beforeAll, expect, test } from 'vitest';
import { startScene, type Scene } from '../../relay/index.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await startScene();
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('with SMTP taking connections and never answering, mail leaves by the webmail', async () => {
  await scene.send('before', { to: ['bob'] });
  await scene.settle();
  await scene.lab.edge.set('submission', { mode: 'blackhole' });
  await scene.untilPath('outgoing', 'smtp', 'down');
  const sentAt = Date.now();
  const id = await scene.send('in-the-dark', { to: ['bob', 'far@outside.test'] });
  await scene.settle();
  expect(Date.now() - sentAt).toBeLessThan(15_000);
  const { attempts, recipients } = await scene.show(id);
  expect(recipients.map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  expect(attempts).toMatchObject([{ route: expect.stringContaining('roundcube'), outcome: 'delivered' }]);
});

test('a server that goes silent after its banner is no better', async () => {
  await scene.lab.edge.set('submission', { mode: 'silent' });
  await scene.send('after-the-banner', { to: ['bob'] });
  await scene.settle();
  await scene.untilPath('outgoing', 'smtp', 'down');
});

test('when it answers again, mail leaves by SMTP again', async () => {
  await scene.lab.edge.set('submission', { mode: 'pass' });
  await scene.untilPath('outgoing', 'smtp', 'up');
  const id = await scene.send('again', { to: ['bob'] });
  await scene.settle();
  expect((await scene.show(id)).recipients).toMatchObject([{ route: expect.stringContaining('smtp') }]);
});
