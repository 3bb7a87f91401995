import { SignJWT, UnsecuredJWT } from 'jose';
import { readFile, stat } from 'node:fs/promises';
import { createHash, createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { putVerifier } from '@stopgap/store';
import { ALICE, basic, BOB, PASSWORD, postOf, startBench, type Bench } from '../test-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const LOG_IN = { address: ALICE, password: PASSWORD };
const LOCAL = { host: 'localhost' };

async function logIn(headers: Record<string, string> = LOCAL): Promise<Record<string, string>> {
  const answer = await bench.ask('/api/session', postOf(LOG_IN, headers));
  expect(answer.status).toBe(200);
  return cookiesOf(answer);
}

function cookiesOf(answer: Response): Record<string, string> {
  return Object.fromEntries(answer.headers.getSetCookie().map((one) => /^([^=]+)=([^;]*)/.exec(one)?.slice(1) as [string, string]));
}

function withCookies(cookies: Record<string, string>, more: Record<string, string> = {}): Record<string, string> {
  const cookie = Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  return { ...LOCAL, cookie, ...more };
}

const who = (cookies: Record<string, string>) => bench.ask('/api/session', { headers: withCookies(cookies) });
const refresh = (cookies: Record<string, string>) =>
  bench.ask('/api/session/refresh', { method: 'POST', headers: withCookies(cookies, { 'x-stopgap-request': '1' }) });

describe('a log-in', () => {
  test('gives a cookie that no script reads and no other site sends, and that opens the mail', async () => {
    const answer = await bench.ask('/api/session', postOf(LOG_IN, LOCAL));
    const { jmap, ...person } = (await answer.json()) as Record<string, unknown>;
    expect(person).toEqual({ account: ALICE, address: ALICE });
    const [session, renewal] = answer.headers.getSetCookie();
    expect(session).toMatch(/^stopgap-session=ey[^;]+; Max-Age=900; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(renewal).toMatch(/^stopgap-refresh=[^;]+; Max-Age=1209600; Path=\/api\/session; HttpOnly; SameSite=Strict$/);
    const resource = await bench.ask('/.well-known/jmap', { headers: withCookies(cookiesOf(answer)) });
    expect(resource.status).toBe(200);
    expect(jmap).toMatchObject({ username: ALICE, apiUrl: 'http://localhost/jmap/api' });
    expect(await resource.json()).toEqual(jmap);
  });

  test('names the session in a token that is signed with our newest key, lives 15 minutes and says nothing else', async () => {
    const { 'stopgap-session': token = '' } = await logIn();
    const [head, claims] = token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown);
    const { keys } = JSON.parse(await readFile(join(bench.dataDir, 'session.keys'), 'utf8')) as { keys: { kid: string }[] };
    expect(head).toEqual({ alg: 'EdDSA', typ: 'session+jwt', kid: keys[0]?.kid });
    const nowS = Math.floor(bench.clock.nowMs() / 1000);
    const sub: unknown = expect.stringMatching(/^[\w-]{22}$/);
    expect(claims).toEqual({ iss: 'stopgap', aud: 'stopgap-http', sub, iat: nowS, exp: nowS + 900 });
  });

  test('tells scripts that somebody may be logged in, for as long as that may be, and nothing else', async () => {
    const marks = (answer: Response) => answer.headers.getSetCookie().filter((one) => one.includes('stopgap-logged-in'));
    const mine = await bench.ask('/api/session', postOf(LOG_IN, LOCAL));
    const kept = 'stopgap-logged-in=1; Max-Age=1209600; Path=/; SameSite=Strict';
    expect(marks(mine)).toEqual([kept]);
    expect(marks(await refresh(cookiesOf(mine)))).toEqual([kept]);
    const headers = withCookies(cookiesOf(mine), { 'x-stopgap-request': '1' });
    expect(marks(await bench.ask('/api/session', { method: 'DELETE', headers }))).toEqual(['stopgap-logged-in=; Max-Age=0; Path=/']);
    const away = await bench.ask('/api/session', postOf(LOG_IN, { host: 'relay.example.org' }));
    expect(marks(away)).toEqual([`__Host-${kept.replace('; SameSite', '; Secure; SameSite')}`]);
  });

  test('by another name than loopback gives Secure cookies with their prefix, and https addresses', async () => {
    const headers = { host: 'relay.example.org' };
    const answer = await bench.ask('/api/session', postOf(LOG_IN, headers));
    const [session, renewal] = answer.headers.getSetCookie();
    expect(session).toMatch(/^__Host-stopgap-session=.*Secure/);
    expect(renewal).toMatch(/^__Secure-stopgap-refresh=.*Secure/);
    const resource = await bench.ask('/.well-known/jmap', { headers: { ...withCookies(cookiesOf(answer)), ...headers } });
    expect(await resource.json()).toMatchObject({ apiUrl: 'https://relay.example.org/jmap/api' });
  });

  test('that is wrong is 401, too often 429 with the time to wait, not to be known 503 with a reason', async () => {
    const wrong = await bench.ask('/api/session', postOf({ ...LOG_IN, password: 'no' }, LOCAL));
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
    expect(wrong.headers.getSetCookie()).toEqual([]);
    bench.nextLogIn = { kind: 'throttled', retryAfterMs: 90_500 };
    const often = await bench.ask('/api/session', postOf(LOG_IN, LOCAL));
    expect([often.status, often.headers.get('retry-after')]).toEqual([429, '91']);
    bench.nextLogIn = { kind: 'undecided', reason: { class: 'connect', text: 'imap.provider.test does not answer alice' } };
    const unknown = await bench.ask('/api/session', postOf(LOG_IN, LOCAL));
    expect(unknown.status).toBe(503);
    const text = await unknown.text();
    expect(JSON.parse(text)).toMatchObject({ reason: 'connect' });
    expect(text).not.toContain('alice');
  });

  test.each([
    ['no JSON', '{', 'application/json', 400],
    ['a form', 'address=a&password=b', 'application/x-www-form-urlencoded', 403],
    ['JSON as text', JSON.stringify(LOG_IN), 'text/plain', 403],
    ['another property', JSON.stringify({ ...LOG_IN, isAdmin: true }), 'application/json', 400],
    ['too much', JSON.stringify({ ...LOG_IN, password: 'x'.repeat(9000) }), 'application/json', 413],
  ])('%s is refused', async (_, body, type, status) => {
    const answer = await bench.ask('/api/session', { method: 'POST', body, headers: { ...LOCAL, 'content-type': type } });
    expect(answer.status).toBe(status);
  });

  test('with a session that somebody planted ends that session', async () => {
    const planted = await logIn();
    const mine = await logIn(withCookies(planted));
    expect(mine['stopgap-session']).not.toBe(planted['stopgap-session']);
    expect((await who(planted)).status).toBe(401);
    expect((await who(mine)).status).toBe(200);
  });
});

describe('a session', () => {
  test('ends at once by a log-out, everywhere by another, and by a new password', async () => {
    const [one, two, three] = [await logIn(), await logIn(), await logIn()];
    const out = await bench.ask('/api/session', { method: 'DELETE', headers: withCookies(one, { 'x-stopgap-request': '1' }) });
    expect(out.status).toBe(204);
    expect((await who(one)).status).toBe(401);
    expect((await refresh(one)).status).toBe(401);
    expect((await who(two)).status).toBe(200);
    const ofBob = cookiesOf(await bench.ask('/api/session', postOf({ ...LOG_IN, address: BOB }, LOCAL)));
    const everywhere = await bench.ask('/api/sessions', { method: 'DELETE', headers: withCookies(two, { 'x-stopgap-request': '1' }) });
    expect(everywhere.status).toBe(204);
    expect(everywhere.headers.getSetCookie().map((one) => one.split('; ', 2).join('; '))).toEqual([
      'stopgap-session=; Max-Age=0',
      'stopgap-refresh=; Max-Age=0',
      'stopgap-logged-in=; Max-Age=0',
    ]);
    for (const one of [two, three]) expect([(await who(one)).status, (await refresh(one)).status]).toEqual([401, 401]);
    expect((await who(ofBob)).status).toBe(200);
    const four = await logIn();
    await bench.store.write((tx) => putVerifier(tx, ALICE, 'another password', 1));
    expect((await who(four)).status).toBe(401);
    expect((await refresh(four)).status).toBe(401);
  });

  test('is listed for its own account, and ended there by its name alone', async () => {
    const mine = await logIn({ ...LOCAL, 'user-agent': 'Browser of mine' });
    const other = await logIn({ ...LOCAL, 'user-agent': 'Browser of another' });
    const answer = await bench.ask('/api/sessions', { headers: withCookies(mine) });
    const { sessions } = (await answer.json()) as { sessions: { id: string; agent: string; isThis: boolean }[] };
    const isThisByAgent = Object.fromEntries(sessions.map(({ agent, isThis }) => [agent, isThis]));
    expect(isThisByAgent).toEqual({ 'Browser of another': false, 'Browser of mine': true });
    const end = (id: string, cookies: Record<string, string>) =>
      bench.ask(`/api/sessions/${id}`, { method: 'DELETE', headers: withCookies(cookies, { 'x-stopgap-request': '1' }) });
    const [there] = sessions.filter(({ isThis }) => !isThis);
    expect((await end('no-such-one', mine)).status).toBe(404);
    expect((await end(there?.id ?? '', {})).status).toBe(401);
    expect((await end(there?.id ?? '', mine)).status).toBe(204);
    expect([(await who(other)).status, (await refresh(other)).status, (await who(mine)).status]).toEqual([401, 401, 200]);
    // Nobody can take the name for the session itself.
    expect(JSON.stringify(sessions)).not.toContain(mine['stopgap-refresh']?.slice(0, 22));
  });

  test('is over after 15 minutes and is renewed by its refresh token, for 14 days', async () => {
    const first = await logIn();
    bench.clock.jump(15 * 60_000 - 1000);
    expect((await who(first)).status).toBe(200);
    bench.clock.jump(1000);
    expect((await who(first)).status).toBe(401);
    const renewed = await refresh(first);
    expect(renewed.status).toBe(204);
    expect((await who(cookiesOf(renewed))).status).toBe(200);
    bench.clock.jump(14 * 24 * 60 * 60_000 + 1000);
    expect((await refresh(cookiesOf(renewed))).status).toBe(401);
  });

  test('survives two windows that renew at once, and dies when an old token comes back', async () => {
    const first = await logIn();
    const [one, two] = await Promise.all([refresh(first), refresh(first)]);
    expect([one.status, two.status]).toEqual([204, 204]);
    const newest = { ...cookiesOf(one), ...cookiesOf(two) };
    expect(newest['stopgap-refresh']).toBeDefined();
    bench.clock.jump(61_000);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(newest)).status).toBe(401);
    expect((await who(newest)).status).toBe(401);
  });

  test('keeps nothing in the store that could be used as a token, and its keys to itself', async () => {
    const cookies = await logIn();
    const [, secret = ''] = (cookies['stopgap-refresh'] ?? '').split('.');
    const rows = JSON.stringify(bench.store.read((reader) => reader.all('SELECT * FROM http_session')));
    expect(rows).not.toContain(secret);
    expect((await stat(join(bench.dataDir, 'session.keys'))).mode & 0o777).toBe(0o600);
  });
});

