import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendMail, until, type Lab } from '../../lab/index.ts';
import type { QueueDetail } from '@stopgap/outbox';
import { letterTo, providerOf, startPatientLab, startRelay, untilPath, type Relay, type RelayOptions } from '../../relay/index.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await startPatientLab({ users: ['alice', 'bob'] });
});

afterAll(() => lab?.stop());

const optionsFor = (roles: string): RelayOptions => ({
  config: {
    allowPrivateUpstreams: true,
    providers: [providerOf(lab, { outgoing: ['smtp'], probe: { every: '500ms', timeout: '1500ms' } })],
  },
  roles,
});

const send = async (relay: Relay, id: string) => {
  const [from, to] = [lab.address('alice'), [lab.address('bob')]];
  const login = { user: from, password: lab.password('alice'), caFile: relay.caFile };
  const reply = await sendMail({ ...login, port: relay.ports.submission, from, to, raw: letterTo(id, { from, to }) });
  return /queued as (\S+)/.exec(reply)?.[1] ?? '';
};

const isOpen = (port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => done(false));
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
  });

test('a relay that only takes mail in lets it wait; one that only delivers sends it and takes nothing in', async () => {
  await using intake = await startRelay(optionsFor('intake,http'));
  const id = await send(intake, 'waits');
  await untilPath(intake, 'outgoing', 'smtp', 'up');
  expect(await intake.log()).toContain('only intake, http; not deliver, mirror, imap, pop3');
  const waiting = await intake.json<QueueDetail>(['queue', 'show', id]);
  expect(waiting).toMatchObject({ attempts: [], recipients: [{ state: 'queued', tries: 0 }] });
  expect(await intake.end()).toEqual({ code: 0, signal: null });

  await using deliver = await startRelay({ ...optionsFor('deliver,http'), dataDir: intake.dataDir });
  await until('bob has it', async () => (await lab.inbox('bob')).some((raw) => raw.includes('<waits@')));
  expect(await isOpen(deliver.ports.submission)).toBe(false);
  expect(await isOpen(deliver.ports.submissions)).toBe(false);
  expect(await isOpen(deliver.ports.pop3)).toBe(false);
  expect(await isOpen(deliver.ports.http)).toBe(true);
  expect(await deliver.end()).toEqual({ code: 0, signal: null });
});

test('the other roles are accepted, and take no mail in', async () => {
  await using relay = await startRelay(optionsFor('mirror,imap,pop3,http'));
  expect(await isOpen(relay.ports.submission)).toBe(false);
  expect(await isOpen(relay.ports.pop3)).toBe(true);
  expect(await relay.end()).toEqual({ code: 0, signal: null });
});
