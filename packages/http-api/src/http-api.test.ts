/* What every answer has in common, whatever was asked. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gunzipSync } from 'node:zlib';
import { CORE } from '@stopgap/jmap';
import { ALICE_ID, basic, postOf, startBench, type Bench } from './test-bench.ts';

let bench: Bench;
let blob: string;
beforeAll(async () => {
  bench = await startBench();
  const { id } = await bench.deliver(await bench.mailbox('INBOX'), `Subject: x\nContent-Type: text/plain\n\n${'text '.repeat(1000)}\n`);
  const { list } = (await bench.one('Email/get', { ids: [`e${id}`], properties: ['blobId'] })) as unknown as { list: { blobId: string }[] };
  blob = list[0]?.blobId ?? '';
});
afterAll(() => bench[Symbol.asyncDispose]());

const ZIPPED = { ...basic(), 'accept-encoding': 'gzip, deflate, br' };
const echo = (text: string, headers: Record<string, string>) =>
  bench.ask('/jmap/api', postOf({ using: [CORE], methodCalls: [['Core/echo', { text }, 'c']] }, headers));

test('JSON and pages are zipped for who takes that, and say what they are then', async () => {
  const text = 'so '.repeat(2000);
  const zipped = await echo(text, ZIPPED);
  expect([zipped.headers.get('content-encoding'), zipped.headers.get('vary')?.toLowerCase()]).toEqual(['gzip', 'accept-encoding']);
  const bytes = Buffer.from(await zipped.arrayBuffer());
  expect(bytes.length).toBeLessThan(1000);
  expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(await (await echo(text, basic())).json());
  for (const path of ['/api/openapi.json', '/status']) {
    const answer = await bench.ask(path, { headers: ZIPPED });
    expect([path, answer.headers.get('content-encoding')]).toEqual([path, 'gzip']);
    expect(gunzipSync(Buffer.from(await answer.arrayBuffer())).length).toBeGreaterThan(1024);
  }
});

test('what is small, what is somebody’s file and what goes on is sent as it is', async () => {
  expect((await echo('short', ZIPPED)).headers.get('content-encoding')).toBeNull();
  const file = await bench.ask(`/jmap/download/${ALICE_ID}/${blob}/x.txt?accept=text/plain`, { headers: ZIPPED });
  expect([file.status, file.headers.get('content-encoding')]).toEqual([200, null]);
  expect(await file.text()).toContain('text text');
  const events = await bench.ask('/jmap/events?types=*&closeafter=no&ping=0', { headers: ZIPPED });
  expect([events.status, events.headers.get('content-encoding')]).toEqual([200, null]);
  await events.body?.cancel();
});

test.each<[string, RequestInit, number]>([
  ['/nowhere', {}, 404],
  ['/status', { method: 'POST' }, 405],
  ['/.well-known/jmap', {}, 401],
  ['/api/session', { method: 'DELETE', headers: { origin: 'https://evil.example' } }, 403],
  ['/jmap/api', postOf('no request'), 400],
])('%s: what went wrong is told as a problem document, with the headers of all answers', async (path, init, status) => {
  const answer = await bench.ask(path, init);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  expect(await answer.json()).toMatchObject({ status });
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'cache-control': 'no-store',
  });
});
