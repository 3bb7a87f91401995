import { afterEach, beforeEach, expect, test } from 'vitest';
import { asId, pathIdOf, type Outage, type PathHealth, type PathState, type Provider } from '@stopgap/core';
import { startBench, type Bench } from '../test-bench.ts';
import { statusPage } from './page.ts';

const HOUR = 60 * 60_000;
const NAME = asId.provider('<b>acme</b>');
const SMTP = pathIdOf('acme', 'outgoing', 'smtp', 'smtp.acme.test:587');
const IMAP = pathIdOf('acme', 'incoming', 'imap', 'imap.acme.test:993');
const path = (id: Outage['path'], kind: 'smtp' | 'imap', direction: 'incoming' | 'outgoing') =>
  ({ id, provider: NAME, direction, kind, host: `${kind}.acme.test`, port: 1, security: 'tls', connections: 1 }) as const;
const provider: Provider = {
  name: NAME,
  domains: ['acme.test'],
  login: 'address',
  incoming: [path(IMAP, 'imap', 'incoming')],
  outgoing: [path(SMTP, 'smtp', 'outgoing')],
  probe: { everyMs: 1, timeoutMs: 1, downAfter: 1, upAfter: 1 },
};
/** A provider's own words may name a person. */
const reason = { class: 'connect' as const, text: 'alice@acme.test is not known at smtp.acme.test' };

let bench: Bench;
let outages: Outage[];
/** Of the IMAP path. */
let watchedSinceMs: number | undefined;
const states = new Map<Outage['path'], PathState>();
beforeEach(async () => {
  outages = [];
  watchedSinceMs = 0;
  states.clear();
  bench = await startBench({
    providers: [provider],
    board: {
      health: (id): PathHealth =>
        id === SMTP
          ? { path: id, state: 'down', sinceMs: outages[0]?.startMs ?? 0, reason, watchedSinceMs: 0 }
          : { path: id, state: states.get(id) ?? 'up', sinceMs: 0, ...(watchedSinceMs === undefined ? {} : { watchedSinceMs }) },
      outages: (sinceMs) => outages.filter(({ endMs }) => endMs === undefined || endMs > sinceMs),
      onChange: () => () => undefined,
    },
  });
  const now = bench.clock.nowMs();
  outages.push({ path: SMTP, startMs: now - 2 * HOUR, reason }, { path: SMTP, startMs: now - 50 * HOUR, endMs: now - 49 * HOUR, reason });
});
afterEach(() => bench[Symbol.asyncDispose]());

const get = (url: string, language = 'en') => bench.ask(url, { headers: { 'accept-language': language, host: 'relay.example.org' } });

test('the page tells each path, since when, why, and the last seven days, without script and in little room', async () => {
  const answer = await get('/status');
  const page = await answer.text();
  expect(page).toContain(
    'Sending by SMTP <b class="down">is down</b> since <time datetime="2025-12-31T22:00:00.000Z">2025-12-31 22:00 UTC</time> (no connection)',
  );
  expect(page).toContain('Reading by IMAP <b class="up">works</b>');
  expect(page).toContain('aria-label="down 2 times in seven days"');
  expect(page).toContain('<path class="o" d="M118 0h1.0v4h-1.0zM166 0h2.0v4h-2.0z"/>');
  expect(Buffer.byteLength(page)).toBeLessThan(15_000);
  expect(page).not.toContain('<script');
  expect(page).not.toContain('http-equiv');
  expect(page).toContain('&lt;b&gt;acme&lt;/b&gt;');
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
});

test('of the time before a path was watched nothing is claimed', async () => {
  watchedSinceMs = bench.clock.nowMs() - 12 * HOUR;
  expect(await (await get('/status')).text()).toContain(
    'aria-label="no outage since 2025-12-31 12:00 UTC"><rect class="t" x="156" width="12.0" height="4"/></svg>',
  );
  expect(await (await get('/status.json')).json()).toMatchObject({
    providers: [{ paths: [{ watchedSince: '2025-12-31T12:00:00.000Z' }, { watchedSince: '1970-01-01T00:00:00.000Z' }] }],
  });
  watchedSinceMs = undefined;
  states.set(IMAP, 'unknown');
  expect(await (await get('/status')).text()).toContain('aria-label="not known yet"></svg>');
  expect(await (await get('/status.json')).json()).toMatchObject({ providers: [{ paths: [{ watchedSince: null }, {}] }] });
});

test('a week in which a path came and went all the time makes no large page', async () => {
  const now = bench.clock.nowMs();
  outages.length = 0;
  for (let hours = 167; hours > 0; hours -= 0.5) {
    for (const id of [SMTP, IMAP]) outages.push({ path: id, startMs: now - hours * HOUR, endMs: now - (hours - 0.2) * HOUR, reason });
  }
  const page = await (await get('/status')).text();
  expect(Buffer.byteLength(page)).toBeLessThan(15_000);
  expect(page).toContain('aria-label="down 334 times in seven days"');
  for (let at = 0; at < outages.length; at += 4) outages.splice(at, 2);
  expect(Buffer.byteLength(await (await get('/status')).text())).toBeLessThan(15_000);
});

