import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, exampleConfig, loadConfig, type Config } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stopgap-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string, mode = 0o600) => {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
};
const load = (yaml?: string, env: Readonly<Record<string, string>> = {}): Config => {
  if (yaml !== undefined) write('stopgap.yaml', yaml);
  return loadConfig({ env, cwd: folder });
};
const smarthost = (rest: string) =>
  `hostname: r.example.org\nproviders: [{ name: p, domains: [example.org], outgoing: [{ kind: smarthost, host: smtp.example.net, ${rest} }] }]\n`;

describe('what mail programs are told', () => {
  test.each([
    ['nothing is set, and every door is for this machine', '', 'localhost'],
    ['the relay has a name', 'hostname: relay.example.org', 'relay.example.org'],
    ['there is another name for mail programs', 'hostname: relay.example.org\nclients: { hostname: mail.example.org }', 'mail.example.org'],
  ])('the name where %s', (_, yaml, expected) => {
    expect(load(`${yaml}\n`).clients.hostname).toBe(expected);
  });

  test('ports only where they differ from those of listen', () => {
    expect(load('clients: { imaps: 993, pop3: false }\n').clients.ports).toEqual({ imaps: 993, pop3: false });
  });
});

describe('defaults', () => {
  test('no file at all is a configuration', () => {
    const config = load();
    expect(config.file).toBeUndefined();
    expect(config.dataDir).toBe(join(folder, 'stopgap-data'));
    expect(config.listen.submission).toEqual({ host: '127.0.0.1', port: 2587 });
    expect(config.retry).toEqual({
      backoff: { firstMs: 30_000, factor: 2, longestMs: 1_800_000 },
      expireAfterMs: 432_000_000,
      delayNoticeAfterMs: 14_400_000,
    });
    expect(config.unsure).toEqual({ settleMs: 300_000, retries: 3 });
    expect(config.mirror).toEqual({
      pollEveryMs: 60_000,
      keepExpungedMs: 30 * 86_400_000,
      quotaBytes: false,
      brake: { messages: 20, share: 0.2 },
    });
    expect(config.limits).toMatchObject({ messageBytes: 52_428_800, recipients: 100, loginFailures: { withinMs: 900_000 } });
    expect(config.plaintextAuth).toBe('loopback');
    expect(config.allowPrivateUpstreams).toBe(false);
    expect(config.providers).toEqual([]);
    expect(config.warnings).toEqual([]);
  });

  test('an empty file, one of comments and empty sections are all defaults', () => {
    const { listen, limits, retry } = load();
    for (const yaml of ['', '# nothing yet\n', 'limits:\nretry:\n  # first: 10s\n']) {
      expect(load(yaml)).toMatchObject({ listen, limits, retry });
    }
  });

  test('the example is taken as it is, without a warning', () => {
    const config = load(exampleConfig());
    expect(config.warnings).toEqual([]);
    expect(config.providers[0]).toMatchObject({
      name: 'example',
      login: 'address',
      incoming: [
        { kind: 'imap', port: 993, security: 'tls', id: 'example incoming imap imap.example.org:993' },
        { kind: 'roundcube', url: 'https://webmail.example.org/' },
      ],
      outgoing: [{ kind: 'smtp', port: 587, security: 'starttls', direction: 'outgoing' }, { kind: 'roundcube' }],
    });
  });

  test('standard ports are the RFC ones: imap 993 and pop3 995 with tls, smtp and smarthost 587 with starttls', () => {
    const { providers } = load(
      'providers: [{ name: p, domains: [example.org], incoming: [{ kind: pop3, host: a.example.org }], outgoing: [{ kind: smarthost, host: b.example.org }] }]\n',
    );
    expect(providers[0]?.incoming[0]).toMatchObject({ port: 995, security: 'tls' });
    expect(providers[0]?.outgoing[0]).toMatchObject({ port: 587, security: 'starttls', afterMs: 0 });
  });
});

