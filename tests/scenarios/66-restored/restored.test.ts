/* Deleted at the provider by another program, or by the person here: an operator finds it and brings it back, on both sides, once. */
import { asId, systemClock } from '@stopgap/core';
import { openStore, wantedMessages } from '@stopgap/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashOf, letterTo, mirrored, provided, readStore, startMirrorScene, type Copy, type MirrorScene } from '../../relay/index.ts';

const NAMES = ['ann', 'ben', 'cem', 'dag', 'eve', 'fay'];
const LIMIT_MS = 120_000;

interface Deleted {
  readonly number: number;
  readonly mailbox: string;
  readonly subject: string;
  readonly by: string;
  readonly alsoIn: readonly string[];
}

let scene: MirrorScene;
let alice: string;

function letter(name: string): Buffer {
  return letterTo(name, { from: 'far@outside.test', to: ['alice@provider.test'], body: Buffer.from(`Letter of ${name}`) });
}

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot'] } });
  alice = scene.lab.address('alice');
  const door = await scene.door('alice');
  await door.createMailbox(['Work']);
  for (const name of NAMES) await door.append(['INBOX'], { bytes: letter(name), flags: ['$seen'] });
  for (const name of ['w1', 'w2']) await door.append(['Work'], { bytes: letter(name) });
  await scene.add('alice');
  await scene.untilEqual('alice');
});
afterAll(() => scene?.[Symbol.asyncDispose]());

const deleted = () => scene.relay.json<readonly Deleted[]>(['mirror', 'deleted', alice]);
const copiesOf = (copies: readonly Copy[], name: string) => copies.filter(({ hash }) => hash === hashOf(letter(name)));

/** On both sides exactly once, in this mailbox, with its flags. */
async function expectOnce(name: string, mailbox: string, flags: string): Promise<void> {
  await scene.untilCarried('alice');
  const here = await scene.untilEqual('alice');
  expect(copiesOf(here, name)).toMatchObject([{ mailbox, flags }]);
  expect(copiesOf(await provided(await scene.door('alice')), name)).toMatchObject([{ mailbox, flags }]);
}

async function expungeThere(mailbox: string, name: string): Promise<void> {
  const door = await scene.door('alice');
  const messages = await door.messages([mailbox]);
  await door.expunge([mailbox], [messages.findIndex(({ bytes }) => hashOf(bytes) === hashOf(letter(name)))]);
  await scene.until(`${name} is gone here`, async () => copiesOf(await mirrored(scene.relay, alice), name).length === 0);
}

test('deleted at the provider, it is listed, and restored on both sides; a second time nothing is done', async () => {
  await expungeThere('INBOX', 'ben');
  const [ben] = await deleted();
  expect(ben).toMatchObject({ mailbox: 'INBOX', by: 'upstream', subject: expect.stringContaining('ben'), alsoIn: [] });
  const number = String(ben?.number);
  const { code, stdout, stderr } = await scene.relay.cli(['mirror', 'restore', alice, number]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expect.stringContaining('1 message back in INBOX'), stderr: '' });
  await expectOnce('ben', 'INBOX', '$seen');
  expect(await deleted()).toEqual([]);
  const again = await scene.relay.cli(['mirror', 'restore', alice, number]);
  expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`${number} is in INBOX`) });
  await expectOnce('ben', 'INBOX', '$seen');
  expect(await scene.relay.log()).toMatch(/"restored":1,"refused":0,"message":"restored"/);
});

test('what a program has expunged here, before the provider was told and after', async () => {
  await using desk = await scene.desk('alice');
  await desk.expunge('INBOX', ['cem', 'dag']);
  await scene.untilCarried('alice');
  await scene.lab.stop('dovecot');
  await desk.expunge('INBOX', ['eve']);
  expect((await deleted()).map(({ by, mailbox }) => `${mailbox} ${by}`)).toEqual(['INBOX here', 'INBOX here', 'INBOX here']);
  const { stdout } = await scene.relay.cli(['mirror', 'restore', alice, '--since', '1h', '--mailbox', 'INBOX']);
  expect(stdout).toContain('3 messages back in INBOX');
  await scene.lab.start('dovecot');
  for (const name of ['cem', 'dag', 'eve']) await expectOnce(name, 'INBOX', '$seen');
});

test('a mailbox was deleted at the provider, and let go here by mistake: made again on both sides', async () => {
  await (await scene.door('alice')).deleteMailbox(['Work']);
  await scene.untilState('alice', 'held');
  expect((await scene.relay.cli(['mirror', 'release', alice])).code).toBe(0);
  await scene.until('Work is gone here', async () => copiesOf(await mirrored(scene.relay, alice), 'w1').length === 0);
  const { stdout } = await scene.relay.cli(['mirror', 'restore', alice, '--since', '1h']);
  expect(stdout).toContain('2 messages back in Work');
  for (const name of ['w1', 'w2']) await expectOnce(name, 'Work', '');
});

test('what another program moved is not doubled by all that was deleted since', async () => {
  const door = await scene.door('alice');
  await expungeThere('INBOX', 'ann');
  await door.append(['Work'], { bytes: letter('ann'), flags: ['$seen'] });
  await scene.untilEqual('alice');
  const answer = await scene.relay.cli(['mirror', 'restore', alice, '--since', '1h']);
  expect(answer).toMatchObject({ code: 1, stderr: expect.stringContaining('is in Work as another message of the same content') });
  await expectOnce('ann', 'Work', '$seen');
});

test('killed between the request and the act, it is done once by the next one', { timeout: LIMIT_MS }, async () => {
  await expungeThere('INBOX', 'fay');
  const fay = (await deleted()).find(({ subject }) => subject.includes('fay'));
  await freeze();
  const answer = scene.relay.cli(['mirror', 'restore', alice, String(fay?.number)]);
  await scene.until('it is asked for', async () => (await wanted()).length === 1);
  await scene.end('SIGKILL');
  expect(copiesOf(await mirrored(scene.relay, alice), 'fay')).toEqual([]);
  await scene.revive();
  expect(await answer).toMatchObject({ code: 0, stderr: '' });
  await scene.until('it is done', async () => (await wanted()).length === 0);
  await expectOnce('fay', 'INBOX', '$seen');
  await scene.end('SIGKILL');
  await scene.revive();
  await scene.untilLooked('alice', 'imap');
  await expectOnce('fay', 'INBOX', '$seen');
});

const wanted = () => readStore(scene.relay.dataDir, (reader) => wantedMessages(reader, asId.account(alice)));

/** It stands still, but not in the middle of a write, which would keep everybody else from writing. */
async function freeze(): Promise<void> {
  const { pid = 0 } = scene.relay.process;
  const store = await openStore({ dataDir: scene.relay.dataDir, clock: systemClock });
  try {
    for (let isFree = false; !isFree;) {
      process.kill(-pid, 'SIGSTOP');
      isFree = await store.write(() => true).catch(() => false);
      if (!isFree) process.kill(-pid, 'SIGCONT');
    }
  } finally {
    await store.close();
  }
}
