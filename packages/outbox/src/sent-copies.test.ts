import { createHash } from 'node:crypto';
import { asId, pathIdOf, Secret, type Provider, type Route, type UrlPath } from '@stopgap/core';
import { Board } from '@stopgap/health';
import { putAccount, recipientsOf, type Store } from '@stopgap/store';
import { FakeClock, startFakeRoundcube, tempStore, type FakeRoundcube, type TempStore } from '@stopgap/testkit';
import { createGuard } from '@stopgap/upstreams';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { resolve } from './control.ts';
import { openOutbox, type Outbox } from './outbox.ts';
import { createRoundcubeRoute } from './routes/roundcube.ts';
import type { OutboxEvents } from './deps.ts';

const MINUTE = 60_000;
const ANNA = asId.account('anna@provider.test');
const PROVIDER = asId.provider('provider');
const OUT = 'friend@outside.test';
const LATER = 'later@outside.test';
const MESSAGE_ID = '<one@provider.test>';

const silent: OutboxEvents = {
  attempted: () => undefined,
  delivered: () => undefined,
  deferred: () => undefined,
  rejected: () => undefined,
  unsure: () => undefined,
  resolved: () => undefined,
  expired: () => undefined,
  noticed: () => undefined,
  decided: () => undefined,
  queueDepth: () => undefined,
};

let clock: FakeClock;
let temp: TempStore;
let store: Store;
let webmail: FakeRoundcube;
let arrivals: string[];
let path: UrlPath;
let outbox: Outbox;
let route: Route;
let firstIsLost: boolean;
let firstAnswer: { times: number; processed: boolean };
let ends: (() => Promise<void>)[];

beforeEach(async () => {
  clock = new FakeClock();
  temp = await tempStore({ clock });
  store = temp.store;
  arrivals = [];
  ends = [];
  firstIsLost = false;
  firstAnswer = { times: -1, processed: true };
  webmail = await startFakeRoundcube({
    accounts: [{ address: ANNA, password: 'secret' }],
    onSend: (mail) => {
      arrivals.push(...mail.to);
      if (arrivals.length === 1) firstAnswer.times = firstIsLost ? 0 : -1;
    },
  });
  webmail.switches.lost.set('bounce', firstAnswer);
  path = {
    id: pathIdOf('provider', 'outgoing', 'roundcube', webmail.url),
    provider: PROVIDER,
    direction: 'outgoing',
    kind: 'roundcube',
    url: webmail.url,
    connections: 4,
  };
  await store.write((tx) => putAccount(tx, { id: ANNA, address: ANNA, provider: PROVIDER, name: '', state: 'active', createdAtMs: 0 }));
});

afterEach(async () => {
  for (const end of ends) await end();
  await webmail.close();
  await temp.dispose();
});

/** As a start of the relay does. `change`: what this life of it does otherwise. */
async function start(change: (route: Route) => Partial<Route> = () => ({})): Promise<void> {
  const provider: Provider = {
    name: PROVIDER,
    domains: ['provider.test'],
    login: 'address',
    incoming: [],
    outgoing: [path],
    probe: { everyMs: 15_000, timeoutMs: 10_000, downAfter: 2, upAfter: 2 },
  };
  const real = createRoundcubeRoute({ path, guard: createGuard({ allowPrivate: true }), clock, settleMs: 0 });
  route = { ...real, ...change(real) };
  const board = await Board.open({ store, clock, random: () => 0.5, providers: [provider], events: undefined, log: undefined });
  outbox = await openOutbox({
    store,
    clock,
    random: () => 0.5,
    board,
    providers: [provider],
    routes: new Map([[path.id, route]]),
    credentialFor: () => async () => ({ username: ANNA, password: new Secret('secret') }),
    hostname: 'relay.test',
    retry: {
      backoff: { firstMs: 30_000, factor: 2, longestMs: 30 * MINUTE },
      expireAfterMs: 5 * 24 * 60 * MINUTE,
      delayNoticeAfterMs: false,
    },
    unsure: { settleMs: 5 * MINUTE, retries: 1 },
    events: silent,
    log: { warn: () => undefined, error: () => undefined },
    dataDir: temp.dataDir,
  });
  const ending = new AbortController();
  const running = outbox.run(ending.signal);
  ends.push(async () => {
    ending.abort();
    await clock.advance(5000);
    await running;
    await real.close();
    await board.close();
  });
}

async function send(to: readonly string[]) {
  const text = `From: ${ANNA}\r\nMessage-ID: ${MESSAGE_ID}\r\nSubject: x\r\n\r\nhello\r\n`;
  const writer = store.blobs.stage();
  await writer.write(Buffer.from(text));
  const { id } = await outbox.put({
    account: ANNA,
    provider: PROVIDER,
    envelope: { from: ANNA, recipients: to.map((address) => ({ address })), smtpUtf8: false, eightBitMime: true },
    messageId: MESSAGE_ID,
    blob: await writer.finish(),
    clientHash: createHash('sha256').update(text).digest('hex'),
    generatedMessageId: false,
    helo: 'laptop',
    protocol: 'ESMTPSA',
  });
  const states = () => store.read((reader) => recipientsOf(reader, id).map((one) => one.state));
  return { id, states };
}

