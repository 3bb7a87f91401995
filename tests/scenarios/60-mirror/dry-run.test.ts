/* What a round would do, asked beforehand: nothing is changed on either side by the asking, with a relay beside it or without. */
import { asId, systemClock } from '@stopgap/core';
import { changeFlags, moveMessages, openMailboxes } from '@stopgap/mailbox';
import { findMailboxByName, listMailboxMessages, openStore } from '@stopgap/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { letterTo, mirrored, provided, startMirrorScene, statusOf, type MirrorScene } from '../../relay/index.ts';

const KEEP_MS = 3_600_000;

interface Preview {
  readonly address: string;
  readonly path: string;
  readonly passedOver: readonly { readonly path: string; readonly reason: { readonly class: string } }[];
  readonly mailboxes: readonly {
    readonly name: string;
    readonly isNewHere: boolean;
    readonly toFetch: number;
    readonly flagsChanged: number;
    readonly missing: number;
  }[];
  readonly gone: readonly { readonly name: string; readonly messages: number }[];
  readonly toCarry: readonly { readonly kind: string; readonly intents: number; readonly unclear: number }[];
  readonly canCarry: boolean;
  readonly held: readonly unknown[];
}

let scene: MirrorScene;
let alice: string;

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap', 'roundcube'], lab: { users: ['alice'] } });
  alice = scene.lab.address('alice');
  const door = await scene.door('alice');
  await door.createMailbox(['Work']);
  await door.createMailbox(['Old']);
  for (let number = 0; number < 10; number += 1) {
    await door.append(['INBOX'], { bytes: letterTo(`inbox-${number}`, { from: 'far@outside.test', to: [alice] }) });
  }
  await door.append(['Old'], { bytes: letterTo('old', { from: 'far@outside.test', to: [alice] }) });
  await scene.add('alice');
  await scene.untilEqual('alice');
});

afterAll(() => scene?.[Symbol.asyncDispose]());

const preview = () => scene.relay.json<Preview>(['mirror', 'sync', '--dry-run', alice]);

/** Only what would be done. */
function news({ mailboxes }: Preview): readonly Preview['mailboxes'][number][] {
  return mailboxes.filter((one) => one.isNewHere || one.toFetch + one.flagsChanged + one.missing > 0);
}

/** As a door of the relay does it: two messages are flagged, a third one is moved. */
async function changeHere(): Promise<void> {
  const { dataDir } = scene.relay;
  const store = await openStore({ dataDir, clock: systemClock });
  const mailboxes = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: KEEP_MS });
  try {
    const account = asId.account(alice);
    const [inbox, work] = store.read((reader) => ['INBOX', 'Work'].map((name) => findMailboxByName(reader, account, name)));
    if (!inbox || !work) throw new Error('alice has no mailboxes here');
    const [first, second, third] = store
      .read((reader) => listMailboxMessages(reader, inbox.id, { afterUid: 0, limit: 3 }))
      .map(({ id }) => id);
    if (!first || !second || !third) throw new Error('alice has no mail here');
    await mailboxes.write(account, (mail) => {
      changeFlags(mail, [first], { add: ['$flagged'], remove: [] }, 'here');
      changeFlags(mail, [second], { add: ['$seen'], remove: [] }, 'here');
      moveMessages(mail, [third], work.id, 'here');
    });
  } finally {
    await mailboxes.close();
    await store.close();
  }
}

async function bothSides(): Promise<unknown> {
  return [await mirrored(scene.relay, alice), await provided(await scene.door('alice')), await statusOf(scene.relay, alice)];
}

test('beside a relay that has done everything there is nothing to do', async () => {
  const told = await preview();
  expect(told).toMatchObject({ address: alice, passedOver: [], gone: [], toCarry: [], canCarry: true, held: [] });
  expect(told.path).toContain('imap');
  expect(news(told)).toEqual([]);
  const { code, stdout } = await scene.relay.cli(['mirror', 'sync', '--dry-run', alice]);
  expect({ code, stdout: stdout.replace(told.path, 'PATH') }).toEqual({
    code: 0,
    stdout: 'By PATH:\nnothing new upstream\nnothing to carry back\nNothing was changed, here or at the provider.\n',
  });
});

test('what came and went on both sides is told, and nothing of it is done', async () => {
  await scene.end();
  const door = await scene.door('alice');
  for (const id of ['new-1', 'new-2']) await door.append(['INBOX'], { bytes: letterTo(id, { from: 'far@outside.test', to: [alice] }) });
  await door.changeFlags(['INBOX'], [4], { add: ['$answered'], remove: [] });
  await door.expunge(['INBOX'], [6]);
  await door.createMailbox(['Fresh']);
  await door.append(['Fresh'], { bytes: letterTo('fresh', { from: 'far@outside.test', to: [alice] }) });
  await door.deleteMailbox(['Old']);
  await changeHere();
  const before = await bothSides();
  const told = await preview();
  expect(news(told)).toEqual([
    { name: 'INBOX', isNewHere: false, toFetch: 2, flagsChanged: 1, missing: 1 },
    { name: 'Fresh', isNewHere: true, toFetch: 1, flagsChanged: 0, missing: 0 },
  ]);
  expect(told.gone).toEqual([{ name: 'Old', messages: 1 }]);
  expect(told.toCarry).toEqual([
    { kind: 'flags', intents: 2, unclear: 0 },
    { kind: 'move', intents: 1, unclear: 0 },
  ]);
  const { stdout } = await scene.relay.cli(['mirror', 'sync', '--dry-run', alice]);
  expect(stdout).toContain('INBOX: 2 to fetch, 1 with other flags, 1 missing\nFresh: 1 to fetch and compare');
  expect(stdout).toContain('Old: no longer listed, 1 here\nto carry back: 2 flags, 1 move\n');
  expect(await bothSides()).toEqual(before);
});

test('without IMAP it is the webmail that tells', async () => {
  await scene.lab.edge.set(['imap', 'imaps'], { mode: 'refuse' });
  const told = await preview();
  expect(told.path).toContain('roundcube');
  expect(told.passedOver).toMatchObject([{ path: expect.stringContaining('imap') as string, reason: { class: 'connect' } }]);
  expect(news(told)[0]).toEqual({ name: 'INBOX', isNewHere: false, toFetch: 2, flagsChanged: 1, missing: 1 });
  expect((await scene.relay.cli(['mirror', 'sync', '--dry-run', alice])).stdout).toMatch(/ imap \S+ is passed over: /);
});

test('when no path answers it says so, with the reason of each', async () => {
  await scene.lab.edge.set('all', { mode: 'refuse' });
  const { code, stdout, stderr } = await scene.relay.cli(['mirror', 'sync', '--dry-run', alice]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^stopgap: No path to \S+ answers now, so nothing can be compared\. .* imap .*; .* roundcube .*\n$/);
});

test('without an address, or with one that nobody has, it is refused', async () => {
  expect(await scene.relay.cli(['mirror', 'sync', '--dry-run'])).toMatchObject({ code: 2, stdout: '' });
  expect(await scene.relay.cli(['mirror', 'sync', '--dry-run', 'nobody@provider.test'])).toMatchObject({ code: 1, stdout: '' });
});

test('and afterwards the relay does what was told', async () => {
  await scene.lab.edge.set('all', { mode: 'pass' });
  await scene.revive();
  await scene.untilCarried('alice');
  await scene.untilEqual('alice', { mailboxes: ['INBOX', 'Work', 'Fresh'] });
  expect(news(await preview())).toEqual([]);
});
