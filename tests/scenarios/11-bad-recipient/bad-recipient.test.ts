import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, type Lab } from '../../lab/index.ts';
import { startPatientLab, startScene, type Scene } from '../../relay/index.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await startPatientLab();
});

afterAll(async () => {
  await lab?.stop();
});

describe.each(['smtp', 'webmail'] as const)('one good recipient, one unknown, one to be tried later, by %s', (way) => {
  let scene: Scene;
  const later = `${way}-later@outside.test`;
  const unknown = `${way}-unknown@outside.test`;

  beforeAll(async () => {
    scene = await startScene({ lab, outgoing: [way === 'smtp' ? 'smtp' : 'roundcube'] });
    await lab.refuse({ [unknown]: '550 5.1.1 User unknown', [later]: '451 4.3.0 Try again later' });
  });

  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]();
  });

  test('each fares for itself, and the sender is told once of the one that failed', async () => {
    const name = `three-${way}`;
    const as = way === 'smtp' ? 'alice' : 'carol';
    const id = await scene.send(name, { as, to: ['bob', unknown, later] });
    await until('the good one has it', async () => (await scene.copies(name, 'bob')).length === 1);
    const states = async () => new Map((await scene.show(id)).recipients.map(({ address, state }) => [address, state]));
    await until('the unknown one is final', async () => (await states()).get(unknown) === 'rejected');
    const [notice] = await until('the sender is told', async () => {
      const inbox = await lab.inbox(as);
      return inbox.length > 0 && inbox;
    });
    const text = notice?.toString() ?? '';
    expect(text).toMatch(/^content-type: multipart\/report;[\s\S]*report-type="?delivery-status/im);
    expect(text).toMatch(new RegExp(`^Final-Recipient: rfc822; ?${unknown}\\r$`, 'im'));
    expect(text).toMatch(/^Status: 5\.1\.1\r$/im);
    expect(text).not.toMatch(new RegExp(`Final-Recipient: rfc822; ?(?:${later}|bob)`, 'i'));

    await until('the later one was tried again', async () => {
      const recipients = (await scene.show(id)).recipients;
      return (recipients.find(({ address }) => address === later)?.tries ?? 0) >= 2;
    });
    expect((await states()).get(later)).toMatch(/queued|leased/);
    await lab.refuse({ [later]: 'DUNNO' });
    await scene.settle({ [`${name} ${unknown}`]: 0 });
    expect(await lab.inbox(as)).toHaveLength(1);
    if (way === 'webmail') {
      const copies = async () => (await lab.mailbox(as, 'Sent')).filter((raw) => raw.includes(`Subject: about ${name}`));
      await until('of two sendings one copy is left in Sent', async () => (await copies()).length === 1);
    }
  });
});