test('many paths that come and go, of several providers, make no large page either; each still shows that it was down', () => {
  const nowMs = bench.clock.nowMs();
  const hours = Array.from({ length: 84 }, (_, index) => 167 - index * 2);
  const flapping = hours.map((ago): Outage => ({ path: SMTP, startMs: nowMs - ago * HOUR, endMs: nowMs - (ago - 1) * HOUR, reason }));
  const kind = { direction: 'outgoing', kind: 'smtp' } as const;
  const down = { ...kind, state: 'down', sinceMs: nowMs, reason: 'connect', watchedSinceMs: 0, outages: flapping } as const;
  const names = Array.from({ length: 5 }, (_, index) => `provider${index}`);
  const page = statusPage(
    {
      nowMs,
      providers: names.map((name) => ({ name, paths: [down, down, down, down] })),
      outages: names.flatMap((name) => flapping.map((outage) => ({ ...outage, ...kind, provider: name }))),
    },
    'de',
  );
  expect(Buffer.byteLength(page)).toBeLessThan(15_000);
  expect([...page.matchAll(/<path class="o" d="M[^"]+"/g)]).toHaveLength(20);
});

test('an outage that began a moment ago is seen in the strip', async () => {
  outages.splice(0, outages.length, { path: SMTP, startMs: bench.clock.nowMs() - 1000, reason });
  expect(await (await get('/status')).text()).toContain('<path class="o" d="M167 0h1.0v4h-1.0z"/>');
});

test('it speaks German to who asks for it', async () => {
  expect(await (await get('/status', 'de-DE,de;q=0.9,en;q=0.5')).text()).toContain('Senden über SMTP <b class="down">ist gestört</b>');
  expect(await (await get('/status', 'fr,en-US')).text()).toContain('<html lang="en">');
});

test('RSS has an item for each beginning and each end, newest first', async () => {
  const answer = await get('/status.rss');
  expect(answer.headers.get('content-type')).toBe('application/rss+xml; charset=utf-8');
  const titles = [...(await answer.text()).matchAll(/<item><title>([^<]*)/g)].map(([, title]) => title);
  expect(titles).toEqual([
    '&lt;b&gt;acme&lt;/b&gt;: Sending by SMTP since 2025-12-31 22:00 UTC (no connection)',
    '&lt;b&gt;acme&lt;/b&gt;: Sending by SMTP since 2025-12-29 22:00 UTC until 2025-12-29 23:00 UTC (no connection)',
    '&lt;b&gt;acme&lt;/b&gt;: Sending by SMTP since 2025-12-29 22:00 UTC (no connection)',
  ]);
});

test('JSON has each path with its state and since when, and the outages of seven days, newest first, none with an end that is not known', async () => {
  const now = bench.clock.nowMs();
  // A path that is not configured any more has no name.
  outages.push({ path: pathIdOf('acme', 'outgoing', 'smtp', 'old.acme.test:25'), startMs: now - HOUR, reason });
  const answer = await get('/status.json');
  expect(answer.headers.get('content-type')).toBe('application/json');
  const ago = (hours: number): string => new Date(now - hours * HOUR).toISOString();
  const smtp = { direction: 'outgoing', kind: 'smtp', reason: 'connect' };
  expect(await answer.json()).toEqual({
    now: ago(0),
    providers: [
      {
        name: NAME,
        paths: [
          {
            direction: 'incoming',
            kind: 'imap',
            state: 'up',
            since: '1970-01-01T00:00:00.000Z',
            reason: null,
            watchedSince: '1970-01-01T00:00:00.000Z',
          },
          { ...smtp, state: 'down', since: ago(2), watchedSince: '1970-01-01T00:00:00.000Z' },
        ],
      },
    ],
    outages: [
      { provider: NAME, ...smtp, start: ago(2), end: null },
      { provider: NAME, ...smtp, start: ago(50), end: ago(49) },
    ],
  });
});

test('of a path that nobody has asked yet it is not said since when', async () => {
  outages.length = 0;
  states.set(IMAP, 'unknown');
  expect(await (await get('/status.json')).json()).toMatchObject({ providers: [{ paths: [{ state: 'unknown', since: null }, {}] }] });
  expect(await (await get('/status')).text()).toMatch(/Reading by IMAP <b class="unknown">[^<]*<\/b><svg/);
});

test('an outage is told until seven days after its end', async () => {
  const now = bench.clock.nowMs();
  const ended = (hours: number): Outage => ({ path: SMTP, startMs: now - 300 * HOUR, endMs: now - hours * HOUR, reason });
  for (const [hours, count] of [
    [167, 1],
    [169, 0],
  ] as const) {
    outages.splice(0, outages.length, ended(hours));
    expect(await (await get('/status.json')).json()).toMatchObject({ outages: { length: count } });
    expect([...(await (await get('/status.rss')).text()).matchAll(/<item>/g)]).toHaveLength(count * 2);
  }
});

test.each(['/status', '/status.json', '/status.rss'])('%s names no host and no person', async (url) => {
  const text = await (await get(url)).text();
  expect(text).not.toContain('alice');
  expect(text).not.toContain('acme.test');
});
