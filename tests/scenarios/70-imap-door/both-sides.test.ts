/*
 * Each mail program: a first look at everything, changes on both sides, a second look. What it sees at the door is what the same program sees at the
 * provider, bytes and flags.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenBackDoor } from '../../lab/index.ts';
import { letterTo, startMirrorScene, type MirrorScene } from '../../relay/index.ts';
import { fillWithVariedMail } from '../60-mirror/varied-mail.ts';
import { FETCHERS } from './fetchers.ts';
import { PROGRAMS, type ImapAccount } from './mail-programs.ts';

/** A view of what has not left yet; and a name that Dovecot knows only as part of others, a mailbox like any other here. */
const ONLY_HERE = ['Outbox (waiting)', 'Projekte'];

let scene: MirrorScene;
let theirs: OpenBackDoor;
let door: ImapAccount;
let provider: ImapAccount;

beforeAll(async () => {
  // Not by the webmail, which trims the white space at the end of what it stores: on a busy machine it may be the best path for a moment.
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice', 'bob'] } });
  const { lab, relay } = scene;
  const person = { user: lab.address('alice'), password: lab.password('alice') };
  door = { ...person, port: relay.ports.imaps, caFile: relay.caFile };
  provider = { ...person, port: lab.ports.imaps, caFile: lab.caFile };
  theirs = await scene.door('alice');
  await fillWithVariedMail(theirs, 20);
  await theirs.createMailbox(['Archiv']);
  await scene.add('alice');
  await scene.add('bob');
  await scene.untilEqual('alice');
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test.each(Object.entries(PROGRAMS))('%s sees and does at the door what it would at the provider', async (name, start) => {
  const nameOf = (what: string): string => `${what}-${name.replaceAll(/\W/g, '')}`;
  const letter = (what: string): Buffer => letterTo(nameOf(what), { from: 'bob@provider.test', to: [door.user] });
  const subject = (what: string): string => `about ${nameOf(what)}`;
  for (const what of ['flag', 'move', 'remove', 'flag-there', 'remove-there']) await theirs.append(['INBOX'], { bytes: letter(what) });
  await scene.untilEqual('alice');
  await using program = await start(door);
  const expectEqual = async (): Promise<void> => {
    await using reference = await start(provider);
    const here = (await program.look()).filter((line) => !ONLY_HERE.includes(line));
    // Some programs mark what they look at.
    await scene.untilCarried('alice');
    await scene.untilEqual('alice');
    expect(here).toEqual(await reference.look());
    expect(here.filter((line) => line.startsWith('INBOX ')).length).toBeGreaterThan(5);
  };
  await expectEqual();

  await program.work({
    flag: subject('flag'),
    move: subject('move'),
    remove: subject('remove'),
    to: 'Archiv',
    letter: letter('stored').toString(),
  });
  // By UID, for what the program has done is carried back meanwhile.
  await theirs.command('SELECT INBOX');
  await theirs.command(`UID STORE ${await uidThere(subject('flag-there'))} +FLAGS.SILENT (\\Answered)`);
  const gone = await uidThere(subject('remove-there'));
  await theirs.command(`UID STORE ${gone} +FLAGS.SILENT (\\Deleted)`);
  await theirs.command(`UID EXPUNGE ${gone}`);
  await theirs.command('UNSELECT');
  await theirs.append(['INBOX'], { bytes: letter('new-there'), flags: ['$flagged'] });
  await scene.untilCarried('alice');
  await scene.untilEqual('alice');
  await expectEqual();

  const count = async (mailbox: string, what: string): Promise<number> => (await places(mailbox, subject(what))).length;
  expect({
    flag: await count('INBOX', 'flag'),
    move: [await count('INBOX', 'move'), await count('Archiv', 'move')],
    remove: await count('INBOX', 'remove'),
    stored: await count('Archiv', 'stored'),
    there: [await count('INBOX', 'flag-there'), await count('INBOX', 'remove-there'), await count('INBOX', 'new-there')],
  }).toEqual({ flag: 1, move: [0, 1], remove: 0, stored: 1, there: [1, 0, 1] });
  const flagged = (await theirs.messages(['INBOX'])).find(({ bytes }) => bytes.includes(`Subject: ${subject('flag')}\r\n`));
  expect(flagged?.flags).toContain('$flagged');
});

test.each(Object.entries(FETCHERS))('%s fetches everything once, then what is new, and empties the mailboxes', async (name, start) => {
  const bob = await scene.door('bob');
  const { lab, relay } = scene;
  const letter = (what: string): Buffer => letterTo(`${what}-${name}`, { from: door.user, to: [lab.address('bob')] });
  const fetched = (...whats: readonly string[]): string[] =>
    whats.map((what) => letter(what).toString('latin1').replaceAll('\r\n', '\n').trimEnd()).toSorted();
  await bob.createMailbox(['Work']).catch(() => undefined);
  for (const what of ['one', 'two']) await bob.append(['INBOX'], { bytes: letter(what) });
  await bob.append(['Work'], { bytes: letter('work') });
  await scene.untilEqual('bob');
  const account = { user: lab.address('bob'), password: lab.password('bob'), port: relay.ports.imaps, caFile: relay.caFile };
  await using program = await start(account, ['INBOX', 'Work']);
  expect((await program.fetch()).toSorted()).toEqual(fetched('one', 'two', 'work'));
  await scene.untilCarried('bob');
  await scene.untilEqual('bob');
  await bob.append(['INBOX'], { bytes: letter('three') });
  await bob.changeFlags(['INBOX'], [0], { add: ['$flagged'], remove: [] });
  await scene.untilEqual('bob');
  expect(await program.fetch()).toEqual(fetched('three'));
  await program.fetch({ emptying: true });
  await scene.untilCarried('bob');
  await scene.untilEqual('bob');
  expect([...(await bob.messages(['INBOX'])), ...(await bob.messages(['Work']))]).toEqual([]);
});

/** In the mailbox that is selected. */
async function uidThere(subject: string): Promise<string> {
  const found = await theirs.command(`UID SEARCH SUBJECT "${subject}"`);
  return found.flatMap((line) => /^\* SEARCH (\d+)$/.exec(line)?.[1] ?? []).join(',');
}

/** Where in a mailbox of the provider the messages with this subject are. */
async function places(mailbox: string, subject: string): Promise<number[]> {
  return (await theirs.messages([mailbox])).flatMap(({ bytes }, index) => (bytes.includes(`Subject: ${subject}\r\n`) ? [index] : []));
}