describe('places', () => {
  test('files that the file names are relative to it, not to the working directory', () => {
    mkdirSync(join(folder, 'etc'));
    write('etc/cert.pem', 'x');
    write('etc/key.pem', 'x');
    write('etc/relay.yaml', 'data: ./here\ntls: { certificate: cert.pem, key: key.pem }\n');
    const config = loadConfig({ file: 'etc/relay.yaml', env: {}, cwd: folder });
    expect(config.file).toBe(join(folder, 'etc/relay.yaml'));
    expect(config.dataDir).toBe(join(folder, 'etc/here'));
    expect(config.tls).toEqual({ certificateFile: join(folder, 'etc/cert.pem'), keyFile: join(folder, 'etc/key.pem') });
  });

  test('a file that was named and is not there stops the start', () => {
    expect(() => loadConfig({ file: 'gone.yaml', env: {}, cwd: folder })).toThrow(/gone.yaml can not be read/);
    expect(() => load(undefined, { STOPGAP_CONFIG: 'gone.yaml' })).toThrow(ConfigError);
  });

  test('a webmail address gets its closing slash', () => {
    const { providers } = load(
      'providers: [{ name: p, domains: [example.org], outgoing: [{ kind: roundcube, url: "https://example.org/mail" }] }]\n',
    );
    expect(providers[0]?.outgoing[0]).toMatchObject({ url: 'https://example.org/mail/' });
  });

  test('a path keeps its id when others come before it', () => {
    const file = (paths: string) => `providers: [{ name: p, domains: [example.org], incoming: [${paths}] }]\n`;
    const one = load(file('{ kind: imap, host: a.example.org }')).providers[0]?.incoming[0]?.id;
    const two = load(file('{ kind: pop3, host: a.example.org }, { kind: imap, host: a.example.org, connections: 9 }')).providers[0]
      ?.incoming[1]?.id;
    expect(two).toBe(one);
  });
});

