import { FakeClock } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import { createAlignment, type DnsResolver } from './alignment.ts';

const SMARTHOST = 'smtp.other.test';
const QUESTION = { authorDomain: 'provider.test', sender: 'alice@provider.test', smarthost: SMARTHOST };

/** What is not there answers ENOTFOUND; a string is the code of the failure. `hang` never answers. */
type Zone = Readonly<Record<string, readonly string[] | string>>;

function open(zone: Zone) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const zones = { now: zone };
  const resolve: DnsResolver = async (name, type) => {
    asked.push(`${name} ${type}`);
    const found = zones.now[`${name} ${type}`] ?? 'ENOTFOUND';
    if (found === 'hang') return new Promise(() => undefined);
    if (typeof found === 'string') throw Object.assign(new Error(`query ${found}`), { code: found });
    return type === 'TXT' ? found.map((text) => [text]) : [...found];
  };
  const alignment = createAlignment({ clock, dnsServers: [], resolve });
  const check = async (change: Partial<typeof QUESTION> = {}) => (await alignment.check({ ...QUESTION, ...change })).kind;
  return { clock, asked, zones, alignment, check };
}

const dmarc = (policy: string, domain = 'provider.test'): Zone => ({ [`_dmarc.${domain} TXT`]: [`v=DMARC1; ${policy}`] });
const addresses: Zone = { [`${SMARTHOST} A`]: ['203.0.113.5'] };
const spf = (record: string, domain = 'provider.test'): Zone => ({ [`${domain} TXT`]: [`v=spf1 ${record}`] });

