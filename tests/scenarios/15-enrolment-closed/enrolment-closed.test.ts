import { afterAll, beforeAll, expect, test } from 'vitest';
import { startScene, type Scene } from '../../relay/index.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await startScene({ lab: { parts: ['dovecot', 'postfix'] }, outgoing: ['smtp'], config: { enrolment: 'closed' } });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('with enrolment closed only those who were added get in, whatever the provider says of the password', async () => {
  await expect(scene.send('stranger', { to: ['bob'] })).rejects.toMatchObject({ stage: 'AUTH', code: 535 });
  const { lab } = scene;
  const added = await scene.relay.cli(['account', 'add', lab.address('alice')], lab.password('alice'));
  expect(added).toMatchObject({ code: 0, stderr: '' });
  await scene.send('added', { to: ['bob'] });
  await expect(scene.send('another-stranger', { as: 'carol', to: ['bob'] })).rejects.toMatchObject({ stage: 'AUTH', code: 535 });
  await scene.settle();
  expect(await lab.inbox('bob')).toHaveLength(1);
  expect((await scene.relay.json<{ address: string }[]>(['account', 'list'])).map(({ address }) => address)).toEqual([
    lab.address('alice'),
  ]);
});