describe('a token that is not ours', () => {
  const HEADER = { alg: 'EdDSA', typ: 'session+jwt' };
  const forge = async (change: (claims: SignJWT) => SignJWT, header: object = {}) => {
    const file = JSON.parse(await readFile(join(bench.dataDir, 'session.keys'), 'utf8')) as { keys: { kid: string; jwk: object }[] };
    const [key] = file.keys;
    const nowS = Math.floor(bench.clock.nowMs() / 1000);
    const id = bench.store.read((reader) => reader.get<{ id: string }>('SELECT id FROM http_session'))?.id ?? '';
    const claims = new SignJWT()
      .setSubject(id)
      .setIssuer('stopgap')
      .setAudience('stopgap-http')
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + 900);
    return await change(claims.setProtectedHeader({ ...HEADER, kid: key?.kid ?? '', ...header })).sign(
      createPrivateKey({ key: key?.jwk as never, format: 'jwk' }),
    );
  };

  test('made as ours are made is taken, which proves the tests below', async () => {
    await logIn();
    expect((await who({ 'stopgap-session': await forge((one) => one) })).status).toBe(200);
  });

  test.each([
    ['of another type', { typ: 'JWT' }],
    ['without a key id', { kid: undefined }],
    ['with a path as key id', { kid: '../../etc/passwd' }],
  ])('%s is refused', async (_, header) => {
    await logIn();
    expect((await who({ 'stopgap-session': await forge((one) => one, header) })).status).toBe(401);
  });

  test.each<[string, (claims: SignJWT) => SignJWT]>([
    ['for another audience', (one) => one.setAudience('other')],
    ['from another issuer', (one) => one.setIssuer('other')],
    ['over by a second', (one) => one.setExpirationTime(Math.floor(bench.clock.nowMs() / 1000) - 1)],
    ['not yet valid', (one) => one.setNotBefore(Math.floor(bench.clock.nowMs() / 1000) + 60)],
    ['of a session that never was', (one) => one.setSubject('AAAAAAAAAAAAAAAAAAAAAA')],
  ])('%s is refused', async (_, change) => {
    await logIn();
    expect((await who({ 'stopgap-session': await forge(change) })).status).toBe(401);
  });

  test('without a signature, signed with the public key as a secret, with a stranger key, or a megabyte long is refused', async () => {
    const { 'stopgap-session': good = '' } = await logIn();
    const [head = '', claims = '', signature = ''] = good.split('.');
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    const file = await readFile(join(bench.dataDir, 'session.keys'), 'utf8');
    const { keys } = JSON.parse(file) as { keys: { kid: string; jwk: { x: string } }[] };
    const secret = createHash('sha256')
      .update(keys[0]?.jwk.x ?? '')
      .digest();
    const confused = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', typ: 'session+jwt', kid: keys[0]?.kid ?? '' })
      .sign(secret);
    const tokens = [
      new UnsecuredJWT(payload).encode(),
      `${head}.${claims}.`,
      confused,
      `${head}.${claims}.${signature.slice(0, -4)}AAAA`,
      'x'.repeat(1_000_000),
    ];
    for (const token of tokens) expect((await who({ 'stopgap-session': token })).status).toBe(401);
    expect((await bench.ask('/api/session', { headers: { authorization: `Basic ${good}` } })).status).toBe(401);
    expect((await bench.ask('/api/session', { headers: { authorization: `Bearer ${good}` } })).status).toBe(401);
  });
});

