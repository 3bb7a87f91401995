import type { IncomingMessage } from 'node:http';
import { MailError } from '@stopgap/core';
import { createGuard } from '@stopgap/upstreams';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startBench, type Bench } from '../test-bench.ts';
import { newSetupCode } from './admission.ts';
import { readProviderFile } from './proposals/provider-autoconfig.ts';
import { propose } from './proposals/propose.ts';
import type { Dns } from './proposals/dns.ts';
import type { Applied, FirstSteps, SetupDeps } from './setup-deps.ts';

const CODE = newSetupCode();
const IMAP = { kind: 'imap', host: 'imap.example.org', port: 993, security: 'tls' } as const;
const FIRST = {
  provider: { name: 'example', domains: ['example.org'], login: 'address', incoming: [IMAP], outgoing: [] },
  account: { address: 'alice@example.org', password: 'secret', unverified: false },
};

let bench: Bench;
let applied: FirstSteps[];
let isDone: boolean;
let next: Applied | Error;

const setup: SetupDeps = {
  code: CODE,
  file: '/etc/stopgap.yaml',
  hostname: 'relay.example.org',
  allowPrivate: false,
  propose: async (address) => ({
    name: 'example',
    domain: address.slice(address.indexOf('@') + 1),
    login: 'address',
    incoming: [],
    outgoing: [],
  }),
  probe: async () => ({ kind: 'failed', reason: { class: 'connect', text: 'nobody answers' } }),
  async apply(first) {
    applied.push(first);
    if (next instanceof Error) throw next;
    return next;
  },
  done() {
    isDone = true;
  },
};

