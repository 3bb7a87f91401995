import { retryAfterOf } from '@stopgap/core';
import { expect, test } from 'vitest';
import { hasJmapCode, reasonOfJmapError } from './errors.ts';
import { accountFor, endpointOf, fetchSession, MAIL, SUBMISSION } from './session.ts';
import { HOST, scripted, SESSION, type Scripted } from './test-transport.ts';

const { signal } = new AbortController();
const at = new URL('/.well-known/jmap', HOST);

async function failure(answer: (path: string) => Scripted): Promise<unknown> {
  const { transport } = scripted(({ url }) => answer(url.pathname));
  return fetchSession(transport, at, signal).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('addresses of the session are relative to where it was found', async () => {
  const { transport, asked } = scripted(({ url }) =>
    url.pathname === '/jmap/' ? { body: SESSION } : { status: 301, headers: { location: '/jmap/' } },
  );
  const session = await fetchSession(transport, at, signal);
  expect(asked.map(({ url }) => url.href)).toEqual([`${HOST}/.well-known/jmap`, `${HOST}/jmap/`]);
  const values = { accountId: 'a1', blobId: 'b/../1', name: 'x y', type: 'message/rfc822' };
  expect(endpointOf(session, session.resource.downloadUrl, values).href).toBe(
    `${HOST}/jmap/download/a1/b%2F..%2F1/x%20y?accept=message%2Frfc822`,
  );
});

test('limits that are not named are those of the standard', async () => {
  const { transport } = scripted(() => ({ body: SESSION }));
  const { limits } = await fetchSession(transport, at, signal);
  expect(limits).toMatchObject({ maxCallsInRequest: 2, maxObjectsInGet: 500 });
});

test('an account is one that has the capability now', async () => {
  const { transport } = scripted(() => ({ body: SESSION }));
  const session = await fetchSession(transport, at, signal);
  expect(accountFor(session, MAIL)).toBe('a1');
  expect(accountFor(session, SUBMISSION)).toBeUndefined();
});

test.for([
  ['another host', 'https://evil.test/jmap/'],
  ['this machine', 'http://127.0.0.1:8080/'],
  ['the same host in clear', 'http://jmap.provider.test/jmap/'],
  ['another port', `${HOST}:8443/jmap/`],
  ['another host without a scheme', '//evil.test/jmap/'],
  ['a log-in in the address', 'https://user:pass@jmap.provider.test/'],
  ['no web address', 'file:///etc/passwd'],
  ['another host by a variable', '//{accountId}/'],
])('the session can not send us to %s', async ([, apiUrl]) => {
  const { transport, asked } = scripted(() => ({ body: { ...SESSION, apiUrl } }));
  const session = await fetchSession(transport, at, signal);
  expect(() => endpointOf(session, session.resource.apiUrl, { accountId: 'evil.test' })).toThrow(/points to another place/);
  expect(asked).toHaveLength(1);
});

test.for(['https://evil.test/', 'http://jmap.provider.test/', '//127.0.0.1/'])('a redirect to %s is not followed', async (location) => {
  const { transport, asked } = scripted(() => ({ status: 302, headers: { location } }));
  await expect(fetchSession(transport, at, signal)).rejects.toMatchObject({ code: 'jmap-elsewhere' });
  expect(asked).toHaveLength(1);
});

test('redirects have an end', async () => {
  expect(hasJmapCode(await failure(() => ({ status: 301, headers: { location: '/again' } })), 'protocol')).toBe(true);
});

test.for([
  [{ status: 401 }, 'jmap-refused', 'auth'],
  [{ status: 429 }, 'jmap-throttled', 'throttled'],
  [{ status: 503, headers: { 'retry-after': '120' } }, 'jmap-throttled', 'throttled'],
  [{ status: 503 }, 'jmap-unavailable', 'connect'],
  [{ status: 404 }, 'jmap-unavailable', 'connect'],
  [{ body: '<html>Maintenance</html>' }, 'jmap-protocol', 'protocol'],
  [{ body: { ...SESSION, username: '' } }, 'jmap-protocol', 'protocol'],
  [{ body: { ...SESSION, capabilities: {} } }, 'jmap-protocol', 'protocol'],
  [{ body: { ...SESSION, accounts: [] } }, 'jmap-protocol', 'protocol'],
  [{ body: { ...SESSION, apiUrl: 7 } }, 'jmap-protocol', 'protocol'],
  [{ body: { ...SESSION, capabilities: { 'urn:ietf:params:jmap:core': { maxObjectsInGet: 0 } } } }, 'jmap-protocol', 'protocol'],
  [{ body: { ...SESSION, capabilities: { 'urn:ietf:params:jmap:core': { maxCallsInRequest: '5' } } } }, 'jmap-protocol', 'protocol'],
  [{ body: 'x'.repeat(1024 * 1024 + 1) }, 'jmap-protocol', 'protocol'],
] as const)('%j is %s', async ([answer, code, reason]) => {
  const error = await failure(() => answer);
  expect(error).toMatchObject({ code });
  expect(reasonOfJmapError(error).class).toBe(reason);
});

test('a pause that was asked for is told', async () => {
  expect(retryAfterOf(await failure(() => ({ status: 503, headers: { 'retry-after': '120' } })))).toBe(120_000);
});

test('an account named __proto__ is no account', async () => {
  const body = JSON.stringify(SESSION).replace('"a2":', '"__proto__":');
  const { transport } = scripted(() => ({ body }));
  const session = await fetchSession(transport, at, signal);
  expect(accountFor(session, MAIL)).toBe('a1');
  expect(accountFor(session, 'toString')).toBeUndefined();
});
