import { Hono } from 'hono';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { remoteAddressOf, rememberRemoteAddress, type AppEnv } from './app-env.ts';

test.each<[string, string, string | undefined, string]>([
  ['nobody before us', '192.0.2.1', undefined, '192.0.2.1'],
  ['a stranger who names another', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
  ['our proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['our proxy, as IPv6 shows it', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['two of ours', '10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['what the client put before it', '10.0.0.1', '198.51.100.7, 203.0.113.9', '203.0.113.9'],
  ['our proxy, which names nobody', '10.0.0.1', undefined, '10.0.0.1'],
  ['our proxy, with no address', '10.0.0.1', 'unknown', '10.0.0.1'],
])('%s', async (_, peer, forwarded, expected) => {
  const app = new Hono<AppEnv>();
  app.use(rememberRemoteAddress(['10.0.0.1', '10.0.0.2']));
  app.get('/', (c) => c.text(remoteAddressOf(c)));
  const incoming = { socket: { remoteAddress: peer } } as IncomingMessage;
  const answer = await app.request('/', { headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }, { incoming });
  expect(await answer.text()).toBe(expected);
});
