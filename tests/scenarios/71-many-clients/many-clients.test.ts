/*
 * Ten mail programs at once in one mailbox of `serve`, each doing what comes to its mind, while the provider takes part, too. No number may ever mean
 * another message than the client was told, and in the end all of them, and the provider, have the same. STOPGAP_STEPS: so many for each client (default
 * 40); STOPGAP_SEED draws the same again.
 */
import { ImapTalk, selectInSomeWay, StrictImapClient, workAtRandom } from '@stopgap/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMirrorScene, type MirrorScene } from '../../relay/index.ts';
import { randomFrom, seedOf } from '../../crash/random.ts';

const CLIENTS = 10;
const STEPS = Number(process.env['STOPGAP_STEPS'] ?? 40);
const MS_FOR_EACH = 3000;

let scene: MirrorScene;

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot', 'postfix'] } });
  const theirs = await scene.door('alice');
  for (let n = 0; n < 20; n += 1) await theirs.append(['INBOX'], { bytes: Buffer.from(`Subject: ${n}\r\n\r\nbody ${n}\r\n`) });
  await theirs.createMailbox(['Other']);
  await scene.add('alice');
  await scene.untilEqual('alice');
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test(
  'ten clients do as they like in one mailbox, and all of them and the provider have the same in the end',
  async () => {
    const seed = seedOf();
    const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => open(index)));
    let delivered = 0;
    const deliver = async (): Promise<void> => {
      delivered += 1;
      await (await scene.door('alice')).append(['INBOX'], { bytes: Buffer.from(`Subject: from outside ${delivered}\r\n\r\nx\r\n`) });
    };
    const place = { mailbox: 'INBOX', other: 'Other', deliver };
    await Promise.all(
      clients.map((client, index) => {
        const random = randomFrom(seed + index);
        return workAtRandom(client, place, { steps: STEPS, random: (below) => Math.floor(random() * below) });
      }),
    );
    await scene.untilCarried('alice');
    await scene.untilEqual('alice');
    const truth = await viewOf(await open(0));
    for (const [index, client] of clients.entries()) {
      await client.run('NOOP');
      const view = client.view();
      // What it has never asked for it can not know; all it has been told holds still.
      const known = truth.map((message, at) => (view[at] === undefined ? undefined : message));
      expect({ seed, index, view, violations: client.violations }).toEqual({ seed, index, view: known, violations: [] });
      expect(await viewOf(client)).toEqual(truth);
      client.talk.socket.destroy();
    }
    expect(await scene.relay.log()).not.toMatch(/"level":"error"/);
  },
  60_000 + CLIENTS * STEPS * MS_FOR_EACH,
);

async function open(index: number): Promise<StrictImapClient> {
  const { lab, relay } = scene;
  const client = new StrictImapClient(await ImapTalk.open(relay.ports.imap));
  await client.run(`LOGIN ${lab.address('alice')} ${lab.password('alice')}`);
  await selectInSomeWay(client, 'INBOX', index);
  return client;
}

async function viewOf(client: StrictImapClient): Promise<readonly (string | undefined)[]> {
  await client.run('FETCH 1:* (UID FLAGS)');
  return client.view();
}
