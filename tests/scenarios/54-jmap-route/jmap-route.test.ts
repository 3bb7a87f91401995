import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBackDoor, startLab, until, type Lab, type OpenBackDoor } from '../../lab/index.ts';
import { startScene, type Scene } from '../../relay/index.ts';

/** The one request that makes the server send. */
const SUBMIT = /^POST [\s\S]*"EmailSubmission\/set"/;
let lab: Lab;
let scene: Scene;
let doors: OpenBackDoor[];

beforeAll(async () => {
  lab = await startLab({ parts: ['dovecot', 'postfix', 'cyrus'], users: ['alice', 'bob', 'carol', 'dave'] });
  doors = [];
});

afterAll(async () => {
  for (const door of doors) await door.close();
  await lab?.stop();
});

beforeEach(async () => {
  await lab.edge.set(['jmap', 'submission', 'trusted'], { mode: 'pass' });
  const jmap = { kind: 'jmap', url: `http://127.0.0.1:${lab.edge.ports.jmap}/.well-known/jmap` };
  scene = await startScene({ lab, outgoing: ['smtp', jmap], config: { unsure: { settle: '1s', retries: 1 } } });
  await lab.edge.set('submission', { mode: 'refuse' });
  await scene.untilPath('outgoing', 'smtp', 'down');
});

afterEach(async () => {
  await scene?.[Symbol.asyncDispose]();
});

test('with SMTP dead mail leaves by JMAP, byte for byte, and lies in Sent once', async () => {
  const id = await scene.send('by-jmap', { to: ['bob', 'far@outside.test'] });
  await scene.settle();
  expect((await scene.show(id)).attempts.map(({ outcome }) => outcome)).toEqual(['delivered']);
  expect(await filed('alice', 'by-jmap')).toEqual(['Sent']);
});

test('the answer to the sending is lost, but it was sent: the copy in Sent is the witness, it is not sent again', async () => {
  await lab.edge.set('jmap', { mode: 'cutRequest', match: SUBMIT, delivered: true, times: 1 });
  const id = await scene.send('witnessed', { to: ['bob', 'far@outside.test'] });
  await scene.settle();
  expect((await scene.show(id)).attempts.map(({ outcome }) => outcome)).toEqual(['unsure']);
  expect(await filed('alice', 'witnessed')).toEqual(['Sent']);
});

test('the request never got there: the draft that was never begun is the witness, it is sent again, once', async () => {
  await lab.edge.set('jmap', { mode: 'cutRequest', match: SUBMIT, delivered: false, times: 1 });
  const id = await scene.send('not-there', { to: ['bob', 'far@outside.test'] });
  await scene.settle();
  expect((await scene.show(id)).attempts.map(({ outcome }) => outcome)).toEqual(['unsure', 'delivered']);
  await until('the draft of the first attempt is gone', async () => (await filed('alice', 'not-there')).join() === 'Sent');
});

test('one good recipient, one unknown before it, one to be tried later: each fares for itself', async () => {
  const [unknown, later] = ['jmap-unknown@outside.test', 'jmap-later@outside.test'];
  await lab.refuse({ [unknown]: '550 5.1.1 User unknown', [later]: '451 4.3.0 Try again later' });
  const id = await scene.send('three', { as: 'carol', to: [unknown, later, 'bob'] });
  await until('the good one has it', async () => (await scene.copies('three', 'bob')).length === 1);
  const stateOf = async (address: string) => (await scene.show(id)).recipients.find((one) => one.address === address)?.state;
  await until('the unknown one is final', async () => (await stateOf(unknown)) === 'rejected');
  expect(await stateOf(later)).toMatch(/queued|leased/);
  await lab.refuse({ [later]: 'DUNNO' });
  await scene.settle({ [`three ${unknown}`]: 0 });
  await until('the sender is told of the unknown one, by JMAP', async () => (await messagesIn('carol', 'INBOX')).length === 1);
  // Each attempt's copy is its proof until all of them are on record.
  await until('one copy stays', async () => (await filed('carol', 'three')).join() === 'Sent');
});

