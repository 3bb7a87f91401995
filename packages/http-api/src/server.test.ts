import { Hono } from 'hono';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { AppEnv } from './app-env.ts';
import { listen } from './server.ts';

const REQUEST_MS = 300;

test('a request that does not come to its end is ended, unless it is a file of somebody who is logged in', async () => {
  const app = new Hono<AppEnv>();
  app.post('/jmap/upload/mine', async (c) => c.text(await c.req.text()));
  app.post('/jmap/upload/stranger', (c) => c.text('log in', 401));
  app.onError(() => new Response(null, { status: 500 }));
  app.post('/api/session', async (c) => c.text(await c.req.text()));
  const server = await listen(app, { host: '127.0.0.1', port: 0 }, REQUEST_MS);
  const begin = (path: string): Socket => {
    const socket = connect(server.address.port, '127.0.0.1')
      .setEncoding('utf8')
      .on('error', () => undefined);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: relay.test\r\nContent-Length: 4\r\n\r\nab`);
    return socket;
  };
  try {
    const mine = begin('/jmap/upload/mine');
    await once(mine, 'connect');
    let isOver = false;
    mine.once('close', () => (isOver = true));
    for (const path of ['/jmap/upload/stranger', '/api/session']) await once(begin(path).resume(), 'close');
    expect(isOver).toBe(false);
    mine.write('cd');
    const [answer] = (await once(mine, 'data')) as [string];
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nabcd$/);
    mine.destroy();
  } finally {
    await server.close();
  }
});
