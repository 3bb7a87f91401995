import { performance } from 'node:perf_hooks';
import { asId, systemClock, type MailboxId } from '@stopgap/core';
import { createHttpApi, News, type HttpApi } from '@stopgap/http-api';
import { addMessage, type Mailboxes, type NewMessage } from '@stopgap/mailbox';
import { fill, LOADED_ACCOUNT, openMail, type OpenMail } from './filled-mail.ts';
import { against, type Bench } from './report.ts';

const MESSAGES = 100_000;
const ROUNDS = 200;
const GOAL_MS = 30;
const STREAMS = 200;
const GOAL_STREAMS_MB = 40;
const START_MS = Date.UTC(2020, 0, 1);
const APART_MS = 25 * 60 * 1000;
const USING = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];
/** What a list of messages shows. */
const SHOWN = ['threadId', 'mailboxIds', 'keywords', 'from', 'to', 'subject', 'receivedAt', 'size', 'preview', 'hasAttachment'];

/** Server time of the first screen of a mailbox: which messages, and 50 of them, in one request. */
export const jmap: Bench = async (options) => {
  const messages = options.messages ?? MESSAGES;
  await using open = await openMail();
  const { mail } = open;
  const api = await openApi(open);
  try {
    const startMs = performance.now();
    const mailbox = await fill(open, { messages }, message);
    options.say(`${messages} messages written in ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
    const ask = await asker(api, mailbox);
    const figures = {
      again: await timesOf(() => ask({ calculateTotal: true })),
      deep: await timesOf((round) => ask({ position: (round * 499) % messages })),
      afterChange: await timesOf(
        () => ask({ calculateTotal: true }),
        async (round) => void (await deliver(mail, mailbox, messages + round)),
      ),
      threadsAfterChange: await timesOf(
        () => ask({ calculateTotal: true, collapseThreads: true }),
        async (round) => void (await deliver(mail, mailbox, messages + ROUNDS + round)),
      ),
    };
    for (const [name, { p50, p99, cpu99 }] of Object.entries(figures)) {
      // On a shared machine the processor's time says more than the clock's.
      options.say(`${name}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; p99 of processor time ${cpu99.toFixed(1)} ms`);
    }
    const streamsMb = await memoryOfStreams(api);
    const worst = Math.max(...Object.values(figures).map(({ p99 }) => p99));
    const speed = against(`slowest p99 ${worst.toFixed(1)} ms`, `< ${GOAL_MS}`, worst < GOAL_MS);
    const memory = against(`${STREAMS} idle streams ${streamsMb.toFixed(1)} MB`, `< ${GOAL_STREAMS_MB}`, streamsMb < GOAL_STREAMS_MB);
    return {
      line: `jmap ${messages}: ${speed}; ${memory}`,
      figures: { streamsMb, ...Object.fromEntries(Object.entries(figures).map(([name, { p99 }]) => [name, p99])) },
    };
  } finally {
    api.close();
  }
};

function openApi({ store, dataDir, mail }: OpenMail): Promise<HttpApi> {
  const accepted = {
    kind: 'accepted',
    account: LOADED_ACCOUNT,
    address: LOADED_ACCOUNT,
    provider: asId.provider('load'),
    addresses: [LOADED_ACCOUNT],
  } as const;
  return createHttpApi({
    store,
    dataDir,
    clock: systemClock,
    mailboxes: mail,
    accounts: { logIn: () => Promise.resolve(accepted), addressesOf: () => [LOADED_ACCOUNT], takeRecipients: () => true },
    put: () => Promise.reject(new Error('nothing is sent here')),
    board: { health: (path) => ({ path, state: 'up', sinceMs: 0 }), outages: () => [], onChange: () => () => undefined },
    providers: [],
    notifyMirror() {},
    notifyOutbox() {},
    news: new News(),
    roomFor: () => true,
    hostname: 'relay.test',
    clientServers: [],
    isSelfSigned: false,
    proxies: [],
    plaintextAuth: 'loopback',
    limits: { messageBytes: 50_000_000, recipients: 100 },
    accepted() {},
    operator: { ready: () => Promise.resolve(), metrics: () => Promise.resolve({ type: '', text: '' }) },
    log: { warn() {}, error: (message, fields) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`) },
  });
}

