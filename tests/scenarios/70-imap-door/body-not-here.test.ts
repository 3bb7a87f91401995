/*
 * Messages of which only the headers are here: a program that opens one gets it from the provider, and hears in a sentence that it can not while nobody
 * reaches the provider. Everything else goes on.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asId, type MessageId } from '@stopgap/core';
import { replaceContent } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMessageView, listMailboxes, listMailboxMessages } from '@stopgap/store';
import { RawImap } from '../../lab/index.ts';
import { openMail } from '../../load/filled-mail.ts';
import { startMirrorScene, type MirrorScene } from '../../relay/index.ts';

const LETTERS = [1, 2, 3, 4];
/** Their bodies are not here; 4 is whole. */
const HEADERS_ONLY = 3;

let scene: MirrorScene;
let imap: RawImap;
/** Of each letter. */
const uids = new Map<number, number>();

function letter(number: number): string {
  return `From: Bob <bob@outside.test>\r\nSubject: Letter ${number}\r\nMessage-ID: <${number}@outside.test>\r\n\r\nThis is letter ${number}.\r\n`;
}

function headerOf(message: string): string {
  return message.slice(0, message.indexOf('\r\n\r\n') + 4);
}

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap', 'roundcube'], lab: { users: ['alice'] } });
  const theirs = await scene.door('alice');
  for (const number of LETTERS) await theirs.append(['INBOX'], { bytes: Buffer.from(letter(number)), flags: [] });
  await scene.add('alice');
  await scene.untilEqual('alice');
  await scene.end();
  await forgetBodies();
  await scene.revive();
  imap = new RawImap(scene.relay.ports.imap);
  await imap.command(`LOGIN "${scene.lab.address('alice')}" "${scene.lab.password('alice')}"`);
  await imap.command('SELECT INBOX');
});

afterAll(async () => {
  await imap?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

async function forgetBodies(): Promise<void> {
  await using open = await openMail(scene.relay.dataDir);
  const account = asId.account(scene.lab.address('alice'));
  const inbox = open.store.read((reader) => listMailboxes(reader, account).find(({ name }) => name === 'INBOX'));
  if (!inbox) throw new Error('there is no INBOX');
  const messages = open.store.read((reader) =>
    listMailboxMessages(reader, inbox.id, { afterUid: 0, limit: 10 }).map(({ id, uid }) => ({
      id,
      uid,
      number: Number(findMessageView(reader, id)?.envelope.subject.slice('Letter '.length)),
    })),
  );
  for (const { id, uid, number } of messages) {
    uids.set(number, uid);
    if (number <= HEADERS_ONLY) await forgetBody(open, account, { id, number });
  }
}

async function forgetBody(
  { store, mail }: Awaited<ReturnType<typeof openMail>>,
  account: ReturnType<typeof asId.account>,
  { id, number }: { readonly id: MessageId; readonly number: number },
): Promise<void> {
  const bytes = Buffer.from(headerOf(letter(number)));
  const writer = store.blobs.stage();
  await writer.write(bytes);
  const content = {
    blob: await writer.finish(),
    digest: digestOf(bytes),
    completeness: 'headers',
    sizeBytes: letter(number).length,
  } as const;
  await mail.write(account, (tx) => replaceContent(tx, id, content));
}

test('its header is told without the provider', async () => {
  const answer = await imap.command('UID FETCH 1:4 (RFC822.SIZE BODY.PEEK[HEADER])');
  for (const number of LETTERS) {
    expect(answer).toContain(`UID ${uidOf(number)} RFC822.SIZE ${letter(number).length} BODY[HEADER] {${headerOf(letter(number)).length}}`);
    expect(answer).toContain(headerOf(letter(number)));
  }
});

test('its body comes from the provider, and is here from then on', async () => {
  expect(await imap.command(`UID FETCH ${uidOf(1)} BODY.PEEK[]`)).toContain(letter(1));
  await scene.lab.edge.set('all', { mode: 'refuse' });
  expect(await imap.command(`UID FETCH ${uidOf(1)} BODY.PEEK[TEXT]`)).toContain('This is letter 1.');
});

test('while no path answers it is refused in a sentence; the other messages and the connection live on', async () => {
  await scene.lab.edge.set('all', { mode: 'refuse' });
  await expect(imap.command('UID FETCH 1:4 (BODY[])')).rejects.toThrow(
    /NO \[UNAVAILABLE\] .*not here yet, and the provider can not be reached now/,
  );
  const flags = await imap.command('UID FETCH 1:4 (FLAGS)');
  // Told, and so seen; what was not told is not.
  expect(new Set(flags.matchAll(/UID (\d+) FLAGS \(\\Seen\)/g).map(([, uid]) => Number(uid)))).toEqual(new Set([uidOf(1), uidOf(4)]));
  expect(await imap.command(`UID FETCH ${uidOf(2)} (ENVELOPE BODY.PEEK[HEADER.FIELDS (SUBJECT)])`)).toContain('Subject: Letter 2\r\n');
});

test('when the best path is still dead, another one brings it', async () => {
  await scene.lab.edge.set('roundcube', { mode: 'pass' });
  await untilHad(2);
  await scene.lab.edge.set('all', { mode: 'pass' });
  await untilHad(3);
  await scene.untilEqual('alice');
});

function uidOf(number: number): number {
  return uids.get(number) ?? Number.NaN;
}

async function untilHad(number: number): Promise<void> {
  await scene.until(`letter ${number} is had`, async () => {
    const answer = await imap.command(`UID FETCH ${uidOf(number)} BODY.PEEK[]`).catch(String);
    return answer.includes(letter(number));
  });
}
