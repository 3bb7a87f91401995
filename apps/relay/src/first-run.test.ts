import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@stopgap/core';
import { loadConfig, type NewPath } from '@stopgap/config';
import type { SetupDeps } from '@stopgap/http-api';
import { listAccounts, openVault } from '@stopgap/store';
import { tempStore, type TempStore } from '@stopgap/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { firstRun } from './first-run.ts';

let temp: TempStore;
let folder: string;
let setup: SetupDeps;
/** Takes connections and counts them: nothing here is a mail server. */
let server: Server;
let connections = 0;
let imap: NewPath;

beforeEach(async () => {
  temp = await tempStore();
  folder = mkdtempSync(join(tmpdir(), 'stopgap-first-run-'));
  const source = { env: { STOPGAP_DATA: temp.dataDir }, cwd: folder };
  const vault = await temp.store.read((reader) => openVault({ dataDir: temp.dataDir, reader }));
  setup = firstRun({ source, config: loadConfig(source), store: temp.store, vault, onConfigured() {} });
  connections = 0;
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  imap = { kind: 'imap', host: '127.0.0.1', port: (server.address() as AddressInfo).port, security: 'tls' };
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await temp.dispose();
  rmSync(folder, { recursive: true });
});

function steps(unverified: boolean): Parameters<SetupDeps['apply']>[0] {
  return {
    provider: { name: 'example', domains: ['example.org'], login: 'address', incoming: [imap], outgoing: [] },
    account: { address: 'alice@example.org', password: new Secret('secret'), name: 'Alice', unverified },
  };
}

test('a server in a private network is not asked, whatever is wanted of it', async () => {
  const signal = AbortSignal.timeout(15_000);
  expect(await setup.probe(imap, 'incoming', signal)).toMatchObject({
    kind: 'failed',
    reason: { text: expect.stringContaining('private or reserved') },
  });
  expect(await setup.probe({ ...imap, host: 'localhost' } as NewPath, 'incoming', signal)).toMatchObject({ kind: 'failed' });
  expect(await setup.apply(steps(false), signal)).toMatchObject({ kind: 'undecided' });
  expect(connections).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
  expect(temp.store.read(listAccounts)).toEqual([]);
});

test('where nobody can check the password now, the account is kept pending and the file is written', async () => {
  expect(await setup.apply(steps(true), AbortSignal.timeout(15_000))).toEqual({ kind: 'added', state: 'pending' });
  expect(statSync(join(folder, 'stopgap.yaml')).mode & 0o777).toBe(0o600);
  expect(loadConfig({ env: {}, cwd: folder }).providers[0]?.domains).toEqual(['example.org']);
  expect(temp.store.read(listAccounts)).toMatchObject([{ address: 'alice@example.org', state: 'pending', name: 'Alice' }]);
  await expect(setup.apply(steps(true), AbortSignal.timeout(15_000))).rejects.toThrow(/names a provider already/);
});

test('an address of another domain writes nothing', async () => {
  const other = steps(true);
  expect(
    await setup.apply({ ...other, account: { ...other.account, address: 'alice@elsewhere.test' } }, AbortSignal.timeout(15_000)),
  ).toEqual({
    kind: 'unknown-provider',
  });
  expect(readdirSync(folder)).toEqual([]);
});
