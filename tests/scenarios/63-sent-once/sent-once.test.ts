/*
 * A message that was sent is one message in Sent, here and upstream: whatever stores it there - the user's program, here or at the provider, before it is sent
 * or after -, the webmail that it left by, or both.
 */
import { asId } from '@stopgap/core';
import { listMailboxes } from '@stopgap/store';
import { ChunkTrap } from '@stopgap/upstreams/web';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until, type OpenBackDoor } from '../../lab/index.ts';
import { letterTo, mirrored, queueOf, readStore, startMirrorScene, type Desk, type MirrorScene } from '../../relay/index.ts';

const SENT = ['Sent'];
const SMTP = ['submission', 'smtps'] as const;
const IMAP = ['imap', 'imaps'] as const;
const LIMIT_MS = 60_000;

let scene: MirrorScene;
let alice: string;
let bob: string;

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap', 'roundcube'], lab: { users: ['alice', 'bob'] } });
  [alice, bob] = [scene.lab.address('alice'), scene.lab.address('bob')];
  await scene.add('alice');
  await until(
    'the mailboxes are here',
    () => readStore(scene.relay.dataDir, (reader) => listMailboxes(reader, asId.account(alice)).some(({ name }) => name === 'Sent')),
    LIMIT_MS,
  );
});
afterEach(() => scene.lab.edge.set('all', { mode: 'pass' }));
afterAll(() => scene?.[Symbol.asyncDispose]());

const letter = (id: string): Buffer => letterTo(id, { from: alice, to: [bob] });
const isOf = (id: string) => (bytes: Buffer) => bytes.includes(`Message-ID: <${id}@`);

/** Which is enough for a program to count it as sent. */
const send = (id: string, bytes = letter(id)): Promise<void> => scene.send('alice', [bob], bytes);

async function appendHere(id: string, bytes = letter(id)): Promise<void> {
  await using desk: Desk = await scene.desk('alice');
  await desk.append('Sent', bytes, ['$seen']);
}

/** mutt 2.2 dates its copy when it writes it, not when it sends the message. */
const datedLater = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('latin1').replace(' 08:00:00 ', ' 08:00:01 '), 'latin1');

/** Some programs keep in their copy whom it was sent to blindly. */
const withBcc = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('latin1').replace('Subject:', `Bcc: ${bob}\r\nSubject:`), 'latin1');

/** Roundcube would damage it, but for a line of preamble: about every third with a large file is like this. */
function withFile(id: string): Buffer {
  const fields = ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b'];
  for (let length = 1; ; length += 1) {
    const body = Buffer.from(`--b\r\n\r\n${'-'.repeat(length)}\r\n${`${'x'.repeat(76)}\r\n`.repeat(200)}--b--\r\n`);
    const trap = new ChunkTrap();
    trap.push(body);
    if (!trap.safePaddings.includes(0)) return letterTo(id, { from: alice, to: [bob], fields, body });
  }
}

const appendThere = async (id: string): Promise<void> => (await scene.door('alice')).append(SENT, { bytes: letter(id), flags: ['$seen'] });

const copiesThere = async (door: OpenBackDoor, id: string): Promise<number> =>
  (await door.messages(SENT)).filter(({ bytes }) => isOf(id)(bytes)).length;

async function untilDelivered(id: string): Promise<void> {
  await until(`bob has ${id}`, async () => (await scene.lab.inbox('bob')).some(isOf(id)), LIMIT_MS);
  await until('the outbox has nothing to do', async () => (await queueOf(scene.relay)).length === 0, LIMIT_MS);
}

/** Nothing is left to be told, and the path that is best now has looked since. */
async function untilSettled(kind: 'imap' | 'roundcube'): Promise<void> {
  await scene.untilCarried('alice');
  await scene.untilLooked('alice', kind);
  await scene.untilCarried('alice');
}

async function expectOnce(id: string, kind: 'imap' | 'roundcube'): Promise<void> {
  await untilDelivered(id);
  await untilSettled(kind);
  const door = await scene.door('alice');
  let seen = '';
  const isOnce = async (): Promise<boolean> => {
    const here = (await mirrored(scene.relay, alice)).filter(({ mailbox }) => mailbox === 'Sent').length;
    const [copies, there] = [await copiesThere(door, id), (await door.messages(SENT)).length];
    seen = `${copies} of it there, of ${there}; here are ${here}`;
    return copies === 1 && here === there;
  };
  await until(`${id} is in Sent once`, isOnce, LIMIT_MS).catch(async (cause: unknown) => {
    const { stdout } = await scene.relay.cli(['mirror', 'report']);
    throw new Error(`${id} is not in Sent once: ${seen}\n${stdout}`, { cause });
  });
  expect((await scene.lab.inbox('bob')).filter(isOf(id))).toHaveLength(1);
}

test('by SMTP; the program stores it at the provider', async () => {
  await send('s1');
  await appendThere('s1');
  await expectOnce('s1', 'imap');
});

test('by SMTP; the program stores it here, before or after', async () => {
  await appendHere('s2');
  await send('s2');
  await send('s3');
  await appendHere('s3');
  await expectOnce('s2', 'imap');
  await expectOnce('s3', 'imap');
});

test('by the webmail, which stores it; the program does, too: here before, here after, at the provider before, at the provider after', async () => {
  await scene.lab.edge.set([...SMTP], { mode: 'refuse' });
  await appendHere('w1');
  await send('w1');
  await send('w2');
  await appendHere('w2');
  await appendThere('w3');
  await send('w3');
  await send('w4');
  await untilDelivered('w4');
  await appendThere('w4');
  await appendHere('w5', datedLater(letter('w5')));
  await send('w5');
  await appendHere('w6', withBcc(letter('w6')));
  await send('w6');
  await appendHere('w7', withFile('w7'));
  await send('w7', withFile('w7'));
  for (const id of ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7']) await expectOnce(id, 'imap');
});

test('in an outage of SMTP and IMAP the webmail sends and stores it, the program stores it here; IMAP comes back', async () => {
  await scene.lab.edge.set([...SMTP, ...IMAP], { mode: 'refuse' });
  await appendHere('o1');
  await send('o1');
  await send('o2');
  await untilDelivered('o2');
  await appendHere('o2');
  await expectOnce('o1', 'roundcube');
  await expectOnce('o2', 'roundcube');
  await scene.lab.edge.set('all', { mode: 'pass' });
  await expectOnce('o1', 'imap');
  await expectOnce('o2', 'imap');
});

test('everything is dead; sent and stored here; all of it comes back', async () => {
  await scene.lab.edge.set('all', { mode: 'refuse' });
  await scene.untilState('alice', 'down');
  await send('d1');
  await appendHere('d1');
  await scene.lab.edge.set('all', { mode: 'pass' });
  await expectOnce('d1', 'imap');
});

test('everything is dead; sent and stored here; the webmail is back first, and stores the copy of the program just behind its own', async () => {
  await scene.lab.edge.set('all', { mode: 'refuse' });
  await scene.untilState('alice', 'down');
  await send('e1');
  await appendHere('e1');
  // The outbox sends when the mirror has looked into Sent, and the mirror stores after that.
  await scene.lab.edge.set(['roundcube'], { mode: 'delayRequest', match: /^POST [^\n]*_action=(?:bounce|import&_mbox=Sent)\b/, ms: 6000 });
  await untilDelivered('e1');
  await scene.untilCarried('alice');
  await scene.lab.edge.set('all', { mode: 'pass' });
  await expectOnce('e1', 'imap');
});
