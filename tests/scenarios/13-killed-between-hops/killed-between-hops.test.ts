import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, type Lab, type Weather } from '../../lab/index.ts';
import { startPatientLab, startScene, type Scene } from '../../relay/index.ts';
import { startPolicy } from './policy.ts';

/** Less than the settle time: the webmail has ended its work when the relay looks for what became of it. */
const HELD_MS = 1500;
const STAGING = 'Stopgap outbox';
let lab: Lab;

beforeAll(async () => {
  lab = await startPatientLab();
});

afterAll(async () => {
  await lab?.stop();
});

describe('by the webmail: killed anywhere, it arrives once', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await startScene({ lab, outgoing: ['roundcube'] });
    await scene.send('web-first', { to: ['bob'] });
    await scene.settle();
  });

  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]();
  });

  const held = (match: RegExp): Weather => ({ mode: 'delayRequest', match, ms: HELD_MS, times: 1 });
  const POINTS: readonly { readonly name: string; readonly weather: Weather }[] = [
    { name: 'putting it into staging', weather: held(/^POST [^\n]*_action=import/) },
    { name: 'the last look before the mark', weather: held(/^GET [^\n]*_action=bounce/) },
    { name: 'the sending, which was done', weather: held(/^POST [^\n]*_action=bounce/) },
    {
      name: 'the sending, which was not done',
      weather: { mode: 'cutRequest', match: /^POST [^\n]*_action=bounce/, delivered: false, times: 1 },
    },
    { name: 'moving the copy to Sent', weather: held(/^POST [^\n]*_action=move/) },
    { name: 'deleting the double', weather: held(/^POST [^\n]*_action=delete/) },
  ];

  test('right after 250', async () => {
    await scene.send('web-250', { to: ['bob', 'far@outside.test'] });
    await scene.kill();
    await scene.revive();
    await scene.settle();
  });

  test.each(POINTS)('at $name', async ({ name, weather }) => {
    await lab.edge.set('roundcube', weather);
    await scene.send(`web ${name}`.replaceAll(/\W+/g, '-'), { to: ['bob', 'far@outside.test'] });
    await until('that point has come', () => lab.edge.state('roundcube').struck === 1);
    await scene.kill();
    await scene.revive();
    await scene.settle();
  });

  test('and everything is tidy: one copy of each as it was written in Sent, nothing in staging', async () => {
    await scene.send('web-last', { to: ['bob'] });
    await scene.settle();
    await until('it is tidy', async () => {
      const sent = (await lab.mailbox('alice', 'Sent')).map((raw) => raw.toString());
      const ids = sent.map((text) => /^Message-ID: (.*)\r$/m.exec(text)?.[1]);
      const isTidy =
        new Set(ids).size === POINTS.length + 3 && ids.length === POINTS.length + 3 && !sent.some((text) => text.includes('Resent-'));
      return isTidy && (await lab.mailbox('alice', STAGING)).length === 0;
    });
  });
});

describe('by SMTP: killed anywhere, it arrives; twice only where the dot had left', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await startScene({ lab, outgoing: ['smtp'] });
  });

  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]();
  });

  test('right after 250', async () => {
    await scene.send('smtp-250', { as: 'carol', to: ['bob'] });
    await scene.kill();
    await scene.revive();
    await scene.settle();
  });

  test('in the middle of the dialog', async () => {
    // Probes meet it as well, so it is not limited in number.
    await lab.edge.set('submission', { mode: 'slow', bytesPerSecond: 500 });
    const id = await scene.send('smtp-dialog', { as: 'carol', to: ['bob'] });
    await until('it is under way', async () => (await scene.show(id)).recipients[0]?.state === 'leased');
    await scene.kill();
    await lab.edge.set('submission', { mode: 'pass' });
    await scene.revive();
    await scene.settle();
    expect((await scene.show(id)).attempts[0]?.markedAt).toBeNull();
  });

  test('after the dot, before its answer: no witness can say that it arrived, so it is sent again, once', async () => {
    using policy = await startPolicy();
    await lab.postconf({ smtpd_end_of_data_restrictions: policy.setting });
    const id = await scene.send('smtp-dot', { as: 'carol', to: ['bob'] });
    await policy.asked;
    expect((await scene.show(id)).attempts[0]?.markedAt).not.toBeNull();
    await scene.kill();
    policy.letPass();
    await scene.revive();
    await scene.settle({ 'smtp-dot bob@provider.test': 2 });
    expect((await scene.show(id)).attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'delivered']);
    await lab.postconf({ smtpd_end_of_data_restrictions: '' });
  });
});
