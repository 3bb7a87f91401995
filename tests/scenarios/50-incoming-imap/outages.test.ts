/* What real servers and real sockets do to a session, on each kind of connection. */
import { readFileSync } from 'node:fs';
import { MailError, type IncomingSession } from '@stopgap/core';
import { CALM, fetchAll, largeMessage, mailboxAt, smallMessage } from '@stopgap/testkit/incoming-contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBackDoor, startLab, type Lab, type OpenBackDoor } from '../../lab/index.ts';
import { openSession } from './world.ts';

const INBOX = ['INBOX'];

let lab: Lab;
let store: OpenBackDoor;
beforeAll(async () => {
  lab = await startLab({ parts: ['dovecot'], users: ['alice'] });
  store = await openBackDoor({ port: lab.ports.imap, user: lab.address('alice'), password: lab.password('alice') });
  for (let number = 0; number < 50; number += 1) await store.append(INBOX, { bytes: smallMessage(`letter-${number}`, 'x'.repeat(20_000)) });
  await store.append(INBOX, { bytes: largeMessage(4_000_000) });
});
afterAll(async () => {
  await store.close();
  await lab.stop();
});

const login = () => ({ user: lab.address('alice'), password: lab.password('alice') });

async function listed(session: IncomingSession) {
  const { id } = await mailboxAt(session, INBOX);
  const listing = await session.changes(id, { known: new Set() }, CALM);
  return { id, ids: (listing.kind === 'full' ? listing.messages : []).map((message) => message.id) };
}

test.each(['tls', 'starttls', 'none'] as const)('all mail comes over a connection with %s', async (security) => {
  const ca = readFileSync(lab.caFile, 'utf8');
  const port = security === 'tls' ? lab.ports.imaps : lab.ports.imap;
  const session = await openSession({ host: `mail.${lab.domain}`, port, security, ca, ...login() });
  const { id, ids } = await listed(session);
  const whole = await fetchAll(session, id, ids);
  await session.close();
  const stored = await store.messages(INBOX);
  expect(whole.map((message) => message.bytes.toString('latin1')).toSorted()).toEqual(
    stored.map((message) => message.bytes.toString('latin1')).toSorted(),
  );
});

test.each([30_000, 400_000, 1_500_000])('a connection that is cut after %i octets gives whole messages or none', async (after) => {
  await lab.edge.set('imap', { mode: 'cutserver', after });
  const stored = new Set((await store.messages(INBOX)).map((message) => message.bytes.toString('latin1')));
  const taken: string[] = [];
  const reading = async (): Promise<void> => {
    const session = await openSession({ port: lab.edge.ports.imap, ...login() });
    const { id, ids } = await listed(session);
    for await (const message of session.fetch(id, ids, CALM)) {
      const chunks: Buffer[] = [];
      for await (const chunk of message.bytes) chunks.push(chunk);
      taken.push(Buffer.concat(chunks).toString('latin1'));
    }
  };
  const error: unknown = await reading().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await lab.edge.set('imap', { mode: 'pass' });
  expect(error).toBeInstanceOf(MailError);
  expect(error).toMatchObject({ kind: 'transient', code: 'session-ended' });
  expect(taken.filter((text) => !stored.has(text))).toEqual([]);
});

test('messages that go away while others are read are left out, and the rest is whole', async () => {
  const path = ['busy'];
  await store.createMailbox(path);
  const bytes = (number: number): Buffer => smallMessage(`busy-${number}`, 'y'.repeat(40_000));
  for (let number = 0; number < 200; number += 1) await store.append(path, { bytes: bytes(number) });
  const session = await openSession({ port: lab.ports.imap, ...login() });
  const { id } = await mailboxAt(session, path);
  const listing = await session.changes(id, { known: new Set() }, CALM);
  const ids = (listing.kind === 'full' ? listing.messages : []).map((message) => message.id);
  const taken: Buffer[] = [];
  for await (const message of session.fetch(id, ids, CALM)) {
    // The oldest ones, which come last.
    if (taken.length === 0) await store.expunge(path, [0, 1, 2]);
    for await (const chunk of message.bytes) taken.push(chunk);
  }
  const expected = Array.from({ length: 200 }, (_, number) => bytes(number).toString('latin1'));
  expect(taken.every((one) => expected.includes(one.toString('latin1')))).toBe(true);
  expect(taken.length).toBeGreaterThanOrEqual(197);
  await session.close();
});

test('a server that hangs is waited for no longer than the signal says', async () => {
  const session = await openSession({ port: lab.ports.imap, ...login() });
  const { id } = await mailboxAt(session, INBOX);
  lab.freeze('dovecot');
  const hanging = session.changes(id, { known: new Set() }, AbortSignal.timeout(300));
  await expect(hanging).rejects.toMatchObject({ code: 'cancelled' });
  await session.close();
  lab.thaw('dovecot');
});

test('a log-in that is refused in clear words is an auth error, one that meets trouble is not', async () => {
  await expect(openSession({ port: lab.ports.imap, user: lab.address('alice'), password: 'wrong' })).rejects.toMatchObject({
    kind: 'auth',
    code: 'login-refused',
  });
  await lab.edge.set('imap', { mode: 'banner' });
  await expect(openSession({ port: lab.edge.ports.imap, ...login() })).rejects.toMatchObject({ kind: 'transient' });
  await lab.edge.set('imap', { mode: 'pass' });
});
