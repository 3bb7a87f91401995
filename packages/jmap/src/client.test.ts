import { expect, test } from 'vitest';
import { resultOf, valueOf } from './calls.ts';
import { JmapClient } from './client.ts';
import { getEmails, getEmailState, queryEmails } from './email.ts';
import { jmapProvesNothingDone, methodErrorOf } from './errors.ts';
import { fetchSession } from './session.ts';
import { HOST, pieces, scripted, SESSION, type Scripted } from './test-transport.ts';
import type { JmapRequest } from './transport.ts';

const { signal } = new AbortController();
const EMAIL = { id: 'M1', keywords: { $seen: true }, newFangled: { deep: 1 } };
const get = { state: '7', list: [EMAIL], notFound: [], more: 1 };

async function clientOf(answer: (request: JmapRequest) => Scripted) {
  const { transport, asked } = scripted((request) => (request.url.pathname === '/session' ? { body: SESSION } : answer(request)));
  const client = new JmapClient(await fetchSession(transport, new URL('/session', HOST), signal), transport);
  asked.length = 0;
  return { client, asked };
}

function responses(...methodResponses: unknown[]): Scripted {
  return { body: { methodResponses, sessionState: '0' } };
}

async function thrown(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('calls refer to the results of earlier ones, and answers are found by their ids', async () => {
  const query = { queryState: 'q', position: 0, ids: ['M1'], canCalculateChanges: true };
  const { client, asked } = await clientOf(() => responses(['Email/query', query, 'c0'], ['Email/get', get, 'c1']));
  const [found, emails] = await client.batch(
    [queryEmails('a1', { filter: { inMailbox: 'm' }, limit: 5 }), getEmails('a1', resultOf(0, 'Email/query', '/ids'), ['keywords'])],
    signal,
  );
  expect(valueOf(found).ids).toEqual(['M1']);
  expect(valueOf(emails).list).toEqual([{ id: 'M1', keywords: { $seen: true } }]);
  const sent = JSON.parse(asked[0]?.body as string) as { using: string[]; methodCalls: [string, Record<string, unknown>, string][] };
  expect(sent.using).toEqual(['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail']);
  expect(sent.methodCalls[1]?.[1]).toMatchObject({ '#ids': { resultOf: 'c0', name: 'Email/query', path: '/ids' } });
});

test("a method's error is a value, and the other answers stand", async () => {
  const error = { type: 'cannotCalculateChanges', description: 'too old' };
  const { client } = await clientOf(() => responses(['error', error, 'c0'], ['Email/get', get, 'c1']));
  const [failed, ok] = await client.batch([getEmailState('a1'), getEmailState('a1')], signal);
  expect(failed).toMatchObject({ kind: 'failed', error: { type: 'cannotCalculateChanges' } });
  expect(ok).toMatchObject({ kind: 'answered' });
  expect(methodErrorOf(await thrown((async () => valueOf(failed))()))).toBe('cannotCalculateChanges');
});

test('what a server does by the way is handed on', async () => {
  const { client } = await clientOf(() => responses(['Email/get', get, 'c0'], ['Email/set', { updated: { M1: null } }, 'c0']));
  const [answer] = await client.batch([getEmailState('a1')], signal);
  expect(answer).toMatchObject({ further: [['Email/set', { updated: { M1: null } }, 'c0']] });
});

test.for<[string, Scripted]>([
  ['keywords that are a list', responses(['Email/get', { ...get, list: [{ id: 'M1', keywords: ['$seen'] }] }, 'c0'])],
  ['a property that is missing', responses(['Email/get', { ...get, list: [{ id: 'M1' }] }, 'c0'])],
  ['an id that is a number', responses(['Email/get', { ...get, list: [{ id: 1, keywords: {} }] }, 'c0'])],
  ['no state', responses(['Email/get', { list: [] }, 'c0'])],
  ["another account's answer", responses(['Email/get', { ...get, accountId: 'a2' }, 'c0'])],
  ['the answer of another method', responses(['Mailbox/get', get, 'c0'])],
  ['the answer to another call', responses(['Email/get', get, 'c1'])],
  ['an error without a type', responses(['error', {}, 'c0'])],
  ['no answers', { body: {} }],
  ['a login page', { body: '<html>Please log in</html>' }],
])('%s is an error of the protocol, after which nothing is known to be undone', async ([, answer]) => {
  const { client } = await clientOf(() => answer);
  const error = await thrown(client.call(getEmails('a1', ['M1'], ['keywords']), signal));
  expect(error).toMatchObject({ kind: 'protocol', code: 'jmap-protocol', reason: { class: 'protocol' } });
  expect(jmapProvesNothingDone(error)).toBe(false);
});

test('a request that is turned away as a whole has done nothing; a 503 may have', async () => {
  const problem = { type: 'urn:ietf:params:jmap:error:limit', limit: 'maxSizeRequest' };
  const turned = await clientOf(() => ({ status: 400, body: problem }));
  expect(jmapProvesNothingDone(await thrown(turned.client.call(getEmailState('a1'), signal)))).toBe(true);
  const busy = await clientOf(() => ({ status: 503, headers: { 'retry-after': '3' } }));
  expect(jmapProvesNothingDone(await thrown(busy.client.call(getEmailState('a1'), signal)))).toBe(false);
});

test('more than the server takes is not even asked', async () => {
  const { client, asked } = await clientOf(() => responses());
  const call = getEmailState('a1');
  await expect(client.batch([call, call, call], signal)).rejects.toMatchObject({ code: 'jmap-too-big' });
  await expect(client.call(getEmails('a1', ['x'.repeat(2000)], []), signal)).rejects.toMatchObject({ code: 'jmap-too-big' });
  const upload = { sizeBytes: 1001, type: 'message/rfc822', open: () => pieces('x') };
  await expect(client.upload('a1', upload, signal)).rejects.toMatchObject({ code: 'jmap-too-big' });
  expect(asked).toHaveLength(0);
});

test('an upload of which only a part arrived is no upload', async () => {
  const { client } = await clientOf(() => ({ status: 201, body: { accountId: 'a1', blobId: 'B1', size: 9 } }));
  const upload = { sizeBytes: 10, type: 'message/rfc822', open: () => pieces('0123456789') };
  await expect(client.upload('a1', upload, signal)).rejects.toMatchObject({ code: 'jmap-lost' });
});

test('no more requests at once than the server takes, downloads that are still read among them', async () => {
  const { client, asked } = await clientOf(() => ({ body: 'bytes' }));
  const order = { accountId: 'a1', blobId: 'B', type: 'message/rfc822', name: 'm' };
  const [one, two] = [await client.download(order, signal), await client.download(order, signal)];
  const third = client.download(order, signal);
  await Promise.resolve();
  expect(asked).toHaveLength(2);
  let text = '';
  for await (const chunk of one?.bytes ?? []) text += new TextDecoder().decode(chunk);
  expect(text).toBe('bytes');
  await third;
  expect(asked).toHaveLength(3);
  for await (const _ of two?.bytes ?? []) break;
  await client.download(order, signal);
});

test('a blob that is not there is undefined', async () => {
  const { client } = await clientOf(() => ({ status: 404 }));
  expect(await client.download({ accountId: 'a1', blobId: 'B', type: 'message/rfc822', name: 'm' }, signal)).toBeUndefined();
});

test('an answer nested a million deep harms nobody', async () => {
  const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`;
  const { client } = await clientOf(() => ({ body: `{"methodResponses":[["Email/get",{"state":"1","list":[],"x":${deep}},"c0"]]}` }));
  await thrown(client.call(getEmailState('a1'), signal));
});
