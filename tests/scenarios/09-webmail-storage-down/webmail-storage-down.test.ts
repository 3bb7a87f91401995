import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { startScene, type Scene } from '../../relay/index.ts';

let scene: Scene;

beforeAll(async () => {
  // Slow enough that it is tried once while the storage is away: after two failed log-ins the next one waits a minute, for the webmail's sake.
  const retry = { first: '10s', longest: '10s' };
  scene = await startScene({ lab: { roundcube: { imapTimeoutSeconds: 2 } }, config: { retry } });
  await scene.send('before', { to: ['bob'] });
  await scene.settle();
  await scene.lab.edge.set('submission', { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test.each([
  { name: 'stopped', begin: () => scene.lab.stop('dovecot'), end: () => scene.lab.start('dovecot') },
  { name: 'hanging', begin: async () => scene.lab.freeze('dovecot'), end: async () => scene.lab.thaw('dovecot') },
])('the storage behind the webmail is $name: mail waits, and leaves once when it is back', async ({ name, begin, end }) => {
  await begin();
  const id = await scene.send(`while-${name}`, { to: ['bob', 'far@outside.test'] });
  await until(
    'the webmail was tried in vain',
    async () => (await scene.show(id)).attempts.some(({ outcome }) => outcome === 'deferred'),
    40_000,
  );
  expect((await scene.queue())[0]?.recipients.map(({ state }) => state === 'queued' || state === 'leased')).toEqual([true, true]);
  expect(await scene.copies(`while-${name}`, 'far@outside.test')).toEqual([]);
  await end();
  await scene.settle();
  expect(await scene.lab.inbox('alice')).toEqual([]);
});
