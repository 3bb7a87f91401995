import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { makeCertificate, until } from '@stopgap/testkit';
import { beforeAll, expect, test } from 'vitest';
import { openDoor, type Door, type DoorOptions } from './door.ts';
import { mayLogIn } from './plaintext-auth.ts';

let tls: DoorOptions['tls'];
beforeAll(async () => {
  tls = await makeCertificate({ name: 'localhost' });
});

/** Says `hello`, gives back what it hears, and begins TLS at `tls`. */
function echoDoor(options: Partial<DoorOptions> & { readonly stays?: boolean } = {}): Promise<Door> {
  return openDoor({
    name: 'echo',
    security: 'starttls',
    at: { host: '127.0.0.1', port: 0 },
    tls,
    alpn: 'echo',
    limits: { connections: 10, connectionsPerAddress: 10 },
    farewell: 'too many\r\n',
    receive: ({ socket: first, isSecure, beginTls }) => {
      let top = first;
      const listen = (socket: Socket): void => {
        top = socket;
        socket.on('data', (chunk: Buffer) => {
          if (chunk.toString() !== 'tls') return void socket.write(chunk);
          socket.removeAllListeners('data');
          socket.pause();
          socket.write('go', () => void beginTls().then((secured) => secured && listen(secured)));
        });
        socket.on('end', () => socket.end());
        socket.resume();
      };
      first.write(isSecure ? 'hello safely' : 'hello');
      listen(first);
      return { leave: () => (options.stays ? undefined : top.end('bye')) };
    },
    failed: () => undefined,
    ...options,
  });
}

async function hear(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

const enter = (door: Door): Socket => connect(door.address.port, '127.0.0.1');
const enterByTls = (door: Door): Socket => connectTls({ port: door.address.port, host: '127.0.0.1', rejectUnauthorized: false });

test('a connection is in clear until its visit begins TLS', async () => {
  const door = await echoDoor();
  const socket = enter(door);
  expect(await hear(socket)).toBe('hello');
  socket.write('tls');
  expect(await hear(socket)).toBe('go');
  const secured = connectTls({ socket, rejectUnauthorized: false });
  secured.write('secret');
  expect(await hear(secured)).toBe('secret');
  secured.destroy();
  await door.close({ graceMs: 5000 });
});

test('bytes that came in clear behind the wish for TLS spoil the handshake', async () => {
  const door = await echoDoor();
  const socket = enter(door);
  await hear(socket);
  socket.write('tls');
  expect(await hear(socket)).toBe('go');
  socket.write('injected, long enough to be looked at as the head of a record');
  await once(socket, 'close');
  await door.close({ graceMs: 5000 });
});

test('who goes away instead of beginning the TLS that was asked for leaves no place taken', async () => {
  const door = await echoDoor({ limits: { connections: 10, connectionsPerAddress: 1 } });
  const socket = enter(door);
  expect(await hear(socket)).toBe('hello');
  socket.write('tls');
  expect(await hear(socket)).toBe('go');
  // Its side only, as a client does that has nothing more to say.
  socket.end();
  await once(socket, 'close');
  await until(async () => (await hear(enter(door)).catch(() => '')) === 'hello');
  await door.close({ graceMs: 100 });
});

test('TLS from the first byte', async () => {
  const door = await echoDoor({ security: 'tls' });
  const socket = enterByTls(door);
  expect(await hear(socket)).toBe('hello safely');
  socket.end();
  await once(socket, 'close');
  await door.close({ graceMs: 5000 });
});

test('a client that asks for another protocol is turned away (RFC 7301 3.2)', async () => {
  const door = await echoDoor({ security: 'tls' });
  const asking = (protocol: string): Socket =>
    connectTls({ port: door.address.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: [protocol] });
  const [error] = (await once(asking('http/1.1'), 'error')) as [Error];
  expect(error.message).toMatch(/alert no application protocol/);
  const socket = asking('echo');
  expect(await hear(socket)).toBe('hello safely');
  socket.destroy();
  await door.close({ graceMs: 5000 });
});

test('one too many is told so, and who left makes room', async () => {
  const door = await echoDoor({ limits: { connections: 10, connectionsPerAddress: 2 } });
  const [one, two] = [enter(door), enter(door)];
  await Promise.all([hear(one), hear(two)]);
  expect(await hear(enter(door))).toBe('too many\r\n');
  one.destroy();
  await until(async () => (await hear(enter(door)).catch(() => '')) === 'hello');
  two.destroy();
  await door.close({ graceMs: 0 });
});

test('who begins a handshake and never ends it counts, and does not hold up the closing', async () => {
  const door = await echoDoor({ security: 'tls', limits: { connections: 1, connectionsPerAddress: 10 } });
  const silent = enter(door);
  await once(silent, 'connect');
  const refused = enterByTls(door);
  await once(refused, 'error');
  const gone = once(silent, 'close');
  await door.close({ graceMs: 60_000 });
  await gone;
});

test('garbage, half handshakes and resets end nothing but themselves', async () => {
  for (const security of ['tls', 'starttls'] as const) {
    const door = await echoDoor({ security, limits: { connections: 100, connectionsPerAddress: 100 } });
    for (const bytes of ['\x16\x03\x01\x02\x00\x01\x00', 'GET / HTTP/1.1\r\n\r\n', 'tls', Buffer.alloc(70_000, 0xff)]) {
      const reset = enter(door);
      await once(reset, 'connect');
      reset.write(bytes);
      reset.resetAndDestroy();
      const ended = enter(door);
      ended.on('error', () => undefined);
      ended.end(bytes);
      ended.resume();
    }
    const socket = security === 'tls' ? enterByTls(door) : enter(door);
    expect(await hear(socket)).toContain('hello');
    socket.destroy();
    await door.close({ graceMs: 200 });
  }
});

test('going down, visits leave by themselves', async () => {
  const door = await echoDoor();
  const socket = enter(door);
  await hear(socket);
  const [said] = await Promise.all([hear(socket), door.close({ graceMs: 60_000 })]);
  expect(said).toBe('bye');
});

test('going down, who stays is cut after the grace', async () => {
  const door = await echoDoor({ stays: true });
  const socket = enter(door);
  await hear(socket);
  await Promise.all([once(socket, 'close'), door.close({ graceMs: 10 })]);
});

test('a port that is taken is said in a sentence', async () => {
  const door = await echoDoor();
  const second = echoDoor({ at: door.address });
  await expect(second).rejects.toThrow(/^The echo door can not listen on 127\.0\.0\.1:\d+: .*change listen\.echo\.$/);
  await door.close({ graceMs: 0 });
});

test.each([
  ['never', '127.0.0.1', false, false],
  ['never', '192.0.2.1', true, true],
  ['loopback', '127.0.0.1', false, true],
  ['loopback', '192.0.2.1', false, false],
  ['always', '192.0.2.1', false, true],
] as const)('with plaintextAuth %s, %s (TLS: %s) may log in: %s', (plaintextAuth, remoteAddress, isSecure, expected) => {
  expect(mayLogIn({ isSecure, remoteAddress }, plaintextAuth)).toBe(expected);
});
