import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DemoPart } from '../deps.ts';
import { HOST, startBench, type Bench } from '../test-bench.ts';

const ACCOUNTS = [{ name: 'Anna', address: 'anna@demo.test', password: 'practice' }];

let bench: Bench;
let down: readonly DemoPart[] = [];

beforeAll(async () => {
  const demo = {
    accounts: ACCOUNTS,
    outage: ['smtp', 'imap'] as const,
    down: () => down,
    setDown: (parts: readonly DemoPart[]) => void (down = parts),
  };
  bench = await startBench({ demo });
});
beforeEach(() => {
  down = [];
});
afterAll(() => bench[Symbol.asyncDispose]());

function order(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return bench.ask('/demo/outage', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
}

test.each([
  ['{"outage":true}', ['smtp', 'imap']],
  ['', ['smtp', 'imap']],
  ['{}', ['smtp', 'imap']],
  ['{"down":["webmail"]}', ['webmail']],
  ['{"down":["smtp","imap","webmail"]}', ['smtp', 'imap', 'webmail']],
])('%j breaks %j', async (body, parts) => {
  const answer = await order(body);
  expect(answer.status).toBe(200);
  const state = { outage: true, down: parts, accounts: ACCOUNTS };
  expect(await answer.json()).toEqual(state);
  expect(await (await bench.ask('/demo/outage')).json()).toEqual(state);
});

test.each(['{"outage":false}', '{"down":[]}'])('%j heals everything', async (body) => {
  down = ['smtp', 'webmail'];
  expect(await (await order(body)).json()).toMatchObject({ outage: false, down: [] });
});

test.each(['{"outage":"yes"}', '{"down":["disk"]}', '{"outage":true,"down":[]}', '[]', 'broken', `{"outage":${' '.repeat(2000)}true}`])(
  '%j is refused, and changes nothing',
  async (body) => {
    down = ['imap'];
    const answer = await order(body);
    expect([400, 413]).toContain(answer.status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(down).toEqual(['imap']);
  },
);

test('the page of another site can not break it', async () => {
  expect((await order('{"outage":true}', { origin: 'https://elsewhere.test', host: HOST })).status).toBe(403);
  expect((await order('outage=true', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(403);
  expect(down).toEqual([]);
});

test('the document tells of it', async () => {
  const { paths } = (await (await bench.ask('/api/openapi.json')).json()) as { readonly paths: Readonly<Record<string, object>> };
  expect(Object.keys(paths['/demo/outage'] ?? {})).toEqual(['get', 'post']);
});

test('outside of the demo nothing of it is there', async () => {
  await using plain = await startBench();
  const answer = await plain.ask('/demo/outage', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"outage":true}',
  });
  expect(answer.status).toBe(404);
  expect(await (await plain.ask('/api/openapi.json')).text()).not.toContain('/demo/');
});
