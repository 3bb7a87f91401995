import type { LookupAddress } from 'node:dns';
import { createServer, type AddressInfo } from 'node:net';
import { MailError } from '@stopgap/core';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './address-class.ts';
import { connect } from './connect.ts';
import { guardedDispatcher } from './dispatcher.ts';
import { createGuard } from './guard.ts';

const never = new AbortController().signal;
const at = (...addresses: readonly string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const dial = (host: string, port: number, guard = createGuard({ allowPrivate: false })) =>
  connect({ host, port, security: 'none', guard, timeoutMs: 5000, signal: never });
const refusalOf = async (attempt: Promise<unknown>): Promise<MailError> => {
  const error: unknown = await attempt.catch((thrown: unknown) => thrown);
  if (!(error instanceof MailError)) throw new Error('it was not refused');
  return error;
};

/** A server on loopback that counts who comes. */
async function listen() {
  let callers = 0;
  const server = createServer((socket) => {
    callers += 1;
    socket.end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, callers: () => callers, [Symbol.asyncDispose]: async () => void server.close() };
}

describe('row 29: an address that is not public', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback, any of it', '127.8.9.10'],
    ['this network', '0.0.0.0'],
    ['private 10/8', '10.1.2.3'],
    ['private 172.16/12', '172.31.255.255'],
    ['private 192.168/16', '192.168.0.1'],
    ['link-local and cloud metadata', '169.254.169.254'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '192.0.2.1'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['IPv6 loopback', '::1'],
    ['IPv6 unspecified', '::'],
    ['IPv6 unique local', 'fd00::1'],
    ['IPv6 link-local', 'fe80::1'],
    ['IPv6 site-local', 'fec0::1'],
    ['IPv6 multicast', 'ff02::1'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped private in hex', '::ffff:a00:1'],
    ['IPv4-compatible loopback', '::127.0.0.1'],
    ['6to4 of loopback', '2002:7f00:1::'],
    ['Teredo', '2001::1'],
    ['NAT64 of loopback', '64:ff9b::7f00:1'],
    ['NAT64 of 10/8', '64:ff9b::10.0.0.1'],
    ['IPv6 documentation', '2001:db8::1'],
    ['a zone', 'fe80::1%eth0'],
    ['decimal', '2130706433'],
    ['octal', '0177.0.0.1'],
    ['hex', '0x7f000001'],
    ['short', '127.1'],
    ['no address', 'localhost'],
    ['nothing', ''],
  ])('%s (%s) is not public', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::8.8.8.8'])('%s is', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    'localhost',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    '[::ffff:7f00:1]',
    '0',
  ])('written as %s is not connected to', async (host) => {
    await using server = await listen();
    await expect(dial(host, server.port)).rejects.toThrow(MailError);
    expect(server.callers()).toBe(0);
  });

  test.each([
    'http://127.0.0.1',
    'http://127.1',
    'http://2130706433',
    'http://0x7f000001',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://localhost',
  ])('of a web address written as %s is not asked', async (origin) => {
    await using server = await listen();
    const dispatcher = guardedDispatcher({ guard: createGuard({ allowPrivate: false }) });
    await expect(request(`${origin}:${server.port}/`, { dispatcher })).rejects.toThrow();
    await dispatcher.destroy();
    expect(server.callers()).toBe(0);
  });

  test('is refused in the same words whether something listens there or not', async () => {
    await using server = await listen();
    const [open, shut] = [await refusalOf(dial('127.0.0.1', server.port)), await refusalOf(dial('127.0.0.1', 1))];
    expect(open.reason).toEqual(shut.reason);
    const guard = createGuard({ allowPrivate: false, resolve: async () => at('10.0.0.1') });
    const named = await Promise.all([dial('a.test', server.port, guard), dial('a.test', 1, guard)].map(refusalOf));
    expect(named[0]?.reason).toEqual(named[1]?.reason);
    expect(named[0]?.reason?.text).not.toContain('10.0.0.1');
  });

  test('is reached where the operator allows it', async () => {
    await using server = await listen();
    const socket = await dial('127.0.0.1', server.port, createGuard({ allowPrivate: true }));
    socket.on('error', () => undefined).destroy();
  });
});

describe('row 30: a name', () => {
  test('is condemned by one forbidden address among its many', async () => {
    for (const addresses of [at('8.8.8.8', '127.0.0.1'), at('8.8.8.8', '::1'), at('::ffff:10.0.0.1', '8.8.8.8')]) {
      const guard = createGuard({ allowPrivate: false, resolve: async () => addresses });
      expect((await refusalOf(dial('rebind.test', 25, guard))).reason?.text).toContain('rebind.test');
    }
  });

  test('that rebinds is looked up once for each connection, and the checked address is the one that is called', async () => {
    await using server = await listen();
    const answers = [at('127.0.0.1'), at('192.168.99.99')];
    const asked: string[] = [];
    const guard = createGuard({
      allowPrivate: true,
      resolve: async (host) => {
        asked.push(host);
        return answers[asked.length - 1] ?? [];
      },
    });
    const socket = await dial('rebind.test', server.port, guard);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    expect(asked).toEqual(['rebind.test']);
    socket.on('error', () => undefined).destroy();
  });

  test('that is public first and private at the next connection is refused then', async () => {
    let count = 0;
    const guard = createGuard({ allowPrivate: false, resolve: async () => (++count === 1 ? at('8.8.8.8') : at('127.0.0.1')) });
    const lookup = () =>
      new Promise((resolve, reject) => {
        guard.lookup('rebind.test', { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
      });
    expect(await lookup()).toEqual(at('8.8.8.8'));
    await expect(lookup()).rejects.toThrow(MailError);
  });

  test('without an address, or with a broken look-up, defers', async () => {
    const none = createGuard({ allowPrivate: false, resolve: async () => [] });
    expect((await refusalOf(dial('void.test', 25, none))).reason?.class).toBe('connect');
    const broken = createGuard({
      allowPrivate: false,
      resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'EAI_AGAIN' })),
    });
    expect((await refusalOf(dial('void.test', 25, broken))).reason).toMatchObject({
      class: 'connect',
      text: expect.stringContaining('DNS'),
    });
  });
});
