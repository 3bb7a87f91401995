/* The limits that the session names (RFC 8620 2), each met and told by its name. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CORE, MAIL, SUBMISSION } from '@stopgap/jmap';
import { ALICE, ALICE_ID, basic, postOf, startBench, type Bench } from '../test-bench.ts';
import { LIMITS } from './limits.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ limits: { messageBytes: 1000, recipients: 100 } });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** A body that is begun and not ended, until it is let go. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(Buffer.from('{'));
      await promise;
      controller.close();
    },
  });
  return { body, letGo: resolve };
}

test.each<[string, string, number]>([
  ['maxConcurrentUpload', `/jmap/upload/${ALICE_ID}/`, LIMITS.maxConcurrentUpload],
  ['maxConcurrentRequests', '/jmap/api', LIMITS.maxConcurrentRequests],
])('%s: one more is refused, and taken when another is over', async (limit, path, most) => {
  const headers = { ...basic(), 'content-type': 'application/json' };
  const bodies = Array.from({ length: most }, held);
  const running = bodies.map(({ body }) => bench.ask(path, { method: 'POST', headers, body, duplex: 'half' }));
  const more = () => bench.ask(path, { method: 'POST', headers, body: JSON.stringify({ using: [CORE], methodCalls: [] }) });
  await expect.poll(async () => (await more()).status).toBe(429);
  const refused = await more();
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(await refused.json()).toMatchObject({ type: 'urn:ietf:params:jmap:error:limit', status: 429, limit });
  for (const { letGo } of bodies) letGo();
  await Promise.all(running);
  expect((await more()).ok).toBe(true);
});

test('a message that is too large to be sent is told how large it may be (RFC 8621 7.5)', async () => {
  const { id } = await bench.deliver(await bench.mailbox('Drafts'), `From: ${ALICE}\nTo: x@far.test\n\n${'x'.repeat(1000)}\n`);
  const { list } = (await bench.one('Identity/get', { ids: null })) as unknown as { list: { id: string }[] };
  const create = { s: { identityId: list[0]?.id, emailId: `e${id}` } };
  expect(await bench.one('EmailSubmission/set', { create })).toMatchObject({ notCreated: { s: { type: 'tooLarge', maxSize: 1000 } } });
});

test('an answer that is too large is an error of its call; those after it are answered, and what was changed is told', async () => {
  const reference = { '#it': { resultOf: 'c0', name: 'Core/echo', path: '/it' } };
  const answers = await bench.call(
    ['Core/echo', { it: 'x'.repeat(9_000_000) }],
    ...Array.from({ length: 8 }, (): [string, Record<string, unknown>] => ['Core/echo', reference]),
    ['Core/echo', { small: true }],
    ['Mailbox/set', { accountId: ALICE_ID, create: { c: { name: 'Behind' } } }],
  );
  expect(answers.map(([name]) => name)).toEqual([
    ...Array.from({ length: 7 }, () => 'Core/echo'),
    'error',
    'error',
    'Core/echo',
    'Mailbox/set',
  ]);
  expect(answers[7]?.[1]).toMatchObject({ type: 'requestTooLarge' });
  expect(answers[10]?.[1]).toMatchObject({ created: { c: {} } });
});

test('the primary account is that of mail and submissions; the core has none (RFC 8620 2)', async () => {
  const { primaryAccounts } = (await (await bench.ask('/.well-known/jmap', { headers: basic() })).json()) as Record<string, object>;
  expect(primaryAccounts).toMatchObject({ [MAIL]: ALICE_ID, [SUBMISSION]: ALICE_ID });
  expect(primaryAccounts).not.toHaveProperty([CORE]);
});

test('a request says more than it has to, and what nobody knows of it is passed over (RFC 8620 3.3)', async () => {
  const answer = await bench.ask('/jmap/api', postOf({ using: [CORE], methodCalls: [['Core/echo', {}, 'a']], future: { a: 1 } }));
  expect(await answer.json()).toMatchObject({ methodResponses: [['Core/echo', {}, 'a']] });
});
