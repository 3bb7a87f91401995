import { asId, Secret } from '@stopgap/core';
import { digestOf } from '@stopgap/message';
import { createGuard, DEFAULT_SMTP_TIMEOUTS, SmtpConnection } from '@stopgap/upstreams';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ANNA, BEN } from './practice-accounts.ts';
import { startPracticeProvider, type Arrival, type PracticeProvider } from './practice-provider.ts';

let provider: PracticeProvider;
const told: Arrival[] = [];
const signal = AbortSignal.timeout(60_000);

beforeAll(async () => {
  provider = await startPracticeProvider({ accounts: [ANNA, BEN], onArrival: (arrival) => told.push(arrival) });
});
beforeEach(() => {
  told.length = 0;
  for (const { address } of [ANNA, BEN]) inboxOf(address).length = 0;
});
afterAll(() => provider[Symbol.asyncDispose]());

function inboxOf(address: string) {
  return provider.storageOf(address).get('INBOX')?.messages ?? [];
}

async function connect(): Promise<SmtpConnection> {
  const path = {
    kind: 'smtp' as const,
    id: asId.path('practice'),
    provider: asId.provider('practice'),
    direction: 'outgoing' as const,
    host: '127.0.0.1',
    port: provider.smtpPort,
    security: 'none' as const,
    connections: 1,
  };
  const guard = createGuard({ allowPrivate: true });
  return await SmtpConnection.open({ path, guard, heloName: 'laptop.demo.test', timeouts: DEFAULT_SMTP_TIMEOUTS }, signal);
}

/** As Anna. */
async function send(to: readonly string[], subject: string, password = ANNA.password): Promise<void> {
  const connection = await connect();
  try {
    await connection.logIn({ username: ANNA.address, password: new Secret(password) });
    const raw = Buffer.from(`From: <${ANNA.address}>\r\nTo: <${to.join('>, <')}>\r\nSubject: ${subject}\r\n\r\nHello\r\n`);
    await connection.send(
      {
        envelope: { from: ANNA.address, smtpUtf8: false, eightBitMime: false, sizeBytes: raw.length },
        recipients: to.map((address, index) => ({ id: asId.recipient(index + 1), address })),
        async *open() {
          yield raw;
        },
        mark: async () => undefined,
      },
      signal,
    );
  } finally {
    connection.quit();
  }
}

test('what Anna sends is in the inbox of Ben, with the trace of the last server, and told of', async () => {
  await send([BEN.address.toUpperCase()], '=?utf-8?q?Gr=C3=BC=C3=9Fe?=');
  expect(inboxOf(BEN.address).map(({ raw }) => raw.toString())).toEqual([
    expect.stringMatching(/^Return-Path: <anna@demo\.test>\r\nReceived: by mail\.demo\.test .*\r\nFrom: <anna@demo\.test>\r\n/),
  ]);
  expect(inboxOf(ANNA.address)).toEqual([]);
  expect(told).toEqual([{ by: 'SMTP', to: ['BEN@DEMO.TEST'], subject: 'Grüße' }]);
});

test('who writes to somebody else is told in the inbox that nothing leaves this machine', async () => {
  await send([BEN.address, 'mum@elsewhere.example'], 'To both');
  expect(inboxOf(BEN.address)).toHaveLength(1);
  const [notice] = inboxOf(ANNA.address).map(({ raw }) => digestOf(raw));
  expect(notice?.envelope.subject).toBe('Not delivered further: To both');
  expect(notice?.text.toString()).toContain('mum@elsewhere.example');
  expect(inboxOf(ANNA.address)).toHaveLength(1);
});

test('a wrong password sends nothing', async () => {
  await expect(send([BEN.address], 'Secretly', 'guess')).rejects.toThrow(/535/);
  expect(inboxOf(BEN.address)).toEqual([]);
});

test('a part that is down cuts whoever is there and whoever comes, and is back at the same port', async () => {
  const port = provider.smtpPort;
  const inside = await connect();
  provider.setUp('smtp', false);
  expect([provider.isUp('smtp'), provider.isUp('imap'), provider.isUp('webmail')]).toEqual([false, true, true]);
  await expect(inside.logIn({ username: ANNA.address, password: new Secret(ANNA.password) })).rejects.toThrow();
  await expect(connect()).rejects.toThrow();
  provider.setUp('smtp', true);
  expect(provider.smtpPort).toBe(port);
  await send([BEN.address], 'Back again');
  expect(inboxOf(BEN.address)).toHaveLength(1);
});

test('the webmail goes down and comes back, too', async () => {
  provider.setUp('webmail', false);
  await expect(fetch(provider.webmailUrl)).rejects.toThrow();
  provider.setUp('webmail', true);
  expect((await fetch(provider.webmailUrl)).status).toBe(200);
});
