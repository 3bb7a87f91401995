import { readFileSync } from 'node:fs';
import { asId, type Provider } from '@stopgap/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBench, type Bench } from '../test-bench.ts';
import { autoconfigXml } from './autoconfig.ts';
import { clientServers, type ClientServer } from './servers.ts';
import { srvRecords } from './srv-records.ts';
import { elementAt, parseXml, textAt, type XmlElement } from './xml.ts';

/** Every door on a port of its own; POP3 without TLS is not told, and IMAP is reached by another port. */
const OPEN = {
  submission: { host: '0.0.0.0', port: 587 },
  submissions: { host: '0.0.0.0', port: 465 },
  imap: { host: '0.0.0.0', port: 143 },
  imaps: { host: '0.0.0.0', port: 2993 },
  pop3: { host: '0.0.0.0', port: 110 },
  pop3s: { host: '0.0.0.0', port: 995 },
};
const SERVERS = clientServers(OPEN, { hostname: 'mail.example.org', ports: { imaps: 993, pop3: false } });
const PROVIDERS: readonly Provider[] = [
  {
    name: asId.provider('test'),
    domains: ['provider.test', 'zweite.test'],
    login: 'address',
    incoming: [],
    outgoing: [],
    probe: { everyMs: 1, timeoutMs: 1, downAfter: 1, upAfter: 1 },
  },
];

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ clientServers: SERVERS, providers: PROVIDERS });
});
afterAll(() => bench[Symbol.asyncDispose]());

function golden(name: string): string {
  return readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');
}

async function told(
  path: string,
  init?: RequestInit,
): Promise<{ readonly text: string; readonly xml: XmlElement; readonly headers: Headers }> {
  const answer = await bench.ask(path, init);
  expect(answer.status).toBe(200);
  const text = await answer.text();
  const xml = parseXml(text);
  if (xml === undefined) throw new Error(`this is not well-formed: ${text}`);
  return { text, xml, headers: answer.headers };
}

function autodiscover(path: string, body: string): Promise<{ readonly text: string; readonly xml: XmlElement }> {
  return told(path, { method: 'POST', body, headers: { 'content-type': 'text/xml' } });
}