test("while the provider's own mail server is down it is clear that nothing was sent, and afterwards it leaves, once", async () => {
  await lab.stop('postfix');
  const id = await scene.send('patient', { to: ['bob'] });
  await until('JMAP was asked', async () => (await scene.show(id)).attempts.some(({ outcome }) => outcome === 'deferred'));
  await lab.start('postfix');
  await scene.settle();
  const outcomes = (await scene.show(id)).attempts.map(({ outcome }) => outcome);
  expect([...new Set(outcomes)]).toEqual(['deferred', 'delivered']);
  expect(await filed('alice', 'patient')).toEqual(['Sent']);
});

test.for([true, false])(
  'the JMAP server loses its own mail server behind the dot (taken over: %s): nobody can tell, so a person does, and it is there once',
  async (delivered) => {
    const name = `behind-the-dot-${String(delivered)}`;
    await lab.edge.set('trusted', { mode: 'cutAfterDot', delivered, times: 1 });
    const id = await scene.send(name, { as: 'bob', to: ['carol'] });
    const state = async () => (await scene.show(id)).recipients[0]?.state;
    await until('it is unsure', async () => (await state()) === 'unsure');
    if (delivered) await until('it is there', async () => (await scene.copies(name, 'carol')).length === 1);
    expect(await filed('bob', name)).toEqual(['Drafts']);
    await lab.edge.set('jmap', { mode: 'delayRequest', match: /"Email\/query"/, ms: 1, times: 2 });
    // The second look follows the verdict of the first.
    await until('it was looked into twice', () => lab.edge.state('jmap').struck === 2);
    expect(await state()).toBe('unsure');
    const resolved = await scene.relay.cli(['queue', 'resolve', id, '--as', delivered ? 'delivered' : 'resend']);
    expect(resolved.code).toBe(0);
    await scene.settle();
    // The draft was the proof; now that a person has said what it proves, it is a sent message or goes.
    await until('it lies in Sent alone', async () => (await filed('bob', name)).join() === 'Sent');
  },
);

test('a draft in a mailbox that takes no further keyword can not say that it is being sent, so it is not, and it leaves by SMTP, once', async () => {
  const door = await openBackDoor({ port: lab.ports.cyrusImap, user: lab.address('dave'), password: lab.password('dave') });
  doors.push(door);
  await door.append(['Drafts'], { bytes: Buffer.from('Subject: many words\r\n\r\n') });
  await door.command('SELECT Drafts');
  // Cyrus has room for some hundred in a mailbox.
  const fill = async (): Promise<void> => {
    for (let number = 0; ; number++) await door.command(`STORE 1 +FLAGS.SILENT (word${number})`);
  };
  await expect(fill()).rejects.toThrow('Too many user flags');
  await door.command('UNSELECT');
  const id = await scene.send('no-room', { as: 'dave', to: ['bob'] });
  await until('JMAP was asked', async () =>
    (await scene.show(id)).attempts.some(
      ({ outcome, reason }) => outcome === 'deferred' && reason?.includes('Too many user flags') === true,
    ),
  );
  await lab.edge.set('submission', { mode: 'pass' });
  await scene.settle();
  await until('no draft is left', async () => (await filed('dave', 'no-room')).join() === '');
});

async function messagesIn(user: string, mailbox: string): Promise<string[]> {
  const door = await openBackDoor({ port: lab.ports.cyrusImap, user: lab.address(user), password: lab.password(user) });
  doors.push(door);
  return (await door.messages([mailbox])).map(({ bytes }) => bytes.toString('latin1'));
}

/** The mailboxes in which a message lies, once for each copy. A notice that quotes it is no copy. */
async function filed(user: string, id: string): Promise<string[]> {
  const found: string[] = [];
  for (const mailbox of ['INBOX', 'Drafts', 'Sent', 'Trash']) {
    const copies = (await messagesIn(user, mailbox)).filter((text) => headOf(text).includes(`Message-ID: <${id}@provider.test>`));
    found.push(...copies.map(() => mailbox));
  }
  return found;
}

function headOf(text: string): string {
  return text.slice(0, text.indexOf('\r\n\r\n'));
}