const HEADERS = { host: 'localhost', authorization: `Basic ${Buffer.from(`${LOADED_ACCOUNT}:x`).toString('base64')}` };

async function asker(api: HttpApi, mailbox: MailboxId): Promise<(query: Record<string, unknown>) => Promise<void>> {
  const session = (await (await api.app.request('http://localhost/.well-known/jmap', { headers: HEADERS })).json()) as { accounts: object };
  const [accountId] = Object.keys(session.accounts);
  return async (query) => {
    const methodCalls = [
      ['Email/query', { accountId, filter: { inMailbox: `m${mailbox}` }, limit: 50, ...query }, 'a'],
      ['Email/get', { accountId, '#ids': { resultOf: 'a', name: 'Email/query', path: '/ids' }, properties: SHOWN }, 'b'],
    ];
    const headers = { ...HEADERS, 'content-type': 'application/json' };
    const answer = await api.app.request('http://localhost/jmap/api', {
      method: 'POST',
      headers,
      body: JSON.stringify({ using: USING, methodCalls }),
    });
    const text = await answer.text();
    if (answer.status !== 200 || !text.includes('"preview"')) throw new Error(text.slice(0, 500));
  };
}

async function timesOf(
  ask: (round: number) => Promise<void>,
  before: (round: number) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly p50: number; readonly p99: number; readonly cpu99: number }> {
  await ask(0);
  const times: number[] = [];
  const cpu: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await before(round);
    const startMs = performance.now();
    const used = process.cpuUsage();
    await ask(round);
    times.push(performance.now() - startMs);
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
  }
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), cpu99: percentile(cpu, 0.99) };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}

async function memoryOfStreams(api: HttpApi): Promise<number> {
  const used = (): number => process.memoryUsage().heapUsed + process.memoryUsage().external;
  globalThis.gc?.();
  const before = used();
  const readers: ReadableStreamDefaultReader<Uint8Array>[] = [];
  for (let index = 0; index < STREAMS / 4; index += 1) {
    const answer = await api.app.request('http://localhost/jmap/events?types=*&closeafter=no&ping=0', { headers: HEADERS });
    const reader = answer.body?.getReader();
    if (answer.status !== 200 || reader === undefined) throw new Error(`no stream: ${answer.status}`);
    await reader.read();
    void reader.read().catch(() => undefined);
    readers.push(reader);
  }
  globalThis.gc?.();
  const mb = ((used() - before) / 1e6) * 4;
  await Promise.all(readers.map((reader) => reader.cancel()));
  return Math.max(0, mb);
}

function deliver(mail: Mailboxes, mailbox: MailboxId, n: number): Promise<unknown> {
  return mail.write(LOADED_ACCOUNT, (tx) => addMessage(tx, message(mailbox, n)));
}

/** Three of them are a thread. */
function message(mailbox: MailboxId, n: number): NewMessage {
  const from = [{ name: `Sender ${n % 500}`, address: `sender${n % 500}@elsewhere.test` }];
  const receivedAtMs = START_MS + n * APART_MS;
  const text = `Message ${n} about ${n % 1000}`;
  return {
    mailbox,
    digest: {
      sizeBytes: 10_000,
      missingLineEndBytes: 0,
      envelope: {
        sentAtMs: receivedAtMs,
        date: new Date(receivedAtMs).toUTCString(),
        subject: text,
        from,
        sender: from,
        replyTo: from,
        to: [{ name: '', address: LOADED_ACCOUNT }],
        cc: [],
        bcc: [],
        messageId: `<${n}@load.test>`,
        inReplyTo: [],
        references: n % 3 === 0 ? [] : [`<${n - (n % 3)}@load.test>`],
      },
      structure: {
        type: 'text',
        subtype: 'plain',
        parameters: {},
        encoding: '7bit',
        headerStart: 0,
        bodyStart: 0,
        sizeBytes: 9000,
        lines: 100,
      },
      preview: text,
      attachments: [],
      text: Buffer.from(text),
      isPartial: false,
    },
    completeness: 'headers',
    receivedAtMs,
    flags: n % 200 === 0 ? ['$flagged'] : ['$seen'],
    by: 'upstream',
  };
}
