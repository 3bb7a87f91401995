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

test('a method that is not in the document is refused', async () => {
  for (const path of new Set((await documented(bench)).map((one) => one.split(' ')[1] ?? ''))) {
    expect([path, (await bench.ask(path, { method: 'PATCH' })).status]).toEqual([path, 405]);
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