beforeAll(async () => {
  bench = await startBench({ setup });
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(() => {
  applied = [];
  isDone = false;
  next = { kind: 'added', state: 'active' };
});

/** As a browser does that is on this machine, unless `from` or the headers say otherwise. */
function ask(
  path: string,
  { body, from = '127.0.0.1', host = '127.0.0.1:2080', headers = {}, httpVersion = '1.1' }: Asked = {},
): Promise<Response> {
  const incoming = { socket: { remoteAddress: from }, httpVersion } as IncomingMessage;
  const init = {
    headers: { host, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  };
  return Promise.resolve(bench.api.app.request(`http://${host}${path}`, init, { incoming }));
}
interface Asked {
  readonly body?: unknown;
  readonly from?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly httpVersion?: string;
}

describe('who may set the relay up', () => {
  test('a browser on this machine', async () => {
    const answer = await ask('/api/setup');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ file: '/etc/stopgap.yaml', hostname: 'relay.example.org', allowPrivate: false });
    expect((await ask('/api/setup', { host: '[::1]:2080', from: '::1' })).status).toBe(200);
  });

  test.each<[string, Asked]>([
    ['another machine', { from: '192.0.2.7', host: 'relay.example.org' }],
    ['another machine that names this one', { from: '192.0.2.7' }],
    ['a name that leads here (DNS rebinding)', { host: 'evil.example:2080' }],
    ['what a proxy on this machine hands on', { headers: { 'x-forwarded-for': '192.0.2.7' } }],
    ['a proxy that names itself only', { headers: { via: '1.1 proxy' } }],
    ['a proxy that hides who asks, as nginx does by itself', { httpVersion: '1.0' }],
    ['a wrong code', { from: '192.0.2.7', headers: { 'x-stopgap-setup': newSetupCode() } }],
    ['an empty code', { from: '192.0.2.7', headers: { 'x-stopgap-setup': '' } }],
  ])('not %s without the code, and yes with it', async (_, asked) => {
    for (const [path, body] of [
      ['/api/setup', undefined],
      ['/api/setup', FIRST],
      ['/api/setup/probe', { direction: 'incoming', path: IMAP }],
    ] as const) {
      const refused = await ask(path, { ...asked, body });
      expect(refused.status).toBe(403);
      expect(await refused.json()).toMatchObject({ type: 'urn:stopgap:setup-code' });
    }
    expect(applied).toEqual([]);
    const headers = { ...asked.headers, 'x-stopgap-setup': CODE.toUpperCase().replaceAll('-', ' ') };
    expect((await ask('/api/setup', { ...asked, headers })).status).toBe(200);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['a foreign page by Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
  ])('no page of another site: %s', async (_, headers) => {
    for (const body of [undefined, FIRST]) expect((await ask('/api/setup', { body, headers })).status).toBe(403);
    expect(applied).toEqual([]);
  });

  test('no form: what is not JSON is not read', async () => {
    const answer = await ask('/api/setup', { body: FIRST, headers: { 'content-type': 'text/plain', origin: 'http://127.0.0.1:2080' } });
    expect(answer.status).toBe(415);
    expect(applied).toEqual([]);
  });

  test('nobody, where a provider is configured', async () => {
    await using configured = await startBench();
    for (const path of ['/api/setup', '/api/setup/probe', '/api/setup/proposals']) {
      expect((await configured.ask(path, { headers: { 'x-stopgap-setup': CODE } })).status).toBe(404);
    }
  });

  test('codes are twenty letters and digits that can be read aloud, another one each time', () => {
    const codes = Array.from({ length: 50 }, newSetupCode);
    expect(new Set(codes).size).toBe(50);
    for (const code of codes) expect(code).toMatch(/^(?:[a-hjkmnp-z02-9]{5}-){3}[a-hjkmnp-z02-9]{5}$/);
  });
});

describe('the steps', () => {
  test('a path is asked, and what came of it is told', async () => {
    const answer = await ask('/api/setup/probe', { body: { direction: 'incoming', path: IMAP } });
    expect(await answer.json()).toEqual({ answered: false, class: 'connect', reason: 'nobody answers' });
  });

  test('the last step hands everything on, and the relay goes on when the answer has left', async () => {
    const answer = await ask('/api/setup', { body: FIRST });
    expect(await answer.json()).toEqual({ state: 'active' });
    expect(applied[0]?.account.password.open()).toBe('secret');
    expect(applied[0]?.provider).toEqual(FIRST.provider);
    await expect.poll(() => isDone).toBe(true);
  });

  test('a browser that has left does not keep the relay from going on', async () => {
    const env = { incoming: { socket: { remoteAddress: '127.0.0.1' } }, outgoing: { destroyed: true, once: () => undefined } };
    const headers = { host: '127.0.0.1:2080', 'content-type': 'application/json' };
    await bench.api.app.request('http://127.0.0.1:2080/api/setup', { method: 'POST', headers, body: JSON.stringify(FIRST) }, env);
    await expect.poll(() => isDone).toBe(true);
  });

  test.each<[Applied | Error, number, string]>([
    [{ kind: 'refused', reason: { class: 'auth', text: 'no' } }, 422, 'urn:stopgap:setup-refused'],
    [{ kind: 'undecided', reason: { class: 'connect', text: 'down' } }, 503, 'urn:stopgap:setup-undecided'],
    [{ kind: 'not-written', why: 'read-only', text: 'providers: ...' }, 500, 'urn:stopgap:setup-not-written'],
    [new MailError('permanent', 'host must be a name', { code: 'config' }), 422, ''],
    [new Error('secret words'), 500, ''],
  ])('%o leaves the relay as it is', async (outcome, status, type) => {
    next = outcome;
    const answer = await ask('/api/setup', { body: FIRST });
    expect(answer.status).toBe(status);
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(problem['type'] ?? '').toBe(type);
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(isDone).toBe(false);
  });

  test.each<[string, unknown]>([
    ['a file as authority', { ...FIRST, provider: { ...FIRST.provider, incoming: [{ ...IMAP, caFile: '/etc/passwd' }] } }],
    [
      'a file as password',
      { ...FIRST, provider: { ...FIRST.provider, outgoing: [{ kind: 'smarthost', host: 'x.test', passwordFile: '/etc/passwd' }] } },
    ],
    ['further keys of the configuration', { ...FIRST, allowPrivateUpstreams: true }],
    ['a provider with settings of its own', { ...FIRST, provider: { ...FIRST.provider, probe: {} } }],
    ['no address', { ...FIRST, account: { ...FIRST.account, address: 'alice' } }],
    ['eleven paths', { ...FIRST, provider: { ...FIRST.provider, incoming: Array.from({ length: 11 }, () => IMAP) } }],
    ['nothing', {}],
  ])('%s is not understood', async (_, body) => {
    expect((await ask('/api/setup', { body })).status).toBe(400);
    expect(applied).toEqual([]);
  });
});

const NO_DNS: Dns = { resolveSrv: () => Promise.reject(new Error('none')), resolveMx: () => Promise.reject(new Error('none')) };
/** Every name leads to this machine: nothing may be asked. */
const guard = createGuard({ allowPrivate: false, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
const proposed = (address: string, dns: Partial<Dns> = {}) =>
  propose(address, { guard, dns: { ...NO_DNS, ...dns }, signal: AbortSignal.timeout(15_000) });

describe('proposals', () => {
  test('a provider that is known here', async () => {
    const proposal = await proposed('alice@gmx.de');
    expect(proposal).toMatchObject({ name: 'gmx', hint: 'switch-on', outgoing: [{ host: 'mail.gmx.net', source: 'preset' }] });
    expect(proposal.incoming.map(({ kind }) => kind)).toEqual(['imap', 'pop3']);
  });

  test('what the DNS says, the best first, and what it says there is not', async () => {
    const records: Readonly<Record<string, readonly [string, number, number][]>> = {
      '_imaps._tcp.example.org': [
        ['b.example.org', 993, 10],
        ['A.example.org.', 1993, 0],
      ],
      '_pop3s._tcp.example.org': [['', 0, 0]],
      '_submissions._tcp.example.org': [['out.example.org', 465, 0]],
      '_jmap._tcp.example.org': [['jmap.example.org', 443, 0]],
    };
    const { incoming, outgoing } = await proposed('alice@Example.org', {
      resolveSrv: async (name) => (records[name] ?? []).map(([target, port, priority]) => ({ name: target, port, priority, weight: 1 })),
    });
    expect(incoming).toEqual([
      { kind: 'imap', host: 'a.example.org', port: 1993, security: 'tls', source: 'dns' },
      { kind: 'jmap', url: 'https://jmap.example.org/.well-known/jmap', source: 'dns' },
      { kind: 'roundcube', url: 'https://webmail.example.org/', source: 'guess' },
    ]);
    expect(outgoing[0]).toEqual({ kind: 'smtp', host: 'out.example.org', port: 465, security: 'tls', source: 'dns' });
  });

  test('a domain of one’s own at a provider that is known, by its mail servers', async () => {
    const { name, incoming } = await proposed('alice@example.org', {
      resolveMx: async () => [{ exchange: 'smtpin.rzone.de', priority: 5 }],
    });
    expect([name, incoming[0]]).toEqual(['strato', { kind: 'imap', host: 'imap.strato.de', port: 993, security: 'tls', source: 'preset' }]);
  });

  test('nothing known: what is usual, called a guess', async () => {
    const { incoming, outgoing } = await proposed('alice@grüße.test');
    expect(incoming.map((path) => ('host' in path ? path.host : path.url))).toEqual([
      'imap.xn--gre-6ka8l.test',
      'mail.xn--gre-6ka8l.test',
      'https://webmail.xn--gre-6ka8l.test/',
    ]);
    expect([...incoming, ...outgoing].every(({ source }) => source === 'guess')).toBe(true);
  });
});

describe('the file of a provider', () => {
  const file = (servers: string): string => `<clientConfig version="1.1"><emailProvider id="example.org">${servers}</emailProvider>
    <webMail><loginPage url="https://mail.example.org/roundcube/"/></webMail></clientConfig>`;
  const server = (type: string, more = ''): string =>
    `<${type === 'smtp' ? 'outgoing' : 'incoming'}Server type="${type}"><hostname>${type}.%EMAILDOMAIN%</hostname><port>993</port><socketType>SSL</socketType>
     <username>%EMAILLOCALPART%</username>${more}</${type === 'smtp' ? 'outgoing' : 'incoming'}Server>`;

  test('names servers, the form of the user name and the webmail', () => {
    expect(readProviderFile(file(server('imap') + server('smtp')), 'alice@example.org')).toEqual({
      login: 'localpart',
      incoming: [{ kind: 'imap', host: 'imap.example.org', port: 993, security: 'tls' }],
      outgoing: [{ kind: 'smtp', host: 'smtp.example.org', port: 993, security: 'tls' }],
      webmails: ['https://mail.example.org/roundcube/'],
    });
  });

  test.each<[string, string]>([
    ['a page instead of a file', '<!doctype html><html><p>Not found<br></html>'],
    ['only servers in clear', file(server('imap').replace('SSL', 'plain'))],
    ['a protocol that is not spoken here', file(server('exchange'))],
    ['a port that is none', file(server('imap').replace('993', '99999'))],
    ['nothing', ''],
  ])('%s is none', (_, text) => {
    expect(readProviderFile(text, 'alice@example.org')).toBeUndefined();
  });
});
