/*
 * Ten mail programs at once in one mailbox of `serve`, each doing what comes to its mind, while the provider takes part, too. No number may ever mean
 * another message than the client was told, and in the end all of them, and the provider, have the same. STOPGAP_STEPS: so many for each client (default
 * 40); STOPGAP_SEED draws the same again.
 */
import { asId } from '@stopgap/core';
import { countOpenIntents } from '@stopgap/store';
import { ImapTalk, selectInSomeWay, StrictImapClient, workAtRandom } from '@stopgap/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { readStore, startMirrorScene, type MirrorScene } from '../../relay/index.ts';
import { randomFrom, seedOf } from '../../crash/random.ts';

const CLIENTS = 10;
const STEPS = Number(process.env['STOPGAP_STEPS'] ?? 40);
/** Working is quicker than carrying it back, message by message. */
const CARRIED_MS = 60_000 + STEPS * 500;
const LIMIT_MS = 2 * CARRIED_MS + STEPS * 500;

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
    const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => logIn(index)));
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
    const address = scene.lab.address('alice');
    const open = (): Promise<number> => readStore(scene.relay.dataDir, (reader) => countOpenIntents(reader, asId.account(address)));
    await until('all of it is carried back', async () => (await open()) === 0, CARRIED_MS);
    await scene.untilEqual('alice');
    const truth = await viewOf(await logIn(0));
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
  LIMIT_MS,
);

async function logIn(index: number): Promise<StrictImapClient> {
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
