/*
 * A mailbox through an outage, as its owner and the operator meet it: everything is here, the provider's IMAP dies and returns, everything dies and returns.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { letterTo, provided, startMirrorScene, statusOf, UidLedger, type MirrorScene } from '../../relay/index.ts';
import { EMPTY_FOLDER, fillWithVariedMail, FOLDERS } from './varied-mail.ts';
import { exported } from './exported.ts';

const ZERO = { doubled: 0, missing: 0, renumbered: 0 };
const SMALL = 200;

let scene: MirrorScene;
let alice: string;
const ledger = new UidLedger();

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap', 'roundcube'], lab: { users: ['alice', 'bob'] } });
  alice = scene.lab.address('alice');
  await fillWithVariedMail(await scene.door('alice'), SMALL);
});

afterAll(async () => {
  ledger.print('60-mirror: alice');
  await scene?.[Symbol.asyncDispose]();
});

/** Waits until both sides are equal, and writes a row of the table. */
async function reckon(path: string, withFlags = true): Promise<void> {
  const here = await scene.untilEqual('alice', { withFlags });
  expect(ledger.look(path, here, await provided(await scene.door('alice')))).toMatchObject(ZERO);
}

async function exportInto(name: string): Promise<void> {
  const directory = join(scene.relay.dataDir, '..', name);
  const taken = await scene.relay.json<{ mailboxes: { name: string; folder: string }[]; rebuilt: number; incomplete: number }>([
    'export',
    alice,
    directory,
  ]);
  expect(taken).toMatchObject({ rebuilt: 0, incomplete: 0 });
  const nameOf = new Map(taken.mailboxes.map((mailbox) => [mailbox.folder, mailbox.name]));
  const there = await provided(await scene.door('alice'));
  const print = (copies: readonly { mailbox: string; hash: string; flags: string }[]) =>
    copies.map(({ mailbox, hash, flags }) => `${mailbox} ${hash} ${flags}`).toSorted();
  expect(print(exported(directory, nameOf))).toEqual(print(there));
}

test('an account that is added by the CLI is here: every message of every mailbox, its flags and its date', async () => {
  await scene.add('alice');
  await reckon('imap');
  const door = await scene.door('alice');
  const status = await until('the first sync is over', async () => {
    const now = await statusOf(scene.relay, alice);
    return now.state === 'idle' ? now : undefined;
  });
  const there = await provided(door);
  expect(status).toMatchObject({ address: alice, messages: there.length, total: there.length, pendingIntents: 0, held: [] });
  const told = `"messages":${there.length},"total":${there.length},"ratePerS":[0-9.]+,"leftS":0,"message":"catching up done"`;
  expect((await scene.relay.log()).match(new RegExp(told, 'g'))).toHaveLength(1);
  for (const name of [...FOLDERS, EMPTY_FOLDER, ['INBOX']].map((path) => path.join('/'))) {
    const messages = there.filter((copy) => copy.mailbox === name).length;
    expect(status.mailboxes.find((mailbox) => mailbox.name === name)).toEqual({ name, messages, total: messages });
  }
});

test('the export is what Dovecot has, byte for byte, with flags and keywords', () => exportInto('export-1'));

test('whoever logs in to send has a mirror, too', async () => {
  const bob = await scene.door('bob');
  for (let number = 0; number < 20; number += 1) {
    await bob.append(['INBOX'], { bytes: letterTo(`old-${number}`, { from: 'far@outside.test', to: [scene.lab.address('bob')] }) });
  }
  const address = scene.lab.address('bob');
  await scene.send('bob', [address], letterTo('self', { from: address, to: [address] }));
  await until('it is there', async () => (await bob.messages(['INBOX'])).length === 21);
  await scene.untilEqual('bob');
});

test('IMAP is switched off: what comes from outside is seen by the webmail, and what another client does', async () => {
  await scene.lab.edge.set(['imap', 'imaps'], { mode: 'refuse' });
  for (let number = 0; number < 5; number += 1) {
    await scene.deliver('alice', letterTo(`outage-${number}`, { from: 'far@outside.test', to: [alice] }));
  }
  const door = await scene.door('alice');
  await until('Postfix has delivered', async () => {
    const inbox = await door.messages(['INBOX']);
    return inbox.filter(({ bytes }) => bytes.includes('<outage-')).length === 5;
  });
  await door.changeFlags(['INBOX'], [0, 3, 5], { add: ['$flagged', '$answered'], remove: ['$seen'] });
  await door.changeFlags(['Projekte', 'Köln'], [1, 2], { add: ['$seen'], remove: [] });
  await door.expunge(['INBOX'], [7]);
  await reckon('roundcube');
  expect((await scene.mirrorOf('alice'))?.path).toContain('roundcube');
});

test('IMAP returns: nothing twice, nothing lost, no UID changed', async () => {
  await scene.lab.edge.set(['imap', 'imaps'], { mode: 'pass' });
  await scene.untilLooked('alice', 'imap');
  await scene.deliver('alice', letterTo('after', { from: 'far@outside.test', to: [alice] }));
  const door = await scene.door('alice');
  await door.changeFlags(['INBOX'], [2], { add: ['spaeter'], remove: [] });
  await until('it is delivered', async () => (await door.messages(['INBOX'])).some(({ bytes }) => bytes.includes('<after@')));
  await reckon('imap');
});

test('IMAP greets and lets nobody in: the mailbox is seen by the webmail, and what is done here is carried back', async () => {
  const replies = Object.fromEntries(['LOGIN', 'AUTHENTICATE'].map((command) => [command, '$tag NO [UNAVAILABLE] Down for maintenance']));
  await scene.lab.edge.set(['imap', 'imaps'], { mode: 'reject', replies });
  await scene.deliver('alice', letterTo('greeted', { from: 'far@outside.test', to: [alice] }));
  const door = await scene.door('alice');
  await until('it is delivered', async () => (await door.messages(['INBOX'])).some(({ bytes }) => bytes.includes('<greeted@')));
  await reckon('roundcube');
  await using desk = await scene.desk('alice');
  await desk.flag('INBOX', 'greeted', { add: ['$flagged'] });
  await scene.untilCarried('alice');
  await scene.lab.edge.set(['imap', 'imaps'], { mode: 'pass' });
  await scene.untilLooked('alice', 'imap');
  await reckon('imap');
});

test('everything is down: the status says so, and the mailbox is still here, whole', async () => {
  await scene.lab.edge.set('all', { mode: 'refuse' });
  await scene.untilState('alice', 'down');
  expect(await statusOf(scene.relay, alice)).toMatchObject({ state: 'down' });
  await exportInto('export-2');
  await reckon('none');
});

test('everything is back', async () => {
  const door = await scene.door('alice');
  await door.append(['INBOX'], { bytes: letterTo('meanwhile', { from: 'far@outside.test', to: [alice] }) });
  await scene.lab.edge.set('all', { mode: 'pass' });
  await reckon('imap');
  await scene.untilLooked('alice', 'imap');
  await reckon('imap');
  const { messages, total, state } = await statusOf(scene.relay, alice);
  expect({ total, isCalm: ['idle', 'syncing'].includes(state) }).toEqual({ total: messages, isCalm: true });
});
