import { expect, test } from 'vitest';
import { HttpFailure, NoAnswer } from './failures.ts';
import { createHttp, type HttpRequest } from './http.ts';

/** A relay with a session that can be ended; it answers what was asked. */
function relay({ mayRenew }: { readonly mayRenew: boolean }) {
  const asked: string[] = [];
  const state = { isOver: false, logIns: 0 };
  const send = async (path: string, { method = 'GET', body }: HttpRequest): Promise<Response> => {
    asked.push(`${method} ${path}`);
    if (path === '/api/session/refresh') {
      if (!mayRenew) return new Response(null, { status: 401 });
      state.isOver = false;
      return new Response(null, { status: 204 });
    }
    if (state.isOver) return new Response(null, { status: 401 });
    return Response.json({ path, body });
  };
  const http = createHttp({
    send,
    async logInAgain() {
      state.logIns += 1;
      state.isOver = false;
    },
  });
  return { http, asked, state };
}

test('a session that ran out is renewed, and nobody notices', async () => {
  const { http, asked, state } = relay({ mayRenew: true });
  state.isOver = true;
  const response = await http.request('/jmap/api', { method: 'POST', body: { text: 'typed' } });
  expect(await response.json()).toEqual({ path: '/jmap/api', body: { text: 'typed' } });
  expect(asked).toEqual(['POST /jmap/api', 'POST /api/session/refresh', 'POST /jmap/api']);
  expect(state.logIns).toBe(0);
});

test('a session that can not be renewed asks for the password, and what was to be sent is sent then', async () => {
  const { http, state } = relay({ mayRenew: false });
  state.isOver = true;
  const response = await http.request('/jmap/api', { method: 'POST', body: { text: 'typed' } });
  expect(await response.json()).toEqual({ path: '/jmap/api', body: { text: 'typed' } });
  expect(state.logIns).toBe(1);
});

test('a session that is somebody else’s is not renewed: the password is asked for, once', async () => {
  const { http, asked, state } = relay({ mayRenew: true });
  await Promise.all([http.takeBack(), http.takeBack()]);
  expect([asked, state.logIns]).toEqual([[], 1]);
});

test('many requests that meet the end of the session ask once', async () => {
  const { http, asked, state } = relay({ mayRenew: false });
  state.isOver = true;
  await Promise.all(['/a', '/b', '/c'].map((path) => http.request(path)));
  expect(state.logIns).toBe(1);
  expect(asked.filter((one) => one.endsWith('refresh'))).toHaveLength(1);
});

test('an answer that is a failure is thrown with what the relay said', async () => {
  const send = async (): Promise<Response> =>
    Response.json({ title: 'Too many', detail: 'Come back later.' }, { status: 429, headers: { 'retry-after': '30' } });
  const http = createHttp({ send, logInAgain: () => Promise.reject(new Error('not asked for')) });
  const error = await http.request('/x').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HttpFailure);
  expect(error).toMatchObject({ status: 429, detail: 'Come back later.', retryAfterS: 30 });
});

test('who waits for somebody to log in again waits no longer than for anything else', async () => {
  const late = new AbortController();
  const http = createHttp({
    send: async () => new Response(null, { status: 401 }),
    logInAgain() {
      late.abort(new NoAnswer('late'));
      return new Promise(() => undefined);
    },
  });
  const asked = http.request('/jmap/api', { signal: late.signal });
  await expect(asked).rejects.toThrow(NoAnswer);
});
