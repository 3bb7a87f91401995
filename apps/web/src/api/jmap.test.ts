import { expect, test, vi } from 'vitest';
import { HttpFailure, MethodFailure } from './failures.ts';
import type { Http, HttpRequest } from './http.ts';
import { allDone, createJmap, filled, localPath } from './jmap.ts';
import { call } from './methods.ts';

const RESOURCE = {
  capabilities: { 'urn:ietf:params:jmap:core': {}, 'urn:ietf:params:jmap:mail': {} },
  accounts: { a1: { name: 'me@alice.test' } },
  primaryAccounts: { 'urn:ietf:params:jmap:mail': 'a1' },
  username: 'me@alice.test',
  apiUrl: 'https://relay.elsewhere.test/jmap/api',
  downloadUrl: 'https://relay.elsewhere.test/jmap/download/{accountId}/{blobId}/{name}?type={type}',
  uploadUrl: 'https://relay.elsewhere.test/jmap/upload/{accountId}/',
  state: '',
};

function jmapAnswering(methodResponses: unknown) {
  const asked: [string, HttpRequest | undefined][] = [];
  const request: Http['request'] = async (path, one) => {
    asked.push([path, one]);
    return Response.json({ methodResponses });
  };
  return {
    jmap: createJmap(RESOURCE, { request, once: request, renew: () => Promise.resolve(false), takeBack: () => Promise.resolve() }),
    asked,
  };
}

test('whatever name the session gives the relay, only the place where the page came from is asked', async () => {
  const { jmap, asked } = jmapAnswering([['Mailbox/get', { state: '1', list: [], notFound: [] }, 'c0']]);
  await jmap.call('Mailbox/get', { accountId: 'a1', ids: null });
  expect(asked[0]?.[0]).toBe('/jmap/api');
  expect(jmap.downloadUrl('b/1', '../x y.txt', 'text/plain')).toBe('/jmap/download/a1/b%2F1/..%2Fx%20y.txt?type=text%2Fplain');
  expect(localPath('//evil.test/x')).toBe('/x');
  expect(filled('/e?types={types}', { types: '*' })).toBe('/e?types=*');
});

test('only capabilities that the relay has are named', async () => {
  const { jmap, asked } = jmapAnswering([['Mailbox/get', { state: '1', list: [], notFound: [] }, 'c0']]);
  await jmap.call('Mailbox/get', { accountId: 'a1', ids: null });
  expect(asked[0]?.[1]?.body).toMatchObject({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'] });
});

test('answers are found by their calls, and what the server did by the way stands beside them', async () => {
  const { jmap } = jmapAnswering([
    ['Thread/get', { list: [{ id: 't' }] }, 'c0'],
    ['Email/set', { updated: {} }, 'c0'],
    ['Email/get', { list: [{ id: 'e' }] }, 'c1'],
  ]);
  const [thread, email] = await jmap.batch([
    call('Thread/get', { accountId: 'a1', ids: ['t'] }),
    call('Email/get', { accountId: 'a1', ids: ['e'] }),
  ]);
  expect([thread.list[0]?.id, email.list[0]?.id]).toEqual(['t', 'e']);
  expect([thread, email]).toMatchObject([{ byTheWay: { updated: {} } }, {}]);
});

test('a refused method is thrown with its type', async () => {
  const { jmap } = jmapAnswering([['error', { type: 'invalidArguments', description: 'ids' }, 'c0']]);
  const error = await jmap.call('Mailbox/get', { accountId: 'a1', ids: null }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MethodFailure);
  expect(error).toMatchObject({ type: 'invalidArguments', detail: 'ids' });
});

test('with the session of somebody else nothing is done, until the right person has logged in again', async () => {
  const state = { isOthers: true, takenBack: 0, done: 0 };
  const request: Http['request'] = async (path) => {
    if (state.isOthers && path.includes('/upload/')) throw new HttpFailure(404, 'not here');
    if (state.isOthers) return Response.json({ methodResponses: [['error', { type: 'accountNotFound' }, 'c0']] });
    state.done += 1;
    return Response.json({ blobId: 'b1', methodResponses: [['Email/set', { updated: {} }, 'c0']] });
  };
  const takeBack = async (): Promise<void> => {
    state.takenBack += 1;
    state.isOthers = false;
  };
  const jmap = createJmap(RESOURCE, { request, once: request, renew: () => Promise.resolve(true), takeBack });
  expect(await jmap.call('Email/set', { accountId: 'a1' })).toEqual({ updated: {} });
  expect(state).toEqual({ isOthers: false, takenBack: 1, done: 1 });
  state.isOthers = true;
  expect(await jmap.upload(new Blob(['x']), 'text/plain')).toBe('b1');
  expect(state).toEqual({ isOthers: false, takenBack: 2, done: 2 });
});

test('one refused object of many is a failure', () => {
  expect(() => allDone({ notUpdated: { e1: { type: 'notFound' } } })).toThrow(MethodFailure);
  expect(allDone({ updated: { e1: null }, notUpdated: null })).toEqual({ updated: { e1: null }, notUpdated: null });
});

test('a relay that has no room for a file is not given it again and again, nor a larger one; but a smaller one, and all of them a while later', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const sent: number[] = [];
    const request: Http['request'] = async (_, { body } = {}) => {
      const { size } = body as Blob;
      sent.push(size);
      if (size > 2) throw new HttpFailure(507, 'no room');
      return Response.json({ blobId: 'b1' });
    };
    const http = { request, once: request, renew: () => Promise.resolve(true), takeBack: () => Promise.resolve() };
    const jmap = createJmap(RESOURCE, http);
    const upload = (text: string) => jmap.upload(new Blob([text]), 'text/plain').catch((error: HttpFailure) => error.status);
    const said: unknown[] = [];
    for (const text of ['1234', '1234', '12345', '12']) said.push(await upload(text));
    expect(said).toEqual([507, 507, 507, 'b1']);
    expect(await upload('123')).toBe(507);
    expect(sent).toEqual([4, 2, 3]);
    vi.advanceTimersByTime(5 * 60_000);
    expect(await upload('12345')).toBe(507);
    expect(sent).toEqual([4, 2, 3, 5]);
  } finally {
    vi.useRealTimers();
  }
});
