/*
 * Mail programs at the IMAP door, unmodified: what they see is what the provider has, what they do is done there - at once, or when it is back.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asId } from '@stopgap/core';
import { countOpenIntents } from '@stopgap/store';
import { openBackDoor, until, type OpenBackDoor } from '../../lab/index.ts';
import { provided, readStore, startMirrorScene, type Copy, type MirrorScene } from '../../relay/index.ts';
import { EMPTY_FOLDER, fillWithVariedMail } from '../60-mirror/varied-mail.ts';
import { Mbsync } from './mbsync.ts';

/** A Maildir has no name for everything that a mailbox can be called. */
const PATTERNS = 'INBOX Archiv*';

let scene: MirrorScene;
let alice: string;
let theirs: OpenBackDoor;
let ours: OpenBackDoor;

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap', 'roundcube'], lab: { users: ['alice', 'bob'] } });
  alice = scene.lab.address('alice');
  theirs = await scene.door('alice');
  await fillWithVariedMail(theirs, 40);
  await scene.add('alice');
  await scene.untilEqual('alice');
  ours = await openBackDoor({ port: scene.relay.ports.imap, user: alice, password: scene.lab.password('alice') });
});

afterAll(async () => {
  await ours?.close();
  await scene?.[Symbol.asyncDispose]();
});

/** What was done here has been carried back, and both sides have the same. */
async function untilEqual(): Promise<void> {
  await until(
    'everything is carried back',
    async () => (await readStore(scene.relay.dataDir, (reader) => countOpenIntents(reader, asId.account(alice)))) === 0,
    60_000,
  );
  await scene.untilEqual('alice');
}

const printed = (copies: readonly Copy[]): string[] => copies.map(({ mailbox, hash, flags }) => `${mailbox} ${hash} ${flags}`).toSorted();

test('the door shows what the provider has: every mailbox, message, byte and flag', async () => {
  expect(await ours.mailboxes()).toEqual(expect.arrayContaining([...(await theirs.mailboxes())]));
  expect(await ours.mailboxes()).toContain(EMPTY_FOLDER.join('/'));
  expect(printed(await provided(ours))).toEqual(printed(await provided(theirs)));
});

test('what one program does at the door is seen by another at the provider, and the other way round', async () => {
  const letter = Buffer.from('Subject: written here\r\nMessage-ID: <here@a.test>\r\n\r\nHello\r\n');
  await ours.createMailbox(['Neu & alt']);
  await ours.append(['Neu & alt'], { bytes: letter, flags: ['$seen', 'todo'] });
  await ours.changeFlags(['INBOX'], [0, 2], { add: ['$flagged', 'todo'], remove: ['$seen'] });
  await ours.expunge(['INBOX'], [5, 7]);
  await untilEqual();
  expect(printed(await provided(ours))).toEqual(printed(await provided(theirs)));
  await theirs.changeFlags(['INBOX'], [1, 3], { add: ['$answered'], remove: [] });
  await theirs.append(['INBOX'], { bytes: Buffer.from('Subject: written there\r\n\r\nHello\r\n'), flags: [] });
  await theirs.expunge(['Neu & alt'], [0]);
  await untilEqual();
  expect(printed(await provided(ours))).toEqual(printed(await provided(theirs)));
});

test('mbsync keeps a Maildir equal, both ways, while the provider answers and while it does not', async () => {
  const { relay } = scene;
  await using mbsync = await Mbsync.start({
    port: relay.ports.imaps,
    caFile: relay.caFile,
    user: alice,
    password: scene.lab.password('alice'),
    patterns: PATTERNS,
  });
  // Of some hard messages mbsync itself makes something else; the reference is what it makes of them at the provider.
  const reference = async (): Promise<string[]> => {
    await using pulled = await Mbsync.start({
      port: scene.lab.ports.imaps,
      caFile: scene.lab.caFile,
      user: alice,
      password: scene.lab.password('alice'),
      patterns: PATTERNS,
      isPull: true,
    });
    await pulled.sync();
    return printed(await pulled.copies());
  };
  const untilTheSame = async (): Promise<void> => {
    await untilEqual();
    expect(printed(await mbsync.copies())).toEqual(await reference());
  };
  const letter = (subject: string): Buffer =>
    Buffer.from(`From: x@y.test\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@y.test>\r\n\r\n${subject}\r\n`);
  for (const subject of ['to-flag', 'to-remove', 'to-flag-there', 'to-remove-there'])
    await theirs.append(['INBOX'], { bytes: letter(subject) });
  await theirs.createMailbox(['Archiv']);
  await theirs.append(['Archiv'], { bytes: letter('archived') });
  await untilEqual();
  await mbsync.sync();
  await untilTheSame();

  const places = async (subject: string): Promise<number> =>
    (await theirs.messages(['INBOX'])).findIndex(({ bytes }) => bytes.includes(`Subject: ${subject}\r\n`));
  await mbsync.mark('to-flag', 'FRS');
  await mbsync.remove('to-remove');
  await mbsync.deliver('INBOX', letter('new-here'));
  await mbsync.deliver('Archiv/2026', letter('new-mailbox'));
  await theirs.changeFlags(['INBOX'], [await places('to-flag-there')], { add: ['$flagged'], remove: [] });
  await theirs.expunge(['INBOX'], [await places('to-remove-there')]);
  await theirs.append(['INBOX'], { bytes: letter('new-there') });
  await untilEqual();
  await mbsync.sync();
  await untilTheSame();
  const found = (await mbsync.copies()).map(({ mailbox, hash }) => `${mailbox} ${hash}`);
  for (const [name, subject] of [
    ['INBOX', 'new-here'],
    ['Archiv/2026', 'new-mailbox'],
    ['INBOX', 'new-there'],
  ] as const) {
    expect(
      found.some((one) => one.startsWith(`${name} `)),
      subject,
    ).toBe(true);
  }

  await scene.lab.edge.set(['imap', 'imaps', 'roundcube'], { mode: 'refuse' });
  await mbsync.mark('new-there', 'FS');
  await mbsync.remove('to-flag');
  await mbsync.deliver('Archiv', letter('in-the-outage'));
  await mbsync.sync();
  const inTheOutage = printed(await mbsync.copies());
  await scene.lab.edge.set(['imap', 'imaps', 'roundcube'], { mode: 'pass' });
  await untilTheSame();
  expect(printed(await mbsync.copies())).toEqual(inTheOutage);
  expect((await theirs.messages(['Archiv'])).some(({ bytes }) => bytes.includes('in-the-outage'))).toBe(true);
});
