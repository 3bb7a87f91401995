import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, firstConfig, loadConfig, presetFor, readNewPath, type NewProvider } from './index.ts';

const PROVIDER: NewProvider = {
  name: 'example',
  domains: ['example.org'],
  login: 'address',
  incoming: [
    { kind: 'imap', host: 'imap.example.org', port: 993, security: 'tls' },
    { kind: 'roundcube', url: 'https://webmail.example.org/' },
  ],
  outgoing: [{ kind: 'smtp', host: 'smtp.example.org', port: 587, security: 'starttls' }],
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stopgap-first-'));
  file = join(folder, 'stopgap.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = () => ({ env: {}, cwd: folder });

describe('where there is no file', () => {
  test('one is made, private, that is read as was promised', async () => {
    const first = firstConfig(source(), { provider: PROVIDER });
    expect(first.file).toBe(file);
    expect(readdirSync(folder)).toEqual([]);
    await first.write();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['stopgap.yaml']);
    expect(loadConfig(source())).toEqual(first.config);
    expect(first.config.providers[0]?.incoming.map(({ id }) => id)).toEqual([
      'example incoming imap imap.example.org:993',
      'example incoming roundcube https://webmail.example.org/',
    ]);
  });

  test('one that came meanwhile stays', async () => {
    const first = firstConfig(source(), { provider: PROVIDER });
    writeFileSync(file, 'hostname: mine.example.org\n');
    await expect(first.write()).rejects.toThrow(/can not be written/);
    expect(readFileSync(file, 'utf8')).toBe('hostname: mine.example.org\n');
    expect(readdirSync(folder)).toEqual(['stopgap.yaml']);
  });

  test('a folder that takes no file is told, and the text is at hand', async () => {
    const first = firstConfig({ ...source(), cwd: join(folder, 'missing') }, { provider: PROVIDER });
    await expect(first.write()).rejects.toMatchObject({ code: 'config-file' });
    expect(first.text).toContain('imap.example.org');
  });
});

describe('where there is a file without providers', () => {
  test('everything in it stays, and the provider comes to it', async () => {
    writeFileSync(file, '# mine\nhostname: relay.example.org # the name\nlisten: { imap: false }\nproviders: []\n', { mode: 0o640 });
    await firstConfig(source(), { provider: PROVIDER, network: { name: '192.0.2.7' } }).write();
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('# mine\nhostname: relay.example.org # the name\n');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const config = loadConfig(source());
    expect(config.listen.imap).toBe(false);
    expect(config.listen.imaps).toEqual({ host: '0.0.0.0', port: 2993 });
    expect(config.listen.http).toEqual({ host: '127.0.0.1', port: 2080 });
    expect([config.hostname, config.clients.hostname]).toEqual(['relay.example.org', '192.0.2.7']);
    expect(config.providers).toHaveLength(1);
  });

  test('comments alone, or JSON, are as good', async () => {
    for (const text of ['# nothing yet\n', '{"hostname": "relay.example.org"}', '']) {
      writeFileSync(file, text);
      await firstConfig(source(), { provider: PROVIDER }).write();
      expect(loadConfig(source()).providers).toHaveLength(1);
    }
  });

  test('what somebody changes meanwhile stays', async () => {
    writeFileSync(file, 'hostname: a.example.org\n');
    const first = firstConfig(source(), { provider: PROVIDER });
    writeFileSync(file, 'hostname: b.example.org\n');
    await expect(first.write()).rejects.toThrow(/changed it meanwhile/);
    expect(readFileSync(file, 'utf8')).toBe('hostname: b.example.org\n');
  });
});

describe('what is refused', () => {
  test('a file that has a provider', async () => {
    await firstConfig(source(), { provider: PROVIDER }).write();
    const before = readFileSync(file, 'utf8');
    expect(() => firstConfig(source(), { provider: { ...PROVIDER, name: 'other' } })).toThrow(/names a provider already/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test.each<[string, Partial<NewProvider>]>([
    ['a name with a line in it', { name: 'x\nenrolment: open' }],
    ['a domain that is none', { domains: ['example.org\nx: y'] }],
    ['an address instead of a host', { incoming: [{ kind: 'imap', host: 'imap.example.org:993', port: 993, security: 'tls' }] }],
    ['a script as webmail', { incoming: [{ kind: 'roundcube', url: 'javascript:alert(1)' }] }],
    ['a password in an address', { incoming: [{ kind: 'roundcube', url: 'https://u:p@webmail.example.org/' }] }],
    ['no way at all', { incoming: [], outgoing: [] }],
  ])('%s', (_, part) => {
    expect(() => firstConfig(source(), { provider: { ...PROVIDER, ...part } })).toThrow(ConfigError);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a path that is none', () => {
    expect(() => readNewPath({ kind: 'smtp', host: 'smtp.example.org', port: 25, security: 'none' }, 'incoming')).toThrow(ConfigError);
    expect(() => readNewPath({ kind: 'imap', host: 'a b', port: 993, security: 'tls' }, 'incoming')).toThrow(/^host must be/);
    expect(readNewPath({ kind: 'imap', host: 'a.test', port: 993, security: 'tls' }, 'incoming')).toMatchObject({ host: 'a.test' });
  });
});

test('a provider is known by its domain, and by the mail servers of a domain of one’s own', () => {
  expect(presetFor('gmx.de', [])?.name).toBe('gmx');
  expect(presetFor('example.org', ['mx00.kundenserver.de'])?.name).toBe('ionos');
  expect(presetFor('example.org', ['mx.notkundenserver.de'])).toBeUndefined();
});
