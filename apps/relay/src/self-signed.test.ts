import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { makeSelfSigned } from './self-signed.ts';

const IN_2028 = new Date('2028-02-29T12:34:56Z');

test('a client that trusts it reaches the server it is for, and no other name', async () => {
  const { certificate, key } = makeSelfSigned(['relay.test', '127.0.0.1'], new Date(Date.now() + 60_000));
  const server = createServer({ cert: certificate, key }, (socket) => socket.on('error', () => undefined).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const shake = async (servername: string): Promise<string | undefined> => {
    const socket = connect({ port, host: '127.0.0.1', servername, ca: certificate });
    const outcome = await once(socket, 'secureConnect').then(
      () => 'trusted',
      (error: NodeJS.ErrnoException) => error.code,
    );
    socket.destroy();
    return outcome;
  };
  expect(await shake('relay.test')).toBe('trusted');
  expect(await shake('other.test')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  server.close();
});

test('it is signed by its own key, with SHA-256', () => {
  const { certificate } = makeSelfSigned(['relay.test'], IN_2028);
  const read = new X509Certificate(certificate);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.signatureAlgorithm).toBe('ecdsa-with-SHA256');
  expect([read.subject, read.issuer]).toEqual(['CN=relay.test', 'CN=relay.test']);
  expect(read.serialNumber).toMatch(/^(?:0?1)[0-9A-F]{30}$/);
  expect(new X509Certificate(makeSelfSigned(['relay.test'], IN_2028).certificate).serialNumber).not.toBe(read.serialNumber);
});

test.each([
  ['an IPv4 address', '192.0.2.7', 'IP Address:192.0.2.7'],
  ['an IPv6 address', '2001:db8::7', 'IP Address:2001:DB8:0:0:0:0:0:7'],
  ['one without zeros', '1:2:3:4:5:6:7:8', 'IP Address:1:2:3:4:5:6:7:8'],
  ['one that ends in zeros', '2001:db8::', 'IP Address:2001:DB8:0:0:0:0:0:0'],
  ['the loopback address', '::1', 'IP Address:0:0:0:0:0:0:0:1'],
  ['one with an IPv4 address in it', '::ffff:192.0.2.7', 'IP Address:0:0:0:0:0:FFFF:C000:207'],
  ['a name', 'mail.relay.test', 'DNS:mail.relay.test'],
])('%s is written as what it is', (_what, name, written) => {
  expect(new X509Certificate(makeSelfSigned(['relay.test', name], IN_2028).certificate).subjectAltName).toBe(`DNS:relay.test, ${written}`);
});

test.each([
  ['within the two digits of a year', IN_2028],
  ['the last second of them', new Date('2049-12-31T23:59:59Z')],
  ['behind them', new Date('2050-01-01T00:00:00Z')],
])('it is valid until the second that was asked for, %s', (_what, notAfter) => {
  expect(new X509Certificate(makeSelfSigned(['relay.test'], notAfter).certificate).validToDate).toEqual(notAfter);
});

test.each([1, 5, 9, 60])('names of all lengths fit: %i long ones beside the first', (count) => {
  const names = Array.from({ length: count }, (_, index) => `${'n'.repeat(60)}-${index}.relay.test`);
  const read = new X509Certificate(makeSelfSigned(['relay.test', ...names], IN_2028).certificate);
  expect(names.every((name) => read.checkHost(name) === name)).toBe(true);
});
