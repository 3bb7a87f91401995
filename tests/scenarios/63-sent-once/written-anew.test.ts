/* A webmail that must not resend writes a message anew, and what it stores of that is another one. The user's program stores the message itself: that one stays. */
import { asId } from '@stopgap/core';
import { listMailboxes } from '@stopgap/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { letterTo, mirrored, queueOf, readStore, startMirrorScene, type Desk, type MirrorScene } from '../../relay/index.ts';

const SENT = ['Sent'];
const LIMIT_MS = 60_000;

let scene: MirrorScene;
let alice: string;
let bob: string;

beforeAll(async () => {
  const roundcube = { extraConfig: `$config['disabled_actions'] = ['mail.bounce'];` };
  scene = await startMirrorScene({ incoming: ['imap', 'roundcube'], lab: { users: ['alice', 'bob'], roundcube } });
  [alice, bob] = [scene.lab.address('alice'), scene.lab.address('bob')];
  await scene.add('alice');
  await until(
    'the mailboxes are here',
    () => readStore(scene.relay.dataDir, (reader) => listMailboxes(reader, asId.account(alice)).some(({ name }) => name === 'Sent')),
    LIMIT_MS,
  );
  await scene.lab.edge.set(['submission', 'smtps'], { mode: 'refuse' });
});
afterAll(() => scene?.[Symbol.asyncDispose]());

const letter = (id: string): Buffer => letterTo(id, { from: alice, to: [bob] });
const isOf = (id: string) => (bytes: Buffer) => bytes.includes(`Message-ID: <${id}@`);
const isAnew = (bytes: Buffer): boolean => /^X-Sender:/im.test(bytes.toString('latin1'));

async function appendHere(id: string): Promise<void> {
  await using desk: Desk = await scene.desk('alice');
  await desk.append('Sent', letter(id), ['$seen']);
}

async function send(id: string): Promise<void> {
  await scene.send('alice', [bob], letter(id));
  await until(`bob has ${id}`, async () => (await scene.lab.inbox('bob')).some(isOf(id)), LIMIT_MS);
  await until('the outbox has nothing to do', async () => (await queueOf(scene.relay)).length === 0, LIMIT_MS);
}

async function sentThere(id: string): Promise<readonly Buffer[]> {
  return (await (await scene.door('alice')).messages(SENT)).map(({ bytes }) => bytes).filter(isOf(id));
}

test.each([
  ['before', 'a1'],
  ['after', 'a2'],
] as const)('the program stores it here %s it is sent', async (when, id) => {
  if (when === 'before') await appendHere(id);
  await send(id);
  if (when === 'after') await appendHere(id);
  const isOnce = async (): Promise<boolean> => {
    const [own, ...others] = await sentThere(id);
    const here = (await mirrored(scene.relay, alice)).filter(({ mailbox }) => mailbox === 'Sent').length;
    const there = (await (await scene.door('alice')).messages(SENT)).length;
    return own !== undefined && others.length === 0 && !isAnew(own) && here === there;
  };
  await until(`${id} is in Sent once, as the program wrote it`, isOnce, LIMIT_MS);
  expect((await scene.lab.inbox('bob')).filter(isOf(id)).map(isAnew)).toEqual([true]);
});

test('nobody stores it: what the webmail has of it stays', async () => {
  await send('a3');
  await scene.untilLooked('alice', 'imap');
  await scene.untilLooked('alice', 'imap');
  expect((await sentThere('a3')).map(isAnew)).toEqual([true]);
});
