import { afterEach, beforeEach, expect, test } from 'vitest';
import { asId, pathIdOf, type Outage, type PathHealth, type Provider } from '@stopgap/core';
import { startBench, type Bench } from '../test-bench.ts';

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
beforeEach(async () => {
  outages = [];
  bench = await startBench({
    providers: [provider],
    board: {
      health: (id): PathHealth =>
        id === SMTP ? { path: id, state: 'down', sinceMs: outages[0]?.startMs ?? 0, reason } : { path: id, state: 'up', sinceMs: 0 },
      outages: () => outages,
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

test.each(['/status', '/status.rss'])('%s names no host and no person', async (url) => {
  const text = await (await get(url)).text();
  expect(text).not.toContain('alice');
  expect(text).not.toContain('acme.test');
});
