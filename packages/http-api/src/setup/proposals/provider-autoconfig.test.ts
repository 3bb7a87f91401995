import { createServer as createClearServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Server as AnyServer } from 'node:net';
import { makeCertificate } from '@stopgap/testkit';
import { createGuard } from '@stopgap/upstreams';
import { guardedDispatcher } from '@stopgap/upstreams/web';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadByTls } from './provider-autoconfig.ts';

const NAME = 'autoconfig.provider.test';
const FILE = '<clientConfig version="1.1"/>';

/** What somebody on the way could be. */
const clear = createClearServer((_request, response) => response.end(FILE));
let server: Server;
let origin: string;
let ca: string;
let asked: string[];

beforeAll(async () => {
  const { key, cert } = await makeCertificate({ name: NAME });
  ca = cert;
  const answers: Readonly<Record<string, readonly [status: number, headers: Record<string, string>, body: string]>> = {
    '/file': [200, {}, FILE],
    '/moved': [302, { location: '/file' }, ''],
    '/clear': [302, { location: `http://${NAME}:${await portOf(clear)}/file` }, ''],
    '/endless': [200, {}, 'x'.repeat(200_000)],
    '/gone': [404, {}, FILE],
  };
  server = createServer({ key, cert }, (request, response) => {
    asked.push(request.url ?? '');
    const [status, headers, body] = answers[request.url ?? ''] ?? [404, {}, ''];
    response.writeHead(status, headers).end(body);
  });
  origin = `https://${NAME}:${await portOf(server)}`;
});
afterAll(async () => {
  for (const one of [server, clear]) {
    one.closeAllConnections();
    await new Promise((resolve) => one.close(resolve));
  }
});
beforeEach(() => {
  asked = [];
});

async function portOf(one: AnyServer): Promise<number> {
  await new Promise<void>((resolve) => {
    one.listen(0, '127.0.0.1', resolve);
  });
  return (one.address() as AddressInfo).port;
}

async function load(path: string, { allowPrivate = true, trusted = true } = {}): Promise<string | undefined> {
  const guard = createGuard({ allowPrivate, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  const dispatcher = guardedDispatcher({ guard, ...(trusted ? { ca } : {}) });
  try {
    return await loadByTls(origin + path, { dispatcher, signal: AbortSignal.timeout(15_000) });
  } finally {
    await dispatcher.destroy();
  }
}

test.each<[string, string | undefined]>([
  ['/file', FILE],
  ['/moved', FILE],
  ['/endless', undefined],
  ['/gone', undefined],
])('%s', async (path, expected) => {
  expect(await load(path)).toBe(expected);
});

test('what leaves TLS, or is not proven to be the provider’s, is not taken', async () => {
  expect(await load('/clear')).toBeUndefined();
  await expect(load('/file', { trusted: false })).rejects.toThrow();
  expect(asked).toEqual(['/clear']);
});

test('nothing inside is asked, unless the operator allows it', async () => {
  await expect(load('/file', { allowPrivate: false })).rejects.toThrow();
  expect(asked).toEqual([]);
});
