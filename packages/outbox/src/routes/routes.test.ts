import { asId, type Path, type Provider } from '@stopgap/core';
import { FakeClock } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { createRoutes } from './routes.ts';
import { guard, pathTo } from './test-smtp.ts';

const provider = asId.provider('test');
const base = { provider, direction: 'outgoing', connections: 1 } as const;
const outgoing: readonly Path[] = [
  pathTo(25),
  { ...base, id: asId.path('roundcube'), kind: 'roundcube', url: 'https://webmail.provider.test/' },
  { ...base, id: asId.path('jmap'), kind: 'jmap', url: 'https://jmap.provider.test/' },
  { ...base, id: asId.path('smarthost'), kind: 'smarthost', host: 'smtp.other.test', port: 587, security: 'starttls', afterMs: 0 },
];
const incoming: readonly Path[] = [{ ...pathTo(993), id: asId.path('imap'), direction: 'incoming', kind: 'imap' }];
const probe = { everyMs: 1, timeoutMs: 1, downAfter: 1, upAfter: 1 };
const providers: readonly Provider[] = [{ name: provider, domains: ['provider.test'], login: 'address', incoming, outgoing, probe }];

test('each outgoing path that can be sent by has a route, and no other has one', async () => {
  const routes = await createRoutes({ providers, clock: new FakeClock(), guard, hostname: 'relay.test', dnsServers: [] });
  expect([...routes.keys()]).toEqual([pathTo(25).id, asId.path('roundcube'), asId.path('jmap'), asId.path('smarthost')]);
  for (const route of routes.values()) await route.close();
});

test('webmail and JMAP can look into Sent, SMTP can not', async () => {
  const routes = await createRoutes({ providers, clock: new FakeClock(), guard, hostname: 'relay.test', dnsServers: [] });
  const witnesses = [...routes].filter(([, route]) => 'findSent' in route).map(([id]) => id);
  expect(witnesses).toEqual([asId.path('roundcube'), asId.path('jmap')]);
});