describe('what another site makes a browser send', () => {
  test.each([
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['an Origin that is none', { origin: 'null' }],
    ['our name with another port', { origin: 'http://localhost:81' }],
    ['Sec-Fetch-Site cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site same-site', { 'sec-fetch-site': 'same-site' }],
  ])('%s is refused everywhere', async (_, headers) => {
    const cookies = await logIn();
    const more = withCookies(cookies, headers);
    const jmap = await bench.ask('/jmap/api', postOf({ using: [], methodCalls: [] }, more));
    const session = await bench.ask('/api/session', { method: 'DELETE', headers: more });
    const again = await bench.ask('/api/session', postOf(LOG_IN, { ...LOCAL, ...headers }));
    const download = await bench.ask('/jmap/download/a/b/c', { headers: more });
    expect([jmap.status, session.status, again.status, download.status]).toEqual([403, 403, 403, 403]);
    expect((await who(cookies)).status).toBe(200);
  });

  test('our own page and a program without Origin are let in', async () => {
    const cookies = await logIn();
    for (const more of [{ origin: 'http://localhost' }, { 'sec-fetch-site': 'same-origin' }, {}]) {
      const answer = await bench.ask('/jmap/api', postOf({ using: [], methodCalls: [] }, withCookies(cookies, more)));
      expect(answer.status).toBe(200);
    }
  });

  test('a browser is not made to ask for a password in a window of its own', async () => {
    const program = await bench.ask('/.well-known/jmap');
    const browser = await bench.ask('/.well-known/jmap', { headers: { 'sec-fetch-site': 'same-origin' } });
    expect(program.headers.get('www-authenticate')).toMatch(/^Basic realm="stopgap"/);
    expect(browser.headers.get('www-authenticate')).toMatch(/^StopgapSession /);
    expect((await bench.ask('/.well-known/jmap', { headers: basic(ALICE, 'wrong') })).status).toBe(401);
  });
});

test('a client that sends its password with each request is one log-in a minute, until the password is another one', async () => {
  const ask = () => bench.ask('/.well-known/jmap', { headers: basic() });
  expect((await ask()).status).toBe(200);
  bench.nextLogIn = { kind: 'refused' };
  expect((await ask()).status).toBe(200);
  bench.clock.jump(61_000);
  expect((await ask()).status).toBe(401);
  expect((await ask()).status).toBe(200);
  await bench.store.write((tx) => putVerifier(tx, ALICE, 'another password', 2));
  bench.nextLogIn = { kind: 'refused' };
  expect((await ask()).status).toBe(401);
});

test('every answer says how browsers may use it: nothing loads, nothing frames, nothing is kept', async () => {
  for (const path of ['/healthz', '/nowhere', '/.well-known/jmap', '/jmap/api', '/status.json']) {
    const { headers } = await bench.ask(path, { headers: { host: 'relay.example.org' } });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});
