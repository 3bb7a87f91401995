import { asId, systemClock } from '@stopgap/core';
import { News, type HttpServer } from '@stopgap/http-api';
import { loadConfig, type Config } from '@stopgap/config';
import { Board } from '@stopgap/health';
import { createMailEvents, silentLog } from '@stopgap/log';
import { openMailboxes, type Mailboxes } from '@stopgap/mailbox';
import { putAccount, putMirror } from '@stopgap/store';
import { tempStore, type TempStore } from '@stopgap/testkit';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHttpDoor } from './http-door.ts';

/** What a provider says may name a person. */
const WORDS = '550 5.7.1 <alice@provider.test> is not known here';

let temp: TempStore;
let config: Config;
let http: HttpServer;
let mailboxes: Mailboxes;
let board: Board;
let url: string;
const events = createMailEvents({ log: silentLog() });

beforeEach(async () => {
  temp = await tempStore();
  const file = join(temp.dataDir, 'stopgap.yaml');
  const path = { kind: 'smtp', host: 'smtp.provider.test', port: 587, security: 'starttls' };
  await writeFile(
    file,
    JSON.stringify({ data: '.', providers: [{ name: 'provider', domains: ['provider.test'], incoming: [], outgoing: [path] }] }),
  );
  config = loadConfig({ file, env: {}, cwd: temp.dataDir });
  mailboxes = openMailboxes({ store: temp.store, dataDir: temp.dataDir, clock: systemClock, keepExpungedMs: 0 });
  board = await Board.open({ store: temp.store, clock: systemClock, random: Math.random, providers: config.providers });
  http = await open({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${http.address.port}`;
});

afterEach(async () => {
  await http.close();
  await board.close();
  await mailboxes.close();
  await temp.dispose();
});

describe('what the operator asks by HTTP', () => {
  test.each(['/healthz', '/readyz', '/metrics', '/status.json', '/status.json?now'])('%s answers', async (path) => {
    const answer = await fetch(url + path);
    expect(answer.status).toBe(200);
    expect((await answer.text()).length).toBeGreaterThan(0);
  });

  test('a store that takes no writes is not ready, while the process is alive', async () => {
    await temp.store.close();
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(ready.headers.get('content-type')).toBe('application/problem+json');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('the metrics tell how far all mirrors together are', async () => {
    const account = asId.account('alice@provider.test');
    await temp.store.write((tx) => {
      putAccount(tx, { id: account, address: account, provider: asId.provider('provider'), name: '', state: 'active', createdAtMs: 0 });
      const progress = JSON.stringify({ mailboxes: [], messages: 3200, total: 10_400, ratePerS: 500 });
      putMirror(tx, { account, state: 'syncing', sinceMs: 0, nextAtMs: 0, progress });
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('stopgap_mirror_accounts{state="syncing"} 1');
    expect(metrics).toContain('stopgap_mirror_messages{where="here"} 3200');
    expect(metrics).toContain('stopgap_mirror_messages{where="total"} 10400');
  });

  test('of a path that is down status tells by JSON, page and RSS; it names no host, and neither it nor the metrics a person, whatever the provider said', async () => {
    const [path] = config.providers.flatMap((provider) => provider.outgoing);
    const id = path?.id ?? asId.path('none');
    for (let times = 0; times < 10; times++) board.probed(id, { kind: 'failed', reason: { class: 'auth', text: WORDS } });
    events.loggedIn({
      door: 'submission',
      address: 'alice@provider.test',
      remoteAddress: '192.0.2.7',
      result: 'refused',
      isNew: false,
    });
    const ask = async (at: string) => (await fetch(url + at)).text();
    const [json, page, rss, metrics] = await Promise.all(['/status.json', '/status', '/status.rss', '/metrics'].map(ask));
    expect(JSON.parse(json ?? '')).toMatchObject({
      providers: [{ name: 'provider', paths: [{ direction: 'outgoing', kind: 'smtp', state: 'down', reason: 'auth' }] }],
      outages: [{ provider: 'provider', direction: 'outgoing', kind: 'smtp', end: null, reason: 'auth' }],
    });
    expect(page).toContain('Sending by SMTP <b class="down">is down</b> since <time');
    expect(page).not.toContain('<script');
    expect(rss?.match(/<item>/g)).toHaveLength(1);
    for (const text of [json, page, rss, metrics]) {
      expect(text).not.toContain('alice');
      expect(text).not.toContain('192.0.2.7');
    }
    for (const text of [json, page, rss]) expect(text).not.toContain('smtp.provider.test');
  });

  test.each(['//', '/queue', '/status.json/', '/%', '/healthz/../metrics'])('%s is not there, as a problem document', async (path) => {
    const { status, type, body } = await raw('GET', path);
    expect(status).toBe(404);
    expect(type).toBe('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status: 404 });
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is not allowed, and the answer says what is', async (method) => {
    const answer = await fetch(`${url}/healthz`, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  test('HEAD tells the size and sends no body', async () => {
    const get = await fetch(`${url}/healthz`);
    const head = await fetch(`${url}/healthz`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String((await get.text()).length));
    expect(await head.text()).toBe('');
  });

  test('a port that is taken is told in a sentence with the key to change', async () => {
    const second = open(http.address);
    await expect(second).rejects.toThrow(/http door can not listen on 127\.0\.0\.1:\d+: another program has this port.*listen\.http/);
  });
});

/** Nobody logs in and nothing is sent here. */
function open(listen: HttpServer['address']): Promise<HttpServer> {
  const unused = (): never => {
    throw new Error('not asked for here');
  };
  return openHttpDoor({
    listen,
    doors: {},
    isSelfSigned: false,
    config,
    store: temp.store,
    clock: systemClock,
    mailboxes,
    accounts: { logIn: unused, addressesOf: unused, takeRecipients: unused },
    board,
    outbox: { put: unused, notify() {} },
    mirror: { notify() {} },
    news: new News(),
    events,
    roomFor: () => true,
    log: silentLog(),
  });
}

/** Sends the path as it stands; fetch would tidy it. */
function raw(method: string, path: string): Promise<{ status: number | undefined; type: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: http.address.port, method, path }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode, type: answer.headers['content-type'], body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}
