import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passwordOf, RelayForDialogs } from './relay-for-dialogs.ts';

const run = promisify(execFile);
const isThere = await run('swaks', ['--version']).then(
  () => true,
  () => false,
);

/** A foreign client, on every way in. */
describe.runIf(isThere)('swaks sends', () => {
  let relay: RelayForDialogs;
  beforeAll(async () => {
    relay = await RelayForDialogs.start();
  });
  afterAll(async () => {
    await relay[Symbol.asyncDispose]();
  });

  test.each([
    { way: 'STARTTLS', door: 'submission', tls: ['--tls'], protocol: 'ESMTPSA' },
    { way: 'TLS from the first byte', door: 'submissions', tls: ['--tls-on-connect'], protocol: 'ESMTPSA' },
    { way: 'clear text on loopback', door: 'submission', tls: [], protocol: 'ESMTPA' },
  ] as const)('over $way with AUTH PLAIN and AUTH LOGIN', async ({ door, tls, protocol }) => {
    await using open = await relay.open({ plaintextAuth: tls.length > 0 ? 'never' : 'loopback' });
    for (const mechanism of ['PLAIN', 'LOGIN']) {
      const address = 'alice@a.test';
      const login = ['--auth', mechanism, '--auth-user', address, '--auth-password', passwordOf(address)];
      await run('swaks', ['--server', `127.0.0.1:${open.port(door)}`, '--from', address, '--to', 'x@b.test,y@b.test', ...tls, ...login]);
      expect(open.taken.at(-1)).toMatchObject({
        account: address,
        protocol,
        envelope: { recipients: [{ address: 'x@b.test' }, { address: 'y@b.test' }] },
      });
    }
    expect(open.taken).toHaveLength(2);
  });

  test('nothing with a wrong password, and hears 535', async () => {
    await using open = await relay.open();
    const login = ['--auth', 'PLAIN', '--auth-user', 'bob@a.test', '--auth-password', 'wrong'];
    const failed = run('swaks', ['--server', `127.0.0.1:${open.port('submission')}`, '--from', 'bob@a.test', '--to', 'x@b.test', ...login]);
    await expect(failed).rejects.toMatchObject({ stdout: expect.stringContaining('535 5.7.8') });
    expect(open.taken).toHaveLength(0);
  });
});
