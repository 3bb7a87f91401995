/*
 * A person with mutt, who changed nothing but the server's name: reads, flags, files, deletes and sends - beside a provider that answers, then while
 * nothing of it does, and then it has it all.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBackDoor, type OpenBackDoor } from '../../lab/index.ts';
import { letterTo, provided, startMirrorScene, type Copy, type MirrorScene } from '../../relay/index.ts';
import { Mutt } from './mutt.ts';

let scene: MirrorScene;
let theirs: OpenBackDoor;
let ours: OpenBackDoor;
let bob: string;

beforeAll(async () => {
  // Not by the webmail, which trims the white space at the end of what it stores: on a busy machine it may be the best path for a moment.
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice', 'bob'] } });
  const { lab, relay } = scene;
  bob = lab.address('bob');
  theirs = await scene.door('alice');
  await theirs.createMailbox(['Archiv']);
  await scene.add('alice');
  ours = await openBackDoor({ port: relay.ports.imap, user: lab.address('alice'), password: lab.password('alice') });
});

afterAll(async () => {
  await ours?.close();
  await scene?.[Symbol.asyncDispose]();
});

test('mutt works beside the provider, and both see the same', async () => {
  await deliver('first');
  await using mutt = await startMutt();
  await work(mutt, 'first');
  await expectSame('first');
  // The other way round: another program works at the provider.
  await theirs.append(['INBOX'], { bytes: letter('there') });
  await mutt.untilShown('[about there]');
  const [place = -1] = await places('INBOX', 'about first-flag');
  await theirs.changeFlags(['INBOX'], [place], { add: [], remove: ['$flagged'] });
  await mutt.untilShown(/^[^!\n]*\[about first-flag\]/m);
});

test('mutt works while every path of the provider is dead; when it is back it has everything once', async () => {
  await deliver('outage');
  await scene.lab.edge.set('all', { mode: 'refuse' });
  await using mutt = await startMutt();
  await work(mutt, 'outage');
  expect((await scene.lab.inbox('bob')).some((raw) => raw.includes('Subject: outage-sent'))).toBe(false);
  await scene.lab.edge.set('all', { mode: 'pass' });
  await expectSame('outage');
});

const letter = (id: string): Buffer => letterTo(id, { from: bob, to: [scene.lab.address('alice')] });

async function deliver(name: string): Promise<void> {
  for (const what of ['read', 'flag', 'delete', 'move']) await theirs.append(['INBOX'], { bytes: letter(`${name}-${what}`) });
  await scene.untilEqual('alice');
}

function startMutt(): Promise<Mutt> {
  const { lab, relay } = scene;
  const { imaps, submissions } = relay.ports;
  const person = { user: lab.address('alice'), password: lab.password('alice') };
  return Mutt.start({ ...person, caFile: relay.caFile, imapsPort: imaps, submissionsPort: submissions });
}

async function work(mutt: Mutt, name: string): Promise<void> {
  await mutt.select(`about ${name}-read`);
  await mutt.press('Enter');
  await mutt.untilShown('From after an empty line');
  await mutt.press('i');
  await mutt.select(`about ${name}-flag`);
  await mutt.press('F');
  await mutt.untilShown(new RegExp(String.raw`!.*\[about ${name}-flag\]`));
  await mutt.select(`about ${name}-delete`);
  await mutt.press('d');
  await mutt.select(`about ${name}-move`);
  await mutt.press('s');
  await mutt.answer('Save to mailbox', '=Archiv');
  await mutt.untilShown(new RegExp(String.raw`D.*\[about ${name}-move\]`));
  await mutt.press('$');
  await mutt.untilGone(`[about ${name}-delete]`);
  await mutt.untilGone(`[about ${name}-move]`);
  await mutt.send(bob, { subject: `${name}-sent`, body: `Hello Bob,\n.\nFrom mutt in Köln\n` });
}

/**
 * Sooner or later everything that mutt did is done on both sides, once, and bob has the letter. (What leaves by the webmail is in Sent twice for a moment.)
 */
async function expectSame(name: string): Promise<void> {
  const look = async () => {
    const [here, there] = [printed(await provided(ours)), printed(await provided(theirs))];
    const inbox = await theirs.messages(['INBOX']);
    const flagsOf = (what: string) => inbox.find(({ bytes }) => bytes.includes(`Subject: about ${name}-${what}\r\n`))?.flags;
    return {
      onlyHere: here.filter((line) => !there.includes(line)),
      onlyThere: there.filter((line) => !here.includes(line)),
      inbox: { read: flagsOf('read'), flag: flagsOf('flag'), delete: flagsOf('delete'), move: flagsOf('move') },
      moved: (await places('Archiv', `about ${name}-move`)).length,
      sent: (await places('Sent', `${name}-sent`)).length,
      sentHere: here.filter((line) => line.startsWith('Sent ')).length - there.filter((line) => line.startsWith('Sent ')).length,
      letters: (await letters(name)).length,
    };
  };
  await expect.poll(look, { timeout: 90_000 }).toEqual({
    onlyHere: [],
    onlyThere: [],
    inbox: { read: ['$seen'], flag: ['$flagged'] },
    moved: 1,
    sent: 1,
    sentHere: 0,
    letters: 1,
  });
  await scene.untilCarried('alice');
  // Roundcube trims the end of what it stores.
  const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n')).trimEnd();
  const [got = ''] = await letters(name);
  const [place = -1] = await places('Sent', `${name}-sent`);
  const kept = (await theirs.messages(['Sent']))[place]?.bytes.toString() ?? '';
  expect(bodyOf(got)).toBe('\r\n\r\nHello Bob,\r\n.\r\nFrom mutt in Köln');
  expect(bodyOf(kept)).toBe(bodyOf(got));
}

/** What bob got from mutt. */
async function letters(name: string): Promise<string[]> {
  return (await scene.lab.inbox('bob')).map((raw) => raw.toString()).filter((text) => text.includes(`\r\nSubject: ${name}-sent\r\n`));
}

/** Where in a mailbox of the provider the messages with this subject are. */
async function places(mailbox: string, subject: string): Promise<number[]> {
  return (await theirs.messages([mailbox])).flatMap(({ bytes }, index) => (bytes.includes(`Subject: ${subject}\r\n`) ? [index] : []));
}

function printed(copies: readonly Copy[]): string[] {
  return copies.map(({ mailbox, hash, flags }) => `${mailbox} ${hash} ${flags}`).toSorted();
}
