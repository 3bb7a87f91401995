import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { HttpApiDeps } from '../deps.ts';
import { startBench, type Bench } from '../test-bench.ts';

const EVERYTHING: Partial<HttpApiDeps> = {
  demo: { accounts: [], outage: [], down: () => [], setDown() {} },
  setup: {
    code: 'code',
    file: '/etc/stopgap.yaml',
    hostname: 'relay.example.org',
    allowPrivate: false,
    propose: () => Promise.reject(new Error('not asked')),
    probe: () => Promise.reject(new Error('not asked')),
    apply: () => Promise.reject(new Error('not asked')),
    done() {},
  },
};
/** Outlook writes it in any case, which a path of OpenAPI can not say. */
const AUTODISCOVER = '/autodiscover/autodiscover.xml';
const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

let bench: Bench;
beforeAll(async () => {
  bench = await startBench(EVERYTHING);
});
afterAll(() => bench[Symbol.asyncDispose]());

async function documented(one: Bench): Promise<string[]> {
  const { paths } = documentSchema.parse(await (await one.ask('/api/openapi.json')).json());
  return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
}

/** By status, as the document has it. */
async function answersOf(method: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  const { paths } = documentSchema.parse(await (await bench.ask('/api/openapi.json')).json());
  return z.object({ responses: z.record(z.string(), z.unknown()) }).parse(paths[path]?.[method.toLowerCase()]).responses;
}

/** What is no JMAP, as the document has it. */
function routed({ api }: Bench): string[] {
  return api.app.routes
    .filter(({ method, path }) => METHODS.has(method) && !path.startsWith('/jmap/') && path !== '/.well-known/jmap')
    .map(({ method, path }) => `${method} ${path.startsWith('/:folder{') ? AUTODISCOVER : path.replaceAll(/:(\w+)/g, '{$1}')}`);
}

test('the document has every route that is no JMAP, with its methods, and none besides', async () => {
  expect(routed(bench)).toContain('DELETE /api/sessions/{id}');
  expect((await documented(bench)).toSorted()).toEqual(routed(bench).toSorted());
});

test('whatever it refers to is in it, and each operation says what it answers', async () => {
  const document = (await (await bench.ask('/api/openapi.json')).json()) as { readonly openapi: string };
  expect(document.openapi).toMatch(/^3\.1\./);
  const { paths } = documentSchema.parse(document);
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods)))
    expect(operation).toMatchObject({ summary: expect.stringMatching(/./), responses: expect.objectContaining({}) });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  expect(references.length).toBeGreaterThan(0);
  for (const reference of new Set(references)) {
    const found = reference.split('/').reduce<unknown>((inside, step) => (inside as Record<string, unknown> | undefined)?.[step], document);
    expect(found, reference).toBeDefined();
  }
});

test('a method that is not in the document is refused', async () => {
  for (const path of new Set((await documented(bench)).map((one) => one.split(' ')[1] ?? ''))) {
    expect([path, (await bench.ask(path, { method: 'PATCH' })).status]).toEqual([path, 405]);
  }
});

test.each<[string, string, string, RequestInit]>([
  ['no log-in', 'POST', '/api/session', { headers: { 'content-type': 'application/json' }, body: '{}' }],
  ['a log-in of many bytes', 'POST', '/api/session', { headers: { 'content-type': 'application/json' }, body: 'x'.repeat(9000) }],
  ['a log-in as a form', 'POST', '/api/session', { headers: { 'x-stopgap-request': '1' }, body: 'a=b' }],
  ['a demo of many bytes', 'POST', '/demo/outage', { headers: { 'content-type': 'application/json' }, body: 'x'.repeat(9000) }],
  ['an Autodiscover of many bytes', 'POST', AUTODISCOVER, { body: 'x'.repeat(20_000) }],
  ['an address that is none', 'GET', '/apple.mobileconfig', {}],
])('how %s is refused is in the document', async (_name, method, path, init) => {
  const { status } = await bench.ask(path, { ...init, method });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(Object.keys(await answersOf(method, path))).toContain(String(status));
});

test.each([
  ['too often', { kind: 'throttled', retryAfterMs: 1000 }, 429],
  ['that can not be checked', { kind: 'undecided', reason: { class: 'connect', text: '' } }, 503],
] as const)('a log-in %s by Basic is in the document of every route that takes it', async (_name, logIn, status) => {
  const { paths } = documentSchema.parse(await (await bench.ask('/api/openapi.json')).json());
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (!JSON.stringify(operation).includes('"basic"')) continue;
      bench.nextLogIn = logIn;
      const headers = { authorization: `Basic ${btoa('alice@provider.test:other')}` };
      const answer = await bench.ask(path.replace('{id}', 'x'), { method: method.toUpperCase(), headers });
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expect(Object.keys(await answersOf(method, path))).toContain(String(status));
    }
  }
});

test('what is there for a demo, or before there is a provider, is in it only then', async () => {
  await using plain = await startBench();
  expect((await documented(plain)).filter((one) => /\/(?:demo|setup)\b/.test(one))).toEqual([]);
  expect((await documented(plain)).toSorted()).toEqual(routed(plain).toSorted());
});

test('what the first run is told is described by the schemas that read it', async () => {
  const text = await (await bench.ask('/api/openapi.json')).text();
  expect(text).toContain('"unverified":{"type":"boolean"}');
  expect(text).toContain('"kind":{"type":"string","enum":["imap","pop3","smtp"]}');
});
