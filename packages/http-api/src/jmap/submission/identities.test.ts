import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE, ALICE_ID, postOf, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
let identity: string;
beforeAll(async () => {
  bench = await startBench();
  const { list } = (await bench.one('Identity/get', { ids: null })) as unknown as { list: { id: string }[] };
  identity = list[0]?.id ?? '';
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('Identity and VacationResponse', () => {
  test('what is taken away has its default again, and no patch leads into a list (RFC 8620 5.3)', async () => {
    const set = (patch: Record<string, unknown>) => bench.one('Identity/set', { update: { [identity]: patch } });
    const full = { name: 'A', textSignature: 'A', htmlSignature: 'A', replyTo: [{ name: null, email: ALICE }], bcc: [{ email: ALICE }] };
    expect(await set(full)).toMatchObject({ notUpdated: null });
    expect(await set(Object.fromEntries(Object.keys(full).map((name) => [name, null])))).toMatchObject({ notUpdated: null });
    expect(await bench.one('Identity/get', { ids: [identity] })).toMatchObject({
      list: [{ name: '', textSignature: '', htmlSignature: '', replyTo: null, bcc: null, email: ALICE, mayDelete: false }],
    });
    for (const path of ['replyTo/0', 'replyTo/0/name', 'name/x']) {
      expect(await set({ [path]: 'x' })).toMatchObject({ notUpdated: { [identity]: { type: 'invalidPatch' } } });
    }
  });

  test('of two clients that set different things at once both are kept', async () => {
    const { state } = await bench.one('Identity/get', { ids: [] });
    const set = (patch: Record<string, unknown>) => bench.one('Identity/set', { ifInState: state, update: { [identity]: patch } });
    const [text, html] = await Promise.all([set({ textSignature: 'Alice' }), set({ htmlSignature: '<b>Alice</b>' })]);
    // Whoever names a state is told that it is another one.
    expect([text, html]).toMatchObject([{ updated: { [identity]: null } }, { type: 'stateMismatch' }]);
    const both = [{ textSignature: 'Alice A.' }, { htmlSignature: '<i>A.</i>' }];
    await Promise.all(both.map((patch) => bench.one('Identity/set', { update: { [identity]: patch } })));
    expect(await bench.one('Identity/get', { ids: [identity] })).toMatchObject({ list: [{ ...both[0], ...both[1] }] });
  });

  test('a signature is kept; addresses are the operators to say', async () => {
    const before = await bench.one('Identity/get', { ids: null });
    const answer = await bench.one('Identity/set', {
      create: { n: { name: 'x', email: 'evil@elsewhere.test' } },
      update: { [identity]: { textSignature: 'Alice', name: 'Alice M.' } },
      destroy: [identity],
    });
    expect(answer).toMatchObject({
      notCreated: { n: { type: 'forbiddenFrom' } },
      updated: { [identity]: null },
      notDestroyed: { [identity]: { type: 'forbidden' } },
    });
    expect(await bench.one('Identity/get', { ids: [identity] })).toMatchObject({
      list: [{ email: ALICE, name: 'Alice M.', textSignature: 'Alice', mayDelete: false }],
    });
    expect(await bench.one('Identity/set', { update: { [identity]: { email: 'x@y.test' } } })).toMatchObject({
      notUpdated: { [identity]: { type: 'invalidProperties', properties: ['email'] } },
    });
    expect(await bench.one('Identity/changes', { sinceState: before['state'] })).toMatchObject({ type: 'cannotCalculateChanges' });
  });

  test('nobody answers here for an absent person', async () => {
    const body = {
      using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:vacationresponse'],
      methodCalls: [['VacationResponse/get', { accountId: ALICE_ID }, 'a']],
    };
    const answer = await bench.ask('/jmap/api', postOf(body));
    expect(await answer.json()).toMatchObject({ methodResponses: [['error', { type: 'accountNotSupportedByMethod' }, 'a']] });
  });
});
