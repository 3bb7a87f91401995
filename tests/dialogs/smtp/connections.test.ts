import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { runDialog, until } from '@stopgap/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { minuteForLogIn } from '../minute-for-log-in.ts';
import { plainToken, RelayForDialogs, type OpenRelay } from './relay-for-dialogs.ts';

const SEND = `S: 220 *
C: EHLO client.test
S> 250 *
C: AUTH PLAIN ${plainToken('alice@a.test')}
S: 235 *
C: MAIL FROM:<alice@a.test>
S: 250 *
C: RCPT TO:<x@b.test>
S: 250 *
C: DATA
S: 354 *
C: From: alice@a.test
C:
`;
const NO_CHECK = (): undefined => undefined;

describe('connections', () => {
  let relay: RelayForDialogs;
  beforeAll(async () => {
    relay = await RelayForDialogs.start();
  });
  afterAll(async () => {
    await relay[Symbol.asyncDispose]();
  });

  const talk = (open: OpenRelay, text: string, door: 'submission' | 'submissions' = 'submission'): Promise<void> =>
    runDialog(text, { connect: () => open.connect(door), startTls: (socket) => open.startTls(socket), check: NO_CHECK });

  test('more from one address than the limit are told so, and those who left make room', async () => {
    await using open = await relay.open({ limits: { connectionsPerAddress: 3 } });
    const first = await Promise.all([1, 2, 3].map(() => open.connect('submission')));
    await talk(open, 'S: 421 4.7.0 Too many connections from your address\nS!');
    for (const socket of first) socket.destroy();
    await until(() =>
      talk(open, 'S: 220 *\nC: QUIT\nS: 221 *').then(
        () => true,
        () => false,
      ),
    );
  });

  test('garbage, half handshakes, resets and closed sockets on both doors end nothing but themselves', async () => {
    await using open = await relay.open();
    for (const door of ['submission', 'submissions'] as const) {
      for (const bytes of ['\x16\x03\x01\x02\x00\x01\x00', 'GET / HTTP/1.1\r\n\r\n', '\x80\x2e\x01', Buffer.alloc(70_000, 0xff), '']) {
        const socket = await raw(open.port(door));
        socket.write(bytes);
        socket.resetAndDestroy();
        const other = await raw(open.port(door));
        other.end(bytes);
      }
    }
    const upgraded = await open.connect('submission');
    await once(upgraded, 'data');
    upgraded.write('EHLO x\r\nSTARTTLS\r\n');
    await until(() => upgraded.bytesRead > 150);
    upgraded.write('this is no TLS handshake, and it is long enough to be looked at\r\n');
    await once(upgraded, 'close');
    await talk(open, `${SEND}C: .\nS: 250 *`);
    await talk(open, `${SEND}C: .\nS: 250 *`, 'submissions');
    expect(open.taken).toHaveLength(2);
  });

  test('whoever does not log in within the time is cut, in the middle of a handshake too', async () => {
    const { clock, end } = minuteForLogIn();
    await using open = await relay.open({ clock });
    await runDialog('S: 220 *\nC: EHLO x\nS> 250 *\n= it is over\nS: 421 4.4.2 Log in within the time\nS!', {
      connect: () => open.connect('submission'),
      startTls: (socket) => open.startTls(socket),
      check: () => {
        end();
        return undefined;
      },
    });
    const socket = await open.connect('submission');
    await once(socket, 'data');
    socket.write('EHLO x\r\nSTARTTLS\r\n');
    await until(() => socket.bytesRead > 150);
    end();
    await once(socket, 'close');
    await talk(open, `${SEND}C: .\nS: 250 *`);
    expect(open.taken).toHaveLength(1);
  });

  test('three hundred idle strangers keep nobody out', async () => {
    await using open = await relay.open({ limits: { connections: 500, connectionsPerAddress: 400 } });
    const idle = await Promise.all(Array.from({ length: 300 }, () => raw(open.port('submission'))));
    await talk(open, `${SEND}C: .\nS: 250 *`);
    for (const socket of idle) socket.destroy();
    expect(open.taken).toHaveLength(1);
  });

  test('going down lets a message end, tells idle ones, and takes no new connection', async () => {
    const open = await relay.open();
    const port = open.port('submission');
    let closing: Promise<void> | undefined;
    const idle = talk(open, 'S: 220 *\nS: 421 4.3.2 *\nS!');
    await runDialog(`${SEND}= closing\nC: the rest\nC: .\nS: 250 2.0.0 *\nS: 421 4.3.2 *\nS!`, {
      connect: () => open.connect('submission'),
      startTls: (socket) => open.startTls(socket),
      check: () => {
        closing ??= open.intake.close({ graceMs: 10_000 });
        return undefined;
      },
    });
    await idle;
    await closing;
    expect(open.taken).toHaveLength(1);
    await expect(raw(port)).rejects.toThrow('ECONNREFUSED');
  });

  test('going down cuts a message that does not end within the grace, and keeps nothing of it', async () => {
    const open = await relay.open();
    await runDialog(`${SEND}C~ {half\\r\\n*50000}\n= closed\nS: 421 *`, {
      connect: () => open.connect('submission'),
      startTls: (socket) => open.startTls(socket),
      check: async () => {
        await open.intake.close({ graceMs: 300 });
        return undefined;
      },
    });
    expect(open.taken).toHaveLength(0);
    await until(async () => (await open.leftovers()) === 0);
  });

  test('a message that came before the client broke off is taken once', async () => {
    await using open = await relay.open();
    const socket = await open.connect('submission');
    socket.on('error', () => undefined);
    await until(() => socket.bytesRead > 0);
    const lines = [
      'EHLO x',
      `AUTH PLAIN ${plainToken('alice@a.test')}`,
      'MAIL FROM:<alice@a.test>',
      'RCPT TO:<x@b.test>',
      'DATA',
      'From: alice@a.test',
      '',
      'x',
      '.',
      '',
    ];
    socket.end(lines.join('\r\n'));
    await until(() => open.taken.length === 1);
    expect(open.taken[0]?.content).toContain('\r\n\r\nx\r\n');
  });
});

async function raw(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}
