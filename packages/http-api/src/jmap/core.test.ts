import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CORE, MAIL } from '@stopgap/jmap';
import { ALICE_ID, basic, BOB_ID, postOf, startBench, type Bench } from '../test-bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  const inbox = await bench.mailbox('INBOX');
  await bench.deliver(inbox, 'Subject: one\n\n1\n');
  await bench.deliver(inbox, 'Subject: two\n\n2\n');
});
afterAll(() => bench[Symbol.asyncDispose]());

const ERROR = 'urn:ietf:params:jmap:error:';
const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  bench.ask('/jmap/api', { method: 'POST', headers: { ...basic(), 'content-type': 'application/json', ...headers }, body });
const echo = (count: number) => Array.from({ length: count }, (_, index) => ['Core/echo', {}, `c${index}`]);
const request = (methodCalls: unknown, using: unknown = [CORE, MAIL]) => JSON.stringify({ using, methodCalls });

describe('a request that is none (RFC 8620 3.6.1)', () => {
  test.each<[string, string | Buffer, Record<string, string>, string, object]>([
    ['broken JSON', '{"using":[', {}, 'notJSON', {}],
    ['no JSON by its type', request([]), { 'content-type': 'text/json' }, 'notJSON', {}],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), {}, 'notJSON', {}],
    ['an empty body', '', {}, 'notJSON', {}],
    ['a list', '[]', {}, 'notRequest', {}],
    ['no calls', '{"using":[]}', {}, 'notRequest', {}],
    ['a call that is none', request([['Core/echo', {}]]), {}, 'notRequest', {}],
    ['arguments that are none', request([['Core/echo', [], 'a']]), {}, 'notRequest', {}],
    ['JSON a million deep', '['.repeat(1_000_000), {}, 'notRequest', {}],
    ['a capability that nobody knows', request([], [CORE, 'urn:x']), {}, 'unknownCapability', { detail: 'urn:x' }],
    ['too many calls', request(echo(33)), {}, 'limit', { limit: 'maxCallsInRequest' }],
  ])('%s', async (_, body, headers, type, more) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ type: ERROR + type, status: 400, ...more });
  });

  test('too many bytes, before they are read, and those that a length did not tell', async () => {
    expect((await post('x', { 'content-length': '10000001' })).status).toBe(413);
    const answer = await post(Buffer.alloc(10_000_001, ' '));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ type: `${ERROR}limit`, limit: 'maxSizeRequest' });
    expect((await post('{}', { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test('is not heard without a log-in, and by POST alone', async () => {
    expect((await bench.ask('/jmap/api', postOf({ using: [], methodCalls: [] }, { host: 'localhost' }))).status).toBe(401);
    const get = await bench.ask('/jmap/api', { headers: basic() });
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a call', () => {
  const one = async (name: string, args: Record<string, unknown>) => (await bench.call([name, args]))[0];

  test('with whole characters, written as they are or in halves, and with what only looks like half of one', async () => {
    const text = '{"using":[],"methodCalls":[["Core/echo",{"a":"\\ud83d\\ude00 😀 \\\\ud83d"},"x"]]}';
    expect(await (await post(text)).json()).toMatchObject({ methodResponses: [['Core/echo', { a: '😀 😀 \\ud83d' }, 'x']] });
  });

  test('that echoes; what looks like a prototype is passed over', async () => {
    const text = '{"using":["urn:ietf:params:jmap:core"],"methodCalls":[["Core/echo",{"__proto__":{"a":1},"constructor":2},"x"]]}';
    expect(await (await post(text)).text()).toContain('[["Core/echo",{"constructor":2},"x"]]');
  });

  test.each<[string, string, Record<string, unknown>, object]>([
    ['an unknown method', 'Email/explode', { accountId: ALICE_ID }, { type: 'unknownMethod' }],
    ['a method by a name that every object has', 'constructor', {}, { type: 'unknownMethod' }],
    ['no account', 'Email/get', { ids: [] }, { type: 'invalidArguments' }],
    ['another account', 'Email/get', { accountId: BOB_ID, ids: [] }, { type: 'accountNotFound' }],
    ['an account that never was', 'Mailbox/get', { accountId: 'aX' }, { type: 'accountNotFound' }],
    ['an unknown argument', 'Email/get', { accountId: ALICE_ID, ids: [], isAdmin: true }, { type: 'invalidArguments' }],
    ['an argument of another type', 'Email/get', { accountId: ALICE_ID, ids: 'e1' }, { type: 'invalidArguments' }],
    ['an unknown property', 'Email/get', { accountId: ALICE_ID, ids: [], properties: ['password'] }, { type: 'invalidArguments' }],
    [
      'too many ids',
      'Email/get',
      { accountId: ALICE_ID, ids: Array.from({ length: 1001 }, (_, n) => `e${n}`) },
      { type: 'requestTooLarge' },
    ],
    [
      'too many changes',
      'Email/set',
      { accountId: ALICE_ID, destroy: Array.from({ length: 1001 }, (_, n) => `e${n}`) },
      { type: 'requestTooLarge' },
    ],
    ['a state that never was', 'Email/changes', { accountId: ALICE_ID, sinceState: '999999' }, { type: 'cannotCalculateChanges' }],
    ['a state that is none', 'Email/changes', { accountId: ALICE_ID, sinceState: "'; DROP" }, { type: 'cannotCalculateChanges' }],
    ['a negative limit', 'Email/query', { accountId: ALICE_ID, limit: -1 }, { type: 'invalidArguments' }],
    ['a position that is no integer', 'Email/query', { accountId: ALICE_ID, position: 1.5 }, { type: 'invalidArguments' }],
    [
      'copying blobs from another account',
      'Blob/copy',
      { fromAccountId: BOB_ID, accountId: ALICE_ID, blobIds: [] },
      { type: 'fromAccountNotFound' },
    ],
    [
      'copying mail from another account',
      'Email/copy',
      { fromAccountId: BOB_ID, accountId: ALICE_ID, create: {} },
      { type: 'fromAccountNotFound' },
    ],
  ])('with %s', async (_, name, args, error) => {
    expect(await one(name, args)).toMatchObject(['error', error, 'c0']);
  });

  test('without its capability is not known', async () => {
    const answer = await post(request([['Email/get', { accountId: ALICE_ID, ids: [] }, 'a']], [CORE]));
    expect(await answer.json()).toMatchObject({ methodResponses: [['error', { type: 'unknownMethod' }, 'a']] });
  });

  test('that fails ends neither those before nor those after it', async () => {
    const answers = await bench.call(['Core/echo', { a: 1 }], ['No/thing', {}], ['Core/echo', { b: 2 }]);
    expect(answers.map(([name]) => name)).toEqual(['Core/echo', 'error', 'Core/echo']);
  });

  test('gets ids that nobody ever gave out as not found', async () => {
    const ids = ['', 'e', 'e0', 'e01', 'e1.0', 'e-1', 'm1', 'E1', 'e99999999999999999999', 'x'.repeat(256), "e1' OR 1=1"];
    expect(await bench.one('Email/get', { ids })).toMatchObject({ list: [], notFound: ids });
  });

  test('tells the created ids of a request that asks for them', async () => {
    const calls = [['Mailbox/set', { accountId: ALICE_ID, create: { box: { name: 'Created' } } }, 'a']];
    const answer = await post(JSON.stringify({ using: [CORE, MAIL], methodCalls: calls, createdIds: { old: 'm1' } }));
    expect(await answer.json()).toMatchObject({
      createdIds: { old: 'm1', box: expect.stringMatching(/^m\d+$/) },
      sessionState: expect.any(String),
    });
  });

  test('that made nothing after all gives out no created id: the next message might take it', async () => {
    await bench.store.write((tx) =>
      tx.run("CREATE TRIGGER broken BEFORE UPDATE ON mail_account BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END"),
    );
    const calls = [
      ['Mailbox/set', { accountId: ALICE_ID, create: { lost: { name: 'Lost' }, inside: { name: 'Inside', parentId: '#lost' } } }, 'a'],
      ['Mailbox/set', { accountId: ALICE_ID, destroy: ['#lost'] }, 'b'],
    ];
    const answer = await (await post(JSON.stringify({ using: [CORE, MAIL], methodCalls: calls, createdIds: { old: 'm1' } }))).json();
    await bench.store.write((tx) => tx.run('DROP TRIGGER broken'));
    expect(answer).toMatchObject({
      methodResponses: [
        ['error', { type: 'serverFail' }, 'a'],
        ['Mailbox/set', { notDestroyed: { '#lost': { type: 'notFound' } } }, 'b'],
      ],
    });
    expect(answer).toHaveProperty('createdIds', { old: 'm1' });
  });
});

describe('a reference to an earlier answer (RFC 8620 3.7)', () => {
  const EARLIER = { list: [{ a: ['x', 'y'], 'b/c~d': 1 }, { a: ['z'] }], none: null };
  const refer = async (path: string, more: Record<string, unknown> = {}) => {
    const [, second] = await bench.call(
      ['Core/echo', EARLIER],
      ['Core/echo', { '#it': { resultOf: 'c0', name: 'Core/echo', path, ...more } }],
    );
    return second?.[0] === 'error' ? second[1]['type'] : second?.[1]['it'];
  };

  test.each<[string, unknown]>([
    ['/list/0/a/1', 'y'],
    ['/list/*/a', ['x', 'y', 'z']],
    ['/list/*/a/*', ['x', 'y', 'z']],
    ['/list/0/b~1c~0d', 1],
    ['/none', null],
    ['', EARLIER],
  ])('%s', async (path, value) => {
    expect(await refer(path)).toEqual(value);
  });

  test.each([
    ['/list/2'],
    ['/list/-1'],
    ['/list/00'],
    ['/nothing'],
    ['/__proto__'],
    ['/constructor'],
    ['/list/0/a/x'],
    ['list'],
    ['/list/*/b'],
  ])('%s leads nowhere', async (path) => {
    expect(await refer(path)).toBe('invalidResultReference');
  });

  test.each<[string, Record<string, unknown>]>([
    ['to a call that is not there', { resultOf: 'c9' }],
    ['to another method', { name: 'Email/get' }],
    ['that is none', { extra: 1 }],
  ])('%s', async (_, more) => {
    expect(await refer('', more)).toBe('invalidResultReference');
  });

  test('to an error, and an argument that is there twice', async () => {
    const [, failed, twice] = await bench.call(
      ['No/thing', {}],
      ['Core/echo', { '#a': { resultOf: 'c0', name: 'error', path: '' } }],
      ['Core/echo', { a: 1, '#a': { resultOf: 'c1', name: 'Core/echo', path: '' } }],
    );
    expect(failed?.[1]).toMatchObject({ type: 'invalidResultReference' });
    expect(twice?.[1]).toMatchObject({ type: 'invalidArguments' });
  });

  test('is to the first answer of its id, though that is an error', async () => {
    const second = { list: [1] };
    const answers = await bench.call(
      ['No/thing', {}, 'same'],
      ['Core/echo', second, 'same'],
      ['Core/echo', { '#a': { resultOf: 'same', name: 'Core/echo', path: '/list' } }, 'c'],
    );
    expect(answers[2]?.[1]).toMatchObject({ type: 'invalidResultReference' });
  });

  test('that doubles with each call is stopped', async () => {
    const double = (index: number) => ({
      '#a': { resultOf: `c${index}`, name: 'Core/echo', path: '' },
      '#b': { resultOf: `c${index}`, name: 'Core/echo', path: '' },
    });
    const calls = Array.from({ length: 31 }, (_, index): [string, Record<string, unknown>] => ['Core/echo', double(index)]);
    const answers = await bench.call(['Core/echo', { text: 'x'.repeat(10_000) }], ...calls);
    expect(answers.some(([name, value]) => name === 'error' && value['type'] === 'requestTooLarge')).toBe(true);
    expect(JSON.stringify(answers).length).toBeLessThan(100_000_000);
  });
});

test('the session names real limits, and one account', async () => {
  const session = await (await bench.ask('/.well-known/jmap', { headers: basic() })).json();
  expect(session).toMatchObject({
    username: 'alice@provider.test',
    capabilities: { [CORE]: { maxSizeUpload: 50_000_000, maxCallsInRequest: 32, maxObjectsInGet: 1000, maxConcurrentUpload: 4 } },
    accounts: { [ALICE_ID]: { name: 'alice@provider.test', isPersonal: true, isReadOnly: false } },
    primaryAccounts: { [MAIL]: ALICE_ID },
    downloadUrl: 'http://localhost/jmap/download/{accountId}/{blobId}/{name}?type={type}',
  });
});