describe('mail of a domain', () => {
  test.each<readonly [string, Zone, string]>([
    ['without a DMARC record may leave', {}, 'may-leave'],
    ['with p=none may leave', dmarc('p=none'), 'may-leave'],
    ['with p=reject and no SPF would be refused', { ...dmarc('p=reject'), ...addresses }, 'would-be-refused'],
    [
      'with p=quarantine and SPF of other servers would be refused',
      { ...dmarc('p=quarantine'), ...addresses, ...spf('ip4:198.51.100.0/24 -all') },
      'would-be-refused',
    ],
    [
      'with p=reject and SPF with the smarthost may leave',
      { ...dmarc('p=reject'), ...addresses, ...spf('ip4:203.0.113.0/24 -all') },
      'may-leave',
    ],
    [
      'with SPF of one of two addresses of the smarthost would be refused',
      { ...dmarc('p=reject'), [`${SMARTHOST} A`]: ['203.0.113.5', '198.51.100.9'], ...spf('ip4:203.0.113.0/24 -all') },
      'would-be-refused',
    ],
    [
      'with SPF of its IPv4 but not its IPv6 address would be refused',
      { ...dmarc('p=reject'), ...addresses, [`${SMARTHOST} AAAA`]: ['2606:4700::1'], ...spf('ip4:203.0.113.0/24 -all') },
      'would-be-refused',
    ],
    [
      'whose SPF includes the smarthost may leave',
      { ...dmarc('p=reject'), ...addresses, ...spf('include:_spf.other.test -all'), ...spf('ip4:203.0.113.5 -all', '_spf.other.test') },
      'may-leave',
    ],
    ['with a smarthost that has no address would be refused', { ...dmarc('p=reject'), ...spf('+all') }, 'would-be-refused'],
    ['whose SPF says softfail would be refused', { ...dmarc('p=reject'), ...addresses, ...spf('~all') }, 'would-be-refused'],
    ['whose SPF is broken would be refused', { ...dmarc('p=reject'), ...addresses, ...spf('ip4:nonsense -all') }, 'would-be-refused'],
    ['whose DMARC record is no record may leave', { '_dmarc.provider.test TXT': ['hello'] }, 'may-leave'],
    ['whose DMARC look-up fails is unknown', { '_dmarc.provider.test TXT': 'ESERVFAIL' }, 'unknown'],
    ['whose DMARC look-up times out is unknown', { '_dmarc.provider.test TXT': 'ETIMEOUT' }, 'unknown'],
    ['whose SPF look-up fails is unknown', { ...dmarc('p=reject'), ...addresses, 'provider.test TXT': 'ESERVFAIL' }, 'unknown'],
    ['with a smarthost whose look-up fails is unknown', { ...dmarc('p=reject'), [`${SMARTHOST} A`]: 'ESERVFAIL' }, 'unknown'],
  ])('%s', async (_, zone, verdict) => {
    expect(await open(zone).check()).toBe(verdict);
  });

  test('below another obeys its sp=', async () => {
    const authorDomain = 'sub.provider.test';
    const exists: Zone = { 'sub.provider.test A': ['198.51.100.1'] };
    expect(await open({ ...dmarc('p=reject; sp=none'), ...addresses, ...exists }).check({ authorDomain })).toBe('may-leave');
    expect(await open({ ...dmarc('p=none; sp=reject'), ...addresses, ...exists }).check({ authorDomain })).toBe('would-be-refused');
    expect(await open({ ...dmarc('p=none; sp=reject'), ...addresses }).check()).toBe('may-leave');
  });

  test('whose sender is of another domain would be refused, though SPF passes there', async () => {
    const zone = { ...dmarc('p=reject'), ...addresses, ...spf('ip4:203.0.113.5 -all', 'elsewhere.test') };
    expect(await open(zone).check({ sender: 'x@elsewhere.test' })).toBe('would-be-refused');
  });

  test('aligns with a sender below it, unless it asks for the very same domain', async () => {
    const zone = { ...addresses, ...spf('ip4:203.0.113.5 -all', 'bounce.provider.test') };
    const sender = 'x@bounce.provider.test';
    expect(await open({ ...zone, ...dmarc('p=reject') }).check({ sender })).toBe('may-leave');
    expect(await open({ ...zone, ...dmarc('p=reject; aspf=s') }).check({ sender })).toBe('would-be-refused');
  });

  test('is judged by the address where the smarthost is written as one', async () => {
    const zone = { ...dmarc('p=reject'), ...spf('ip4:203.0.113.5 ip6:2606:4700::/32 -all') };
    expect(await open(zone).check({ smarthost: '203.0.113.5' })).toBe('may-leave');
    expect(await open(zone).check({ smarthost: '2606:4700::1' })).toBe('may-leave');
    expect(await open(zone).check({ smarthost: '203.0.113.6' })).toBe('would-be-refused');
  });

  test('whose DNS never answers is unknown within the limit', async () => {
    const { clock, check } = open({ '_dmarc.provider.test TXT': 'hang' });
    const verdict = check();
    await clock.advance(60_000);
    expect(await verdict).toBe('unknown');
  });

  test('is explained in a sentence that names policy and smarthost', async () => {
    const { alignment } = open({ ...dmarc('p=reject'), ...addresses });
    expect(await alignment.check(QUESTION)).toMatchObject({
      why: expect.stringMatching(/provider\.test tells receivers to reject .* smtp\.other\.test/),
    });
  });
});

describe('a verdict', () => {
  test('is kept for an hour, for that domain, sender and smarthost', async () => {
    const { asked, zones, clock, check } = open({ ...dmarc('p=reject'), ...addresses });
    expect(await check()).toBe('would-be-refused');
    const count = asked.length;
    zones.now = {};
    expect(await check({ sender: 'bob@PROVIDER.test' })).toBe('would-be-refused');
    expect(asked).toHaveLength(count);
    expect(await check({ authorDomain: 'other.test' })).toBe('may-leave');
    expect(asked.length).toBeGreaterThan(count);
    await clock.advance(3_600_000);
    expect(await check()).toBe('may-leave');
  });

  test('that could not be known is asked again', async () => {
    const { zones, check } = open({ '_dmarc.provider.test TXT': 'ESERVFAIL' });
    expect(await check()).toBe('unknown');
    zones.now = dmarc('p=none');
    expect(await check()).toBe('may-leave');
  });
});
