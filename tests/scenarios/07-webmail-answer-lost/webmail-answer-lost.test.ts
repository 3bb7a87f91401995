import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { startScene, type Scene } from '../../relay/index.ts';

/** The one request that makes a webmail send. */
const RESEND = /^POST [^\n]*_action=bounce/;
const STAGING = 'Stopgap outbox';
let scene: Scene;

beforeEach(async () => {
  scene = await startScene({ config: { unsure: { settle: '1s', retries: 1 } } });
  await scene.lab.edge.set('submission', { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
});

afterEach(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('the answer to the sending is lost, but it was sent: the copy in Sent is the witness, it is not sent again', async () => {
  await scene.lab.edge.set('roundcube', { mode: 'cutRequest', match: RESEND, delivered: true, times: 1 });
  const id = await scene.send('witnessed', { to: ['bob', 'far@outside.test'] });
  await scene.settle();
  expect((await scene.show(id)).attempts.map(({ outcome }) => outcome)).toEqual(['unsure']);
  await untilTidy();
});

test('the request never got there: an empty Sent is the witness, it is sent again, once', async () => {
  await scene.lab.edge.set('roundcube', { mode: 'cutRequest', match: RESEND, delivered: false, times: 1 });
  const id = await scene.send('not-there', { to: ['bob', 'far@outside.test'] });
  await scene.settle();
  expect((await scene.show(id)).attempts.map(({ outcome }) => outcome)).toEqual(['unsure', 'delivered']);
  await untilTidy();
});

test('SMTP comes back while the webmail is at it: it does not take the message, too', async () => {
  await scene.lab.edge.set('roundcube', { mode: 'delayRequest', match: RESEND, ms: 4000, times: 1 });
  const id = await scene.send('one-way', { to: ['bob'] });
  await until('the webmail is at it', () => scene.lab.edge.state('roundcube').struck === 1);
  await scene.lab.edge.set('submission', { mode: 'pass' });
  await scene.untilPath('outgoing', 'smtp', 'up');
  const backAt = Date.now();
  await scene.settle();
  const { attempts } = await scene.show(id);
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['delivered']);
  expect(Date.parse(attempts[0]?.endedAt ?? '')).toBeGreaterThan(backAt);
});

async function untilTidy(): Promise<void> {
  await until('one copy, as it was written, is in Sent', async () => {
    const sent = await scene.lab.mailbox('alice', 'Sent');
    const staged = await scene.lab.mailbox('alice', STAGING);
    return sent.length === 1 && staged.length === 0 && !sent[0]?.toString().includes('Resent-');
  });
}