describe('environment', () => {
  test('wins over the file', () => {
    const config = load('hostname: a.example.org\ndata: ./a\nlog: { level: info }\n', {
      STOPGAP_HOSTNAME: 'b.example.org',
      STOPGAP_DATA: 'b',
      STOPGAP_LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({ hostname: 'b.example.org', dataDir: join(folder, 'b'), log: { level: 'debug' } });
  });

  test('names the file, unless the command line does', () => {
    write('one.yaml', 'hostname: one.example.org\n');
    write('two.yaml', 'hostname: two.example.org\n');
    const env = { STOPGAP_CONFIG: 'one.yaml' };
    expect(load('hostname: zero.example.org\n', env).hostname).toBe('one.example.org');
    expect(loadConfig({ file: 'two.yaml', env, cwd: folder }).hostname).toBe('two.example.org');
  });

  test('set to nothing is not set', () => {
    expect(load('hostname: a.example.org\n', { STOPGAP_HOSTNAME: '', STOPGAP_LOG_LEVEL: '', STOPGAP_CONFIG: '' }).hostname).toBe(
      'a.example.org',
    );
  });

  test('is checked like the file', () => {
    expect(() => load('', { STOPGAP_LOG_LEVEL: 'loud', STOPGAP_HOSTNAME: 'bare' })).toThrow(
      'STOPGAP_HOSTNAME: must be a full host name like relay.example.org, is "bare"\nSTOPGAP_LOG_LEVEL: must be debug or info or warn or error, is "loud"',
    );
  });

  test('brings the key that seals credentials, as text or file, never both', () => {
    write('key', 'first-line\nsecond\n');
    expect(load('', { STOPGAP_KEY: 'k' }).vaultKey?.open()).toBe('k');
    expect(load('', { STOPGAP_KEY_FILE: 'key' }).vaultKey?.open()).toBe('first-line');
    expect(() => load('', { STOPGAP_KEY: 'k', STOPGAP_KEY_FILE: 'key' })).toThrow(/contradicts/);
    expect(() => load('', { STOPGAP_KEY_FILE: 'gone' })).toThrow(/STOPGAP_KEY_FILE can not be read/);
  });
});

describe('secrets', () => {
  test.each([
    ['in the file', 'username: u, password: hunter2', {}],
    ['in a file', 'username: u, passwordFile: pw', {}],
    ['in the environment', 'username: u, passwordEnv: PW', { PW: 'hunter2' }],
  ])('a password %s is read, and the tree does not print it', (_, rest, env) => {
    write('pw', 'hunter2\nnot this\n');
    const config = load(smarthost(rest), env);
    const [path] = config.providers[0]?.outgoing ?? [];
    expect(path?.kind === 'smarthost' ? path.password?.open() : undefined).toBe('hunter2');
    expect(inspect(config, { depth: 20 }) + JSON.stringify(config)).not.toContain('hunter2');
    expect(config.warnings).toEqual([]);
  });

  test('an empty password file stops the start, as does one that is no secret', () => {
    write('pw', '\nhunter2\n');
    expect(() => load(smarthost('username: u, passwordFile: pw'))).toThrow(/empty first line/);
    write('pw', 'x'.repeat(20_000));
    expect(() => load(smarthost('username: u, passwordFile: pw'))).toThrow(/that is no secret/);
  });

  test('a password file that everybody can read is a warning', () => {
    write('pw', 'hunter2\n', 0o644);
    expect(load(smarthost('username: u, passwordFile: pw')).warnings).toEqual([expect.stringContaining('chmod 600')]);
  });
});

describe('warnings', () => {
  test.each([
    ['passwords in clear for the world', 'plaintextAuth: always\nlisten: { submission: 0.0.0.0:587 }\n', /submission can be reached/],
    [
      'a provider that can not send',
      'providers: [{ name: p, domains: [a.org], incoming: [{ kind: imap, host: i.a.org }] }]\n',
      /nothing under outgoing/,
    ],
    [
      'an upstream on this machine',
      'providers: [{ name: p, domains: [a.org], outgoing: [{ kind: smtp, host: 127.0.0.1 }] }]\n',
      /allowPrivateUpstreams/,
    ],
    [
      'an upstream in clear',
      'providers: [{ name: p, domains: [a.org], outgoing: [{ kind: smtp, host: s.a.org, security: none }] }]\n',
      /is none/,
    ],
    [
      'a webmail in clear',
      'providers: [{ name: p, domains: [a.org], outgoing: [{ kind: roundcube, url: "http://w.a.org" }] }]\n',
      /is http/,
    ],
    [
      'a port of the other kind',
      'providers: [{ name: p, domains: [a.org], outgoing: [{ kind: smtp, host: s.a.org, port: 465 }] }]\n',
      /port 465 with/,
    ],
    ['a port to tell of a shut door', 'listen: { imap: false }\nclients: { imap: 143, pop3: false }\n', /nobody is told of it/],
    ['a domain without its end', 'providers: [{ name: p, domains: [example], outgoing: [{ kind: smtp, host: s.a.org }] }]\n', /has no dot/],
  ])('%s', (_, yaml, sentence) => {
    const { warnings } = load(`hostname: r.example.org\n${yaml}`);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(sentence);
    expect(warnings[0]).toMatch(/stopgap.yaml:\d+: /);
  });
});

test('an alias bomb is refused', () => {
  const levels = Array.from(
    { length: 12 },
    (_, n) => `a${n}: &a${n} [${Array.from({ length: 10 }, () => (n === 0 ? 'x' : `*a${n - 1}`)).join(', ')}]`,
  );
  expect(() => load(`${levels.join('\n')}\n`)).toThrow(ConfigError);
});

test('a file too large to be a configuration is refused unread', () => {
  expect(() => load(`# ${'x'.repeat(1_100_000)}\n`)).toThrow(/that is no configuration/);
});