const inSent = () => webmail.mailbox(ANNA, 'Sent')?.messages.map((message) => message.raw.toString('latin1')) ?? [];
const rows = () => store.read((reader) => reader.all('SELECT * FROM sent_copies'));

/** Time goes by until it is so. */
const until = (check: () => void) =>
  vi.waitFor(
    async () => {
      await clock.advance(5000);
      check();
    },
    { timeout: 8000, interval: 5 },
  );

/** One copy, the message itself, and nothing more to do. */
async function expectOneCopy(): Promise<void> {
  await until(() => expect(rows()).toEqual([]));
  expect(inSent()).toHaveLength(1);
  expect(inSent()[0]).toMatch(/^Received: [\s\S]*\r\n\r\nhello/);
}

test('a recipient that is tried again later leaves no second copy in Sent', async () => {
  webmail.switches.refusals.set(LATER, '450 4.2.0 come back');
  await start();
  const { states } = await send([OUT, LATER]);
  await until(() => expect(states()).toEqual(['delivered', 'queued']));
  webmail.switches.refusals.clear();
  await until(() => expect(states()).toEqual(['delivered', 'delivered']));
  await expectOneCopy();
  expect(arrivals.toSorted()).toEqual([OUT, LATER]);
});

test('more recipients than the webmail takes at once leave one copy in Sent', async () => {
  webmail.switches.maxRecipients = 2;
  await start();
  const to = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@outside.test`);
  const { states } = await send(to);
  await until(() => expect(states()).toEqual(to.map(() => 'delivered')));
  await expectOneCopy();
  expect(arrivals.toSorted()).toEqual(to);
});

test('the copy of an attempt whose answer was lost stays until it is settled, also when a later attempt left one', async () => {
  webmail.switches.maxRecipients = 1;
  firstIsLost = true;
  const looks: string[] = [];
  await start((real) => ({
    findSent: async (query, signal) => {
      looks.push(`${inSent().length}`);
      return (await real.findSent?.(query, signal)) ?? 'unknown';
    },
  }));
  const { states } = await send([OUT, LATER]);
  await until(() => expect(states()).toEqual(['delivered', 'delivered']));
  await expectOneCopy();
  expect(looks).toEqual(['2']);
  expect(arrivals.toSorted()).toEqual([OUT, LATER]);
});

test("a person's word settles an attempt as well", async () => {
  webmail.switches.maxRecipients = 1;
  firstIsLost = true;
  await start(() => ({ findSent: async () => 'unknown' }));
  const { id, states } = await send([OUT, LATER]);
  await until(() => expect(states()).toEqual(['unsure', 'delivered']));
  await until(() => expect(rows()).toEqual([]));
  expect(inSent()).toHaveLength(2);
  await resolve({ store, clock }, id, 'delivered');
  expect(rows()).toHaveLength(1);
  await expectOneCopy();
});

test('while the webmail can not be asked the copies stay, and it is asked again', async () => {
  let answers = 0;
  await start((real) => ({
    keepOneCopy: async (sending, signal) => (++answers < 3 ? 'later' : ((await real.keepOneCopy?.(sending, signal)) ?? 'later')),
  }));
  webmail.switches.maxRecipients = 1;
  const { states } = await send([OUT, LATER]);
  await until(() => expect(states()).toEqual(['delivered', 'delivered']));
  await expectOneCopy();
  expect(answers).toBe(3);
});

test('a sending that could not be tidied at once is tidied later, without another delivery', async () => {
  await start();
  webmail.switches.lost.set('move', { times: 1, processed: false });
  const { states } = await send([OUT]);
  await until(() => expect(states()).toEqual(['delivered']));
  await expectOneCopy();
  expect(webmail.mailbox(ANNA, 'Stopgap outbox')?.messages).toEqual([]);
  expect(arrivals).toEqual([OUT]);
});

test.for(['before', 'after'] as const)('a relay that dies just %s the copies are put right does it after its next start', async (when) => {
  let isThere = false;
  webmail.switches.maxRecipients = 1;
  await start((real) => ({
    async keepOneCopy(sending, signal) {
      if (when === 'after') await real.keepOneCopy?.(sending, signal);
      isThere = true;
      // This process does nothing more.
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')), { once: true }));
    },
  }));
  const { states } = await send([OUT, LATER]);
  await until(() => expect(isThere).toBe(true));
  expect(states()).toEqual(['delivered', 'delivered']);
  expect(rows()).toHaveLength(1);
  expect(inSent()).toHaveLength(when === 'after' ? 1 : 2);
  await start();
  await expectOneCopy();
  expect(arrivals.toSorted()).toEqual([OUT, LATER]);
});
