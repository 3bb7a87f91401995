import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until, type Lab } from '../../lab/index.ts';
import { startPatientLab, startScene, type Scene } from '../../relay/index.ts';

/** SMTP is the only way out here: nothing can be looked up, so what is sent again is sent blindly. */
const SMTP_ONLY = { outgoing: ['smtp'] as const };
let lab: Lab;
let scene: Scene | undefined;

beforeAll(async () => {
  lab = await startPatientLab();
});

afterEach(async () => {
  await scene?.[Symbol.asyncDispose]();
  scene = undefined;
  await lab?.edge.set('submission', { mode: 'pass' });
});

afterAll(async () => {
  await lab?.stop();
});

test('cut after the final dot, which arrived: sent again once by the stated policy, the second copy is on record', async () => {
  scene = await startScene({ lab, ...SMTP_ONLY });
  await lab.edge.set('submission', { mode: 'cutAfterDot', delivered: true, times: 1 });
  const id = await scene.send('twice', { to: ['bob'] });
  await scene.settle({ 'twice bob@provider.test': 2 });
  const { attempts } = await scene.show(id);
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['unsure', 'delivered']);
  expect(attempts[0]?.markedAt).not.toBeNull();
});

test('cut before the final dot got through: sent again, it arrives once', async () => {
  scene = await startScene({ lab });
  await lab.edge.set('submission', { mode: 'cutAfterDot', delivered: false, times: 1 });
  const id = await scene.send('once', { to: ['bob'] });
  await scene.settle();
  expect((await scene.show(id)).attempts.map(({ outcome }) => outcome)).toEqual(['unsure', 'delivered']);
});

test('the webmail is no excuse to send an unsure message at once: it waits its settle time first', async () => {
  scene = await startScene({ lab, config: { unsure: { settle: '1h', retries: 1 } } });
  await lab.edge.set('submission', { mode: 'cutAfterDot', delivered: true, times: 1 });
  await scene.send('patient', { to: ['bob'] });
  await untilState(scene, 'unsure');
  await lab.edge.set('submission', { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
  // The webmail would take it now; what comes after it shows that the queue has had its chance.
  await scene.send('by-webmail', { to: ['bob'] });
  await until('the later one arrived', async () => (await scene?.copies('by-webmail', 'bob'))?.length === 1);
  const left = await until('only the unsure one is left', async () => {
    const queue = await scene?.queue();
    return queue?.length === 1 && queue;
  });
  expect(left[0]?.recipients[0]?.state).toBe('unsure');
  expect(await scene.copies('patient', 'bob')).toHaveLength(1);
});

test('with no retries it stays unsure until a person says that it arrived', async () => {
  scene = await startScene({ lab, ...SMTP_ONLY, config: { unsure: { settle: '500ms', retries: 0 } } });
  await lab.edge.set('submission', { mode: 'cutAfterDot', delivered: true, times: 1 });
  const id = await scene.send('asked', { to: ['bob'] });
  await untilState(scene, 'unsure');
  // Far ahead: the policy has had its look and left it to a person.
  const muchLater = Date.now() + 12 * 3_600_000;
  await until('a person has to decide', async () => {
    const [entry] = (await scene?.queue()) ?? [];
    return Date.parse(entry?.recipients[0]?.nextAttemptAt ?? '') > muchLater;
  });
  expect((await scene.relay.cli(['queue', 'resolve', id, '--as', 'delivered'])).code).toBe(0);
  await scene.settle();
  const { recipients, attempts } = await scene.show(id);
  expect(recipients.map(({ state }) => state)).toEqual(['delivered']);
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['unsure']);
});

test('a person may also have it sent again', async () => {
  scene = await startScene({ lab, ...SMTP_ONLY, config: { unsure: { settle: '500ms', retries: 0 } } });
  await lab.edge.set('submission', { mode: 'cutAfterDot', delivered: false, times: 1 });
  const id = await scene.send('resent', { to: ['bob'] });
  await untilState(scene, 'unsure');
  expect((await scene.relay.cli(['queue', 'resolve', id, '--as', 'resend'])).code).toBe(0);
  await scene.settle();
});

async function untilState(where: Scene, state: string): Promise<void> {
  await until(`it is ${state}`, async () => (await where.queue())[0]?.recipients[0]?.state === state);
}