const question = (address: string, schema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a'): string =>
  `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>${schema}</AcceptableResponseSchema></Request>
</Autodiscover>`;

/** What is allowed in front of an @, and means something in XML. */
const HOSTILE = `o'neil&co{}@provider.test`;

describe('the servers that are told', () => {
  test('are those that are open, best first, by the ports that lead to them', () => {
    expect(SERVERS.map(({ door, port }) => [door, port])).toEqual([
      ['imaps', 993],
      ['imap', 143],
      ['pop3s', 995],
      ['submissions', 465],
      ['submission', 587],
    ]);
    expect(clientServers({ imap: false }, { hostname: 'x.test', ports: { imap: 143, imaps: 993 } })).toEqual([]);
  });
});

describe('autoconfig', () => {
  test.each(['/.well-known/autoconfig/mail/config-v1.1.xml', '/mail/config-v1.1.xml'])('%s is the golden file', async (path) => {
    const { text, headers } = await told(path);
    expect(text).toBe(golden('autoconfig.xml'));
    expect(headers.get('content-type')).toBe('text/xml; charset=utf-8');
  });

  test('where an address is given, only its domain is named', async () => {
    const { xml } = await told('/mail/config-v1.1.xml?emailaddress=Alice%40Zweite.test');
    expect(elementAt(xml, 'emailProvider')?.children.filter(({ name }) => name === 'domain')).toMatchObject([{ text: 'zweite.test' }]);
  });

  test.each([
    ['bob@elsewhere.test', 404],
    ['bob@sub.provider.test', 404],
    ['bob@provider.test@elsewhere.test', 400],
    ['nobody', 400],
    ['', 400],
    ['<x>@provider.test', 400],
  ])('%s gets nothing', async (address, status) => {
    for (const path of ['/mail/config-v1.1.xml?emailaddress=', '/apple.mobileconfig?email=']) {
      expect((await bench.ask(path + encodeURIComponent(address))).status).toBe(status);
    }
  });
});

test('names are told as programs check them: Thunderbird throws away a file whose names are not ASCII', () => {
  const xml = parseXml(autoconfigXml({ servers: SERVERS, hostname: 'grüße.test', domains: ['grüße.test', 'provider.test'] }));
  const provider = elementAt(xml, 'emailProvider');
  const domains = provider?.children.filter(({ name }) => name === 'domain').map(({ text }) => text);
  expect([provider?.attributes['id'], domains]).toEqual(['xn--gre-6ka8l.test', ['xn--gre-6ka8l.test', 'provider.test']]);
});

test('where only STARTTLS is open, each program is told so in its own words', async () => {
  const starttls = SERVERS.filter(({ security }) => security === 'starttls');
  await using open = await startBench({ clientServers: starttls, providers: PROVIDERS });
  const textOf = async (path: string, init?: RequestInit): Promise<string> => (await open.ask(path, init)).text();
  const outlook = parseXml(await textOf('/autodiscover/autodiscover.xml', { method: 'POST', body: question('alice@provider.test') }));
  const protocols = elementAt(outlook, 'Response', 'Account')?.children.filter(({ name }) => name === 'Protocol') ?? [];
  const words = protocols.map((one) => ['Type', 'Port', 'SSL', 'Encryption'].map((name) => textAt(one, name)));
  expect(words).toEqual([
    ['IMAP', '143', 'off', 'TLS'],
    ['SMTP', '587', 'off', 'TLS'],
  ]);
  const thunderbird = parseXml(await textOf('/mail/config-v1.1.xml'));
  const servers = elementAt(thunderbird, 'emailProvider')?.children.filter(({ name }) => name.endsWith('Server')) ?? [];
  expect(servers.map((one) => [textAt(one, 'port'), textAt(one, 'socketType')])).toEqual([
    ['143', 'STARTTLS'],
    ['587', 'STARTTLS'],
  ]);
  // Mail does STARTTLS where UseSSL meets one of its ports; without it, it would go in clear.
  const profile = await textOf('/apple.mobileconfig?email=alice%40provider.test');
  for (const [direction, port] of [
    ['Incoming', 143],
    ['Outgoing', 587],
  ] as const) {
    expect(profile).toMatch(new RegExp(`<key>${direction}MailServerPortNumber</key>\\s*<integer>${port}</integer>`));
    expect(profile).toMatch(new RegExp(`<key>${direction}MailServerUseSSL</key>\\s*<true/>`));
  }
});

describe('Autodiscover', () => {
  test.each(['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml', '/AutoDiscover/AUTODISCOVER.XML'])(
    '%s is the golden file',
    async (path) => {
      expect((await autodiscover(path, question('alice@provider.test'))).text).toBe(golden('autodiscover.xml'));
    },
  );

  test('an address keeps its characters and changes nothing around it', async () => {
    const { xml } = await autodiscover('/autodiscover/autodiscover.xml', question(HOSTILE.replace('&', '&amp;')));
    const protocols = elementAt(xml, 'Response', 'Account')?.children.filter(({ name }) => name === 'Protocol') ?? [];
    expect(protocols.map((one) => textAt(one, 'LoginName'))).toEqual([HOSTILE, HOSTILE, HOSTILE]);
  });

  test.each([
    ['another domain', question('bob@elsewhere.test'), '500'],
    ['no address', question(''), '600'],
    ['what is no XML', 'EMailAddress=alice@provider.test', '600'],
    ['an element that is not closed', '<Autodiscover><Request><EMailAddress>alice@provider.test</EMailAddress>', '600'],
    ['an entity of its own', `<!DOCTYPE x [<!ENTITY a "alice@provider.test">]>${question('&a;').slice(38)}`, '600'],
    ['a file of ours', `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${question('&a;').slice(38)}`, '600'],
    ['too deep', '<a>'.repeat(5000), '600'],
    [
      'ActiveSync',
      question('alice@provider.test', 'http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006'),
      '601',
    ],
  ])('%s gets an error that Outlook understands', async (_, body, code) => {
    const { xml, text } = await autodiscover('/autodiscover/autodiscover.xml', body);
    expect(textAt(xml, 'Response', 'Error', 'ErrorCode')).toBe(code);
    expect(text).not.toContain('root:');
  });

  test('a body without end is refused', async () => {
    const answer = await bench.ask('/autodiscover/autodiscover.xml', { method: 'POST', body: 'x'.repeat(20_000) });
    expect(answer.status).toBe(413);
  });
});

describe('the profile for Apple', () => {
  test('is the golden file, to be saved, without a password', async () => {
    const { text, headers } = await told('/apple.mobileconfig?email=alice%40provider.test');
    expect(text).toBe(golden('apple.mobileconfig'));
    expect(headers.get('content-type')).toBe('application/x-apple-aspen-config');
    expect(headers.get('content-disposition')).toContain('attachment');
  });

  test('an address has the same identifiers each time, another one has others', async () => {
    const uuids = async (address: string): Promise<string[]> =>
      [
        ...(await told(`/apple.mobileconfig?email=${encodeURIComponent(address)}`)).text.matchAll(
          /[\dA-F]{8}-[\dA-F]{4}-5[\dA-F]{3}-[89AB][\dA-F]{3}-[\dA-F]{12}/g,
        ),
      ].map(([uuid]) => uuid);
    const first = await uuids('alice@provider.test');
    expect(new Set(first).size).toBe(2);
    expect(await uuids('Alice@Provider.test')).toEqual(first);
    expect((await uuids('bob@provider.test')).some((uuid) => first.includes(uuid))).toBe(false);
  });

  test('an address keeps its characters and changes nothing around it', async () => {
    const { xml } = await told(`/apple.mobileconfig?email=${encodeURIComponent(HOSTILE)}`);
    const mail = elementAt(xml, 'dict', 'array', 'dict')?.children ?? [];
    const after = (key: string): string | undefined => mail[mail.findIndex(({ text }) => text === key) + 1]?.text;
    expect(after('EmailAddress')).toBe(HOSTILE);
    expect(after('OutgoingMailServerUsername')).toBe(HOSTILE);
  });
});

test('records for the name server: the golden file; what is shut is said to be absent', () => {
  const records = srvRecords(SERVERS, { hostname: 'relay.example.org', domains: ['provider.test', 'grüße.test'] });
  expect(records).toBe(golden('srv.txt'));
  expect(records).toContain('_pop3._tcp.provider.test. 3600 IN SRV 0 0 0 .');
});

test('a relay without open doors for mail tells nothing', async () => {
  await using shut = await startBench({ clientServers: [], providers: PROVIDERS });
  for (const path of ['/mail/config-v1.1.xml', '/apple.mobileconfig?email=alice%40provider.test'])
    expect((await shut.ask(path)).status).toBe(404);
  expect(await (await shut.ask('/api/client-setup')).json()).toMatchObject({ servers: [] satisfies ClientServer[] });
});
