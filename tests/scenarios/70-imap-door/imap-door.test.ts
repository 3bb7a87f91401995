/*
 * Mail programs at the IMAP door, unmodified: what they see is what the provider has, what they do is done there - at once, or when it is back.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { asId } from '@stopgap/core';
import { countOpenIntents } from '@stopgap/store';
import { openBackDoor, until, type OpenBackDoor } from '../../lab/index.ts';
import { letterTo, provided, queueOf, readStore, startMirrorScene, type Copy, type Equality, type MirrorScene } from '../../relay/index.ts';
import { EMPTY_FOLDER, fillWithVariedMail } from '../60-mirror/varied-mail.ts';
import { Mbsync } from './mbsync.ts';

const run = promisify(execFile);
/** A Maildir has no name for everything that a mailbox can be called. */
const PATTERNS = 'INBOX Archiv*';

let scene: MirrorScene;
let alice: string;
let theirs: OpenBackDoor;
let ours: OpenBackDoor;

beforeAll(async () => {
  // Not by the webmail, which trims the white space at the end of what it stores: on a busy machine it may be the best path for a moment.
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice', 'bob'] } });
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
async function untilEqual(equality?: Equality): Promise<void> {
  await until(
    'everything is carried back',
    async () => (await readStore(scene.relay.dataDir, (reader) => countOpenIntents(reader, asId.account(alice)))) === 0,
    60_000,
  );
  await scene.untilEqual('alice', equality);
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
    return printed(await pulled.mail.copies());
  };
  const untilTheSame = async (): Promise<void> => {
    await untilEqual();
    expect(printed(await mbsync.mail.copies())).toEqual(await reference());
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
  await mbsync.mail.mark('to-flag', 'FRS');
  await mbsync.mail.remove('to-remove');
  await mbsync.mail.deliver('INBOX', letter('new-here'));
  await mbsync.mail.deliver('Archiv/2026', letter('new-mailbox'));
  await theirs.changeFlags(['INBOX'], [await places('to-flag-there')], { add: ['$flagged'], remove: [] });
  await theirs.expunge(['INBOX'], [await places('to-remove-there')]);
  await theirs.append(['INBOX'], { bytes: letter('new-there') });
  await untilEqual();
  await mbsync.sync();
  await untilTheSame();
  const found = (await mbsync.mail.copies()).map(({ mailbox, hash }) => `${mailbox} ${hash}`);
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
  await mbsync.mail.mark('new-there', 'FS');
  await mbsync.mail.remove('to-flag');
  await mbsync.mail.deliver('Archiv', letter('in-the-outage'));
  await mbsync.sync();
  const inTheOutage = printed(await mbsync.mail.copies());
  await scene.lab.edge.set(['imap', 'imaps', 'roundcube'], { mode: 'pass' });
  await untilTheSame();
  expect(printed(await mbsync.mail.copies())).toEqual(inTheOutage);
  expect((await theirs.messages(['Archiv'])).some(({ bytes }) => bytes.includes('in-the-outage'))).toBe(true);
});

test('what left by the webmail and what the program stores in Sent are one message, in whichever order they come', async () => {
  const { lab } = scene;
  const bob = lab.address('bob');
  const sent = async (door: OpenBackDoor, id: string): Promise<number> =>
    (await door.messages(['Sent'])).filter(({ bytes }) => bytes.includes(`<${id}@provider.test>`)).length;
  await lab.edge.set(['submission'], { mode: 'refuse' });
  const after = letterTo('stored-after', { from: alice, to: [bob] });
  await scene.send('alice', [bob], after);
  await until('the webmail has stored it', async () => (await sent(theirs, 'stored-after')) === 1, 60_000);
  await until('it is here', async () => (await sent(ours, 'stored-after')) === 1, 60_000);
  await ours.append(['Sent'], { bytes: after, flags: ['$seen'] });
  const before = letterTo('stored-before', { from: alice, to: [bob] });
  await ours.append(['Sent'], { bytes: before, flags: ['$seen'] });
  await scene.send('alice', [bob], before);
  await until('bob has both', async () => (await lab.inbox('bob')).filter((raw) => raw.includes('<stored-')).length === 2, 60_000);
  await lab.edge.set(['submission'], { mode: 'pass' });
  // The webmail's own proof of sending and the message itself are both in Sent for a moment.
  for (const id of ['stored-after', 'stored-before']) {
    await until(`one ${id} is left`, async () => (await sent(ours, id)) === 1 && (await sent(theirs, id)) === 1, 60_000);
  }
  // Bob has it before the webmail's answer is here: what cuts that answer off leaves it unsure, which nobody can cancel.
  await until('the queue knows that both have left', async () => (await queueOf(scene.relay)).length === 0, 60_000);
});

test('what waits in an outage is a mailbox of its own, and deleting it there cancels it', async () => {
  const { lab, relay } = scene;
  await lab.edge.set(['submission', 'roundcube'], { mode: 'refuse' });
  const bob = lab.address('bob');
  await scene.send('alice', [bob], letterTo('waits', { from: alice, to: [bob] }));
  await ours.command('SELECT "Outbox (waiting)"');
  expect((await ours.command('UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).join(' ')).toMatch(/waiting|sending/);
  await ours.command('STORE 1:* +FLAGS (\\Deleted)');
  await until(
    'it is cancelled',
    async () => {
      await ours.command('EXPUNGE');
      return (await queueOf(relay)).length === 0;
    },
    60_000,
  );
  await ours.command('UNSELECT');
  await lab.edge.set(['submission', 'roundcube'], { mode: 'pass' });
});

test('a message that a POP3 program deletes is in Trash, here and at the provider', async () => {
  const { relay, lab } = scene;
  // Of what is in Sent since the webmail sent it, this side may have the program's copy and the other the webmail's.
  const touched = { mailboxes: ['INBOX', 'Trash'] };
  await theirs.append(['INBOX'], { bytes: letterTo('popped', { from: 'bob@provider.test', to: [alice] }) });
  await untilEqual(touched);
  const script = `
import poplib, ssl, sys
# Some of the hard messages have longer lines than it takes.
poplib._MAXLINE = 10**7
box = poplib.POP3_SSL('localhost', int(sys.argv[1]), context=ssl.create_default_context(cafile=sys.argv[2]))
box.user(sys.argv[3]); box.pass_(sys.argv[4])
for number in range(1, box.stat()[0] + 1):
    if b'Subject: about popped' in box.top(number, 0)[1]: box.dele(number)
box.quit()`;
  await run('python3', ['-c', script, String(relay.ports.pop3s), relay.caFile, alice, lab.password('alice')]);
  await untilEqual(touched);
  const has = async (door: OpenBackDoor, mailbox: string): Promise<boolean> =>
    (await door.messages([mailbox])).some(({ bytes }) => bytes.includes('Subject: about popped'));
  for (const door of [ours, theirs]) expect([await has(door, 'INBOX'), await has(door, 'Trash')]).toEqual([false, true]);
});
