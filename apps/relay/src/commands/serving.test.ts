import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { isServing } from './serving.ts';

async function answering(body: string): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((done) => void server.close(() => done())),
  };
}

test('a relay that answers is running, whatever it listens on', async () => {
  await using relay = await answering('alive\n');
  expect(await isServing({ host: '127.0.0.1', port: relay.port })).toBe(true);
  expect(await isServing({ host: '0.0.0.0', port: relay.port })).toBe(true);
});

test('a port where nobody or somebody else answers is no relay, and without the door nobody can tell', async () => {
  const port = await (async () => {
    await using other = await answering('It works!');
    expect(await isServing({ host: '127.0.0.1', port: other.port })).toBe(false);
    return other.port;
  })();
  expect(await isServing({ host: '127.0.0.1', port })).toBe(false);
  expect(await isServing(false)).toBeNull();
});
