import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { until, type Lab } from '../../lab/index.ts';
import { startPatientLab, startScene, type Scene } from '../../relay/index.ts';

/** Longer than the five days that mail may wait. */
const LATER_HOURS = 132;
let lab: Lab;
let scene: Scene;

beforeAll(async () => {
  lab = await startPatientLab();
});

beforeEach(async () => {
  scene = await startScene({ lab });
});

afterEach(async () => {
  await scene?.[Symbol.asyncDispose]();
});

afterAll(async () => {
  await lab?.stop();
});

test('mail taken in an outage of more than five days, longer than mail may wait, is not given back but leaves when it is over', async () => {
  await scene.send('before', { to: ['bob'] });
  await scene.settle();
  await lab.edge.set('all', { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
  await scene.untilPath('outgoing', 'roundcube', 'down');
  const id = await scene.send('long-wait', { to: ['bob', 'far@outside.test'] });
  await goOnLater();
  await scene.untilPath('outgoing', 'smtp', 'down');
  await untilSwept();
  expect((await scene.show(id)).recipients.map(({ state }) => state)).toEqual(['queued', 'queued']);
  await lab.edge.set('all', { mode: 'pass' });
  await scene.settle();
  expect(await lab.inbox('alice')).toEqual([]);
});

test('mail that waited as long while the ways out were open goes back to its sender', async () => {
  await lab.refuse({ 'later@outside.test': '451 4.3.0 Try again later' });
  const id = await scene.send('never-taken', { as: 'carol', to: ['later@outside.test'] });
  await until('it was tried', async () => (await scene.show(id)).attempts.some(({ endedAt }) => endedAt !== null));
  await goOnLater();
  await until('it is given up', async () => (await scene.show(id)).recipients[0]?.state === 'expired', 45_000);
  await scene.settle({ 'never-taken later@outside.test': 0 });
  const [notice, ...more] = await until('the sender is told', async () => {
    const inbox = await lab.inbox('carol');
    return inbox.length > 0 && inbox;
  });
  expect(more).toEqual([]);
  expect(notice?.toString()).toMatch(/^Final-Recipient: rfc822; ?later@outside\.test\r\n(?:.*\r\n)*Status: 4\.4\.7\r$/im);
});

/** Stops the relay, and starts it again when the days have passed, as far as its clock can tell. */
async function goOnLater(): Promise<void> {
  await scene.relay.end();
  await scene.revive({ LD_PRELOAD: libfaketime(), FAKETIME: `+${LATER_HOURS}h`, FAKETIME_DONT_FAKE_MONOTONIC: '1' });
  await until('the relay says that it is that late', async () => {
    const times = [...(await scene.relay.log()).matchAll(/"time":"([^"]+)"/g)].map(([, time = '']) => Date.parse(time));
    return Math.max(...times) - Date.now() > (LATER_HOURS - 1) * 3_600_000;
  });
}

/** The new process has looked for what is too old: only then does it count the queue. */
async function untilSwept(): Promise<void> {
  await until('the queue was swept', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${scene.relay.ports.http}/metrics`)).text();
    return /^stopgap_queue_recipients\{state="waiting"\} 2$/m.test(metrics);
  });
}

function libfaketime(): string {
  const root = '/usr/lib';
  const found = readdirSync(root)
    .map((name) => join(root, name, 'faketime/libfaketimeMT.so.1'))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error('the Debian package faketime is not installed');
  return found;
}
