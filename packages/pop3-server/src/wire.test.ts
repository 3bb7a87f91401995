import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Wire } from './wire.ts';

/** More than two sockets hold for a client that does not read. */
const MUCH = Buffer.alloc(32 * 1024 * 1024, 'x');

test('who waits for the line of a client that does not read is told the end, also after a farewell', async () => {
  using pair = await socketPair();
  const wire = new Wire(pair.ours);
  wire.say(MUCH);
  const line = wire.line();
  await expect.poll(() => pair.ours.writableNeedDrain).toBe(true);
  wire.end();
  pair.theirs.destroy();
  expect(await line).toEqual({ kind: 'end' });
});

async function socketPair(): Promise<Disposable & { readonly ours: Socket; readonly theirs: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const theirs = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  const [ours] = (await once(server, 'connection')) as [Socket];
  ours.on('error', () => undefined);
  server.close();
  return { ours, theirs, [Symbol.dispose]: () => [ours, theirs].forEach((socket) => socket.destroy()) };
}
