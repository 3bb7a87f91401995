import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startLab, until } from '../../lab/index.ts';
import type { Lab } from '../../lab/index.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({
    parts: ['dovecot', 'postfix', 'roundcube'],
    roundcube: { extraConfig: "$config['product_name'] = 'Edge Mail';" },
  });
});
afterEach(() => lab.edge.set('all', { mode: 'pass' }));
afterAll(() => lab?.stop());

/** On a connection of its own: a kept one may be reset by a change of the weather. */
function webmail(query = '', init: RequestInit = {}): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string>), connection: 'close' };
  return fetch(`http://127.0.0.1:${lab.edge.ports.roundcube}/${query}`, { ...init, headers });
}

interface LoginForm {
  readonly cookie: string;
  readonly token: string;
}

async function openLogin(): Promise<LoginForm> {
  const page = await webmail();
  const html = await page.text();
  expect(html).toContain('Edge Mail');
  const cookie = page.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
  return { cookie: cookie.join('; '), token: /name="_token" value="([^"]+)"/.exec(html)?.[1] ?? '' };
}

function logIn({ cookie, token }: LoginForm, user: string): Promise<Response> {
  const form = { _token: token, _task: 'login', _action: 'login', _timezone: 'UTC', _url: '', _user: user, _pass: lab.password(user) };
  return webmail('?_task=login', { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams(form) });
}

function loginsOf(user: string): number {
  const log = readFileSync(join(lab.dir, 'roundcube/logs/userlogins.log'), { encoding: 'utf8', flag: 'a+' });
  return log.split('\n').filter((line) => line.includes(`Successful login for ${user}@`)).length;
}

test('a user logs in to the webmail through the edge', async () => {
  const answer = await logIn(await openLogin(), 'alice');
  expect(answer.status).toBe(302);
  expect(answer.headers.getSetCookie().length).toBeGreaterThan(1);
  expect(loginsOf('alice')).toBe(1);
});

test('a request that is cut after the work was done has its effect and no answer', async () => {
  const form = await openLogin();
  await lab.edge.set('roundcube', { mode: 'cutRequest', match: /^POST .*_task=login/, delivered: true, times: 1 });
  await expect(logIn(form, 'bob')).rejects.toThrow('fetch failed');
  expect(loginsOf('bob')).toBe(1);
  expect((await logIn(await openLogin(), 'bob')).status).toBe(302);
});

test('a request that is cut before it got through has no effect', async () => {
  const form = await openLogin();
  await lab.edge.set('roundcube', { mode: 'cutRequest', match: '_user=carol', delivered: false, times: 1 });
  await expect(logIn(form, 'carol')).rejects.toThrow('fetch failed');
  expect(loginsOf('carol')).toBe(0);
  expect((await logIn(form, 'carol')).status).toBe(302);
  expect(loginsOf('carol')).toBe(1);
});

test('a client that keeps its connection keeps it while only requests are treated otherwise', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const before = lab.edge.state('roundcube').accepted;
  for (const mode of ['rejectRequest', 'pass', 'rejectRequest', 'pass'] as const) {
    await lab.edge.set('roundcube', mode === 'pass' ? { mode } : { mode, match: /./, status: 503 });
    expect(await statusBy(agent)).toBe(mode === 'pass' ? 200 : 503);
  }
  expect(lab.edge.state('roundcube').accepted).toBe(before + 1);
  agent.destroy();
});

async function statusBy(agent: Agent): Promise<number | undefined> {
  const request = get({ host: '127.0.0.1', port: lab.edge.ports.roundcube, agent });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode;
}

test('only requests that match are rejected', async () => {
  await lab.edge.set('roundcube', { mode: 'rejectRequest', match: '_task=login', status: 503, body: 'busy' });
  const form = await openLogin();
  const answer = await logIn(form, 'alice');
  expect({ status: answer.status, body: await answer.text() }).toEqual({ status: 503, body: 'busy' });
});

test('a request that matches is delayed', async () => {
  await lab.edge.set('roundcube', { mode: 'delayRequest', match: 'GET /', ms: 400, times: 1 });
  const startedAt = performance.now();
  await openLogin();
  expect(performance.now() - startedAt).toBeGreaterThan(390);
});

test('connections of the webmail fail as those of the mail doors do', async () => {
  await lab.edge.set('roundcube', { mode: 'refuse' });
  await expect(webmail()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await lab.edge.set('roundcube', { mode: 'blackhole' });
  await expect(webmail('', { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({ name: 'TimeoutError' });
  await lab.edge.set('roundcube', { mode: 'banner', times: 1 });
  expect((await webmail()).status).toBe(503);
});

test('the webmail behind the edge stops and starts again', async () => {
  await lab.stop('roundcube');
  await expect(webmail()).rejects.toThrow('fetch failed');
  await lab.start('roundcube');
  await until('it answers', async () => (await webmail()).status === 200);
});
