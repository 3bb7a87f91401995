/* What RFC 8620 and 8621 demand of methods that have no file of tests of their own, row by row. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CORE, MAIL, OUTBOX, SUBMISSION, VACATION } from '@stopgap/jmap';
import { ALICE, ALICE_ID, basic, BOB, postOf, startBench, type Bench } from '../test-bench.ts';

let bench: Bench;
let inbox: string;
let drafts: string;
let identity: string;
/** A letter in INBOX. */
let letter: string;
beforeAll(async () => {
  bench = await startBench();
  inbox = `m${await bench.mailbox('INBOX', { role: 'inbox' })}`;
  drafts = `m${await bench.mailbox('Drafts', { role: 'drafts' })}`;
  const delivered = await bench.deliver(await bench.mailbox('INBOX'), 'From: a@x.test\nSubject: one\nMessage-ID: <1@x>\n\nhello\n');
  letter = `e${delivered.id}`;
  identity = ((await bench.one('Identity/get', { ids: null })) as unknown as { list: { id: string }[] }).list[0]?.id ?? '';
});
afterAll(() => bench[Symbol.asyncDispose]());

async function upload(bytes: string | Buffer, type = 'message/rfc822'): Promise<string> {
  const answer = await bench.ask(`/jmap/upload/${ALICE_ID}/`, {
    method: 'POST',
    headers: { ...basic(), 'content-type': type },
    body: typeof bytes === 'string' ? bytes.replaceAll('\n', '\r\n') : new Uint8Array(bytes),
  });
  return ((await answer.json()) as { blobId: string }).blobId;
}

const stateOf = async (type: string) => ((await bench.one(`${type}/get`, { ids: [] })) as { state: string }).state;
const email = async (id: string, properties: readonly string[]) =>
  ((await bench.one('Email/get', { ids: [id], properties })) as unknown as { list: Record<string, unknown>[] }).list[0];

describe('a request (RFC 8620 3)', () => {
  const send = async (body: unknown) => (await (await bench.ask('/jmap/api', postOf(body))).json()) as Record<string, unknown>;

  test('its calls are answered in their order, each with its id, also where two have the same', async () => {
    const calls = ['b', 'a', 'b'].map((id, number) => ['Core/echo', { number }, id]);
    expect(await send({ using: [CORE], methodCalls: calls })).toMatchObject({ methodResponses: calls, sessionState: expect.any(String) });
  });

  test('a capability is used only by who names it, Core always', async () => {
    const calls = [
      ['Core/echo', {}, 'a'],
      ['Identity/get', { accountId: ALICE_ID, ids: [] }, 'b'],
      ['VacationResponse/get', { accountId: ALICE_ID, ids: null }, 'c'],
    ];
    expect(await send({ using: [MAIL], methodCalls: calls })).toMatchObject({
      methodResponses: [
        ['Core/echo', {}, 'a'],
        ['error', { type: 'unknownMethod' }, 'b'],
        ['error', { type: 'unknownMethod' }, 'c'],
      ],
    });
    expect(await send({ using: [SUBMISSION, VACATION], methodCalls: calls })).toMatchObject({
      methodResponses: [
        ['Core/echo', {}, 'a'],
        ['Identity/get', {}, 'b'],
        ['error', { type: 'accountNotSupportedByMethod' }, 'c'],
      ],
    });
  });

  test('there is no push by subscriptions, so nothing says that there is (RFC 8620 7.2, RFC 9749)', async () => {
    const calls = ['get', 'set'].map((verb) => [`PushSubscription/${verb}`, { ids: null }, verb]);
    expect(await send({ using: [CORE, MAIL], methodCalls: calls })).toMatchObject({
      methodResponses: [
        ['error', { type: 'unknownMethod' }, 'get'],
        ['error', { type: 'unknownMethod' }, 'set'],
      ],
    });
    const session = await (await bench.ask('/jmap/session', { headers: basic() })).text();
    expect(session).not.toMatch(/push/i);
    expect(await send({ using: [CORE, 'urn:ietf:params:jmap:webpush-vapid'], methodCalls: [] })).toMatchObject({
      type: 'urn:ietf:params:jmap:error:unknownCapability',
    });
  });

  test('the session state is that of the session resource', async () => {
    const { sessionState } = await send({ using: [CORE], methodCalls: [] });
    const session = (await (await bench.ask('/jmap/session', { headers: basic() })).json()) as Record<string, unknown>;
    expect(session['state']).toBe(sessionState);
    expect(session).toMatchObject({
      username: ALICE,
      primaryAccounts: { [MAIL]: ALICE_ID, [SUBMISSION]: ALICE_ID },
      accounts: {
        [ALICE_ID]: {
          isPersonal: true,
          isReadOnly: false,
          accountCapabilities: { [MAIL]: {}, [SUBMISSION]: {}, [OUTBOX]: { inboxId: inbox } },
        },
      },
      downloadUrl: expect.stringMatching(/\{accountId\}.*\{blobId\}.*\{name\}.*\{type\}/),
      uploadUrl: expect.stringContaining('{accountId}'),
      eventSourceUrl: expect.stringMatching(/\{types\}.*\{closeafter\}.*\{ping\}/),
    });
    // Who has no such capability in his account has none of it in the session's list of accounts (RFC 8620 2).
    expect(JSON.stringify(session['accounts'])).not.toContain(VACATION);
  });
});

describe('/get (RFC 8620 5.1)', () => {
  test.each<[string, string, Record<string, unknown>, object]>([
    ['an id twice comes once', 'Email/get', { ids: ['LETTER', 'LETTER'], properties: [] }, { list: [{}], notFound: [] }],
    ['no ids', 'Email/get', { ids: [] }, { list: [], notFound: [] }],
    ['ids that are none of ours', 'Email/get', { ids: ['x', 'e0', 'e-1', 'm1'] }, { notFound: ['x', 'e0', 'e-1', 'm1'] }],
    ['all messages at once', 'Email/get', { ids: null }, { type: 'requestTooLarge' }],
    ['all threads at once', 'Thread/get', { ids: null }, { type: 'requestTooLarge' }],
    ['threads that are not there', 'Thread/get', { ids: ['t999', 'e1'] }, { list: [], notFound: ['t999', 'e1'] }],
    ['all submissions', 'EmailSubmission/get', { ids: null }, { list: [] }],
    ['identities that are not there', 'Identity/get', { ids: ['iX'] }, { list: [], notFound: ['iX'] }],
    ['a property of nothing', 'Thread/get', { ids: [], properties: ['subject'] }, { type: 'invalidArguments' }],
    ['a part property of nothing', 'Email/get', { ids: [], bodyProperties: ['colour'] }, { type: 'invalidArguments' }],
    ['a negative cut', 'Email/get', { ids: [], maxBodyValueBytes: -1 }, { type: 'invalidArguments' }],
  ])('%s', async (_, method, args, expected) => {
    const ids = Array.isArray(args['ids']) ? { ids: args['ids'].map((id: unknown) => (id === 'LETTER' ? letter : id)) } : {};
    expect(await bench.one(method, { ...args, ...ids })).toMatchObject(expected);
  });

  test('the id is there whatever is asked for, and nothing besides', async () => {
    expect(await email(letter, [])).toEqual({ id: letter });
    expect(await email(letter, ['subject'])).toEqual({ id: letter, subject: 'one' });
  });
});

test('/query: a further comparator has its say where the ones before leave it open (RFC 8620 5.5)', async () => {
  const mailbox = await bench.mailbox('One moment');
  const delivered = [];
  for (const subject of ['b', 'c', 'a']) delivered.push(await bench.deliver(mailbox, `Subject: ${subject}\n\nx\n`, { atMs: 1_000_000 }));
  const [b, c, a] = delivered.map(({ id }) => `e${id}`);
  const query = (subject: object) =>
    bench.one('Email/query', { filter: { inMailbox: `m${mailbox}` }, sort: [{ property: 'receivedAt', isAscending: false }, subject] });
  expect(await query({ property: 'subject' })).toMatchObject({ ids: [a, b, c] });
  expect(await query({ property: 'subject', isAscending: false })).toMatchObject({ ids: [c, b, a] });
});

describe('/changes (RFC 8620 5.2)', () => {
  test.each(['Email', 'Mailbox', 'Thread', 'EmailSubmission', 'Identity', 'OutboxEntry'])('%s: nothing since now', async (type) => {
    const state = await stateOf(type);
    expect(await bench.one(`${type}/changes`, { sinceState: state })).toMatchObject({
      accountId: ALICE_ID,
      oldState: state,
      newState: state,
      hasMoreChanges: false,
      created: [],
      updated: [],
      destroyed: [],
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['no state', {}, 'invalidArguments'],
    ['a maximum of nothing', { sinceState: '1', maxChanges: 0 }, 'invalidArguments'],
    ['a negative maximum', { sinceState: '1', maxChanges: -5 }, 'invalidArguments'],
    ['a state of tomorrow', { sinceState: '99999999' }, 'cannotCalculateChanges'],
    ['a place behind the last change', { sinceState: '99999999.1' }, 'cannotCalculateChanges'],
    ['no number', { sinceState: '1.2.3' }, 'cannotCalculateChanges'],
    ['half a place', { sinceState: '1.' }, 'cannotCalculateChanges'],
  ])('%s', async (_, args, type) => {
    for (const method of ['Email/changes', 'Mailbox/changes', 'Thread/changes']) {
      expect(await bench.one(method, args)).toMatchObject({ type });
    }
  });
});

describe('/set (RFC 8620 5.3)', () => {
  test('a creation id is known to later calls of the request, by a patch too, and an unknown one is not found', async () => {
    const [made, moved] = await bench.call(
      ['Mailbox/set', { accountId: ALICE_ID, create: { box: { name: 'Created' } } }],
      ['Email/set', { accountId: ALICE_ID, update: { [letter]: { 'mailboxIds/#box': true, [`mailboxIds/${inbox}`]: null }, '#none': {} } }],
    );
    const box = (made?.[1]['created'] as Record<string, { id: string }> | undefined)?.['box']?.id ?? '';
    expect(moved?.[1]).toMatchObject({ updated: { [letter]: null }, notUpdated: { '#none': { type: 'notFound' } } });
    expect(await email(letter, ['mailboxIds'])).toEqual({ id: letter, mailboxIds: { [box]: true } });
    await bench.one('Email/set', { update: { [letter]: { mailboxIds: { [inbox]: true } } } });
  });

  test('an object comes back whole with what can not be changed, and a difference is told', async () => {
    const whole = await email(letter, ['id', 'blobId', 'threadId', 'size', 'receivedAt', 'mailboxIds', 'keywords']);
    expect(await bench.one('Email/set', { update: { [letter]: { ...whole, keywords: { $seen: true } } } })).toMatchObject({
      updated: { [letter]: null },
    });
    expect(await email(letter, ['keywords'])).toEqual({ id: letter, keywords: { $seen: true } });
    expect(await bench.one('Email/set', { update: { [letter]: { ...whole, size: 1 } } })).toMatchObject({
      notUpdated: { [letter]: { type: 'invalidProperties', properties: ['size'] } },
    });
    const [own] = ((await bench.one('Identity/get', { ids: null })) as unknown as { list: object[] }).list;
    expect(await bench.one('Identity/set', { update: { [identity]: { ...own, name: 'Alice A.' } } })).toMatchObject({
      updated: { [identity]: null },
    });
  });

  test('a patch that changes nothing is done, and is no new state', async () => {
    const state = await stateOf('Email');
    expect(await bench.one('Email/set', { update: { [letter]: { 'keywords/$seen': true, 'keywords/$gone': null } } })).toMatchObject({
      oldState: state,
      newState: state,
      updated: { [letter]: null },
    });
  });

  test('keywords are in lower case, whatever the case they come in (RFC 8621 4.1.1)', async () => {
    await bench.one('Email/set', { update: { [letter]: { keywords: { 'My-Label': true, $FLAGGED: true } } } });
    expect(await email(letter, ['keywords'])).toEqual({ id: letter, keywords: { 'my-label': true, $flagged: true } });
  });

  test.each(['a(b', 'a)b', 'a{b', 'a]b', 'a%b', 'a*b', 'a"b', 'a\\b', 'ä', 'a b', '', 'x'.repeat(256)])(
    'no keyword: %j',
    async (keyword) => {
      expect(await bench.one('Email/set', { update: { [letter]: { keywords: { [keyword]: true } } } })).toMatchObject({
        notUpdated: { [letter]: { type: 'invalidProperties', properties: ['keywords'] } },
      });
    },
  );
});

describe('Email/import and Email/parse (RFC 8621 4.8, 4.9)', () => {
  const imported = (more: Record<string, unknown>) =>
    bench.one('Email/import', { emails: { i: { mailboxIds: { [inbox]: true }, ...more } } });

  test('imports bytes as they are, with place, keywords and date, and tells of them', async () => {
    const raw = 'From: a@x.test\r\nSubject: imported\r\n\r\nbody without an end';
    const blobId = await upload(Buffer.from(raw));
    const state = await stateOf('Email');
    const answer = await imported({ blobId, keywords: { $Draft: true }, receivedAt: '2020-02-03T04:05:06Z' });
    expect(answer).toMatchObject({ accountId: ALICE_ID, oldState: state, notCreated: null });
    const made = (answer['created'] as Record<string, Record<string, unknown>>)['i'];
    expect(made).toEqual({ id: expect.any(String), blobId: expect.any(String), threadId: expect.any(String), size: raw.length });
    expect(await email(String(made?.['id']), ['keywords', 'receivedAt', 'subject', 'size', 'mailboxIds'])).toEqual({
      id: made?.['id'],
      keywords: { $draft: true },
      receivedAt: '2020-02-03T04:05:06Z',
      subject: 'imported',
      size: raw.length,
      mailboxIds: { [inbox]: true },
    });
    // The same bytes again are another message.
    expect(await imported({ blobId })).toMatchObject({ created: { i: {} }, notCreated: null });
  });

  test.each<[string, Record<string, unknown>, object]>([
    ['no blob', {}, { type: 'invalidProperties', properties: ['blobId'] }],
    ['a blob that is not there', { blobId: 'uAAAA' }, { type: 'blobNotFound', notFound: ['uAAAA'] }],
    ['nothing in it', { blobId: 'EMPTY' }, { type: 'invalidEmail' }],
    ['no mailbox', { blobId: 'BLOB', mailboxIds: {} }, { type: 'invalidProperties', properties: ['mailboxIds'] }],
    [
      'a mailbox that is not there',
      { blobId: 'BLOB', mailboxIds: { m999: true } },
      { type: 'invalidProperties', properties: ['mailboxIds'] },
    ],
    ['two mailboxes', { blobId: 'BLOB', mailboxIds: { m1: true, m2: true } }, { type: 'tooManyMailboxes' }],
    ['a keyword that is none', { blobId: 'BLOB', keywords: { 'a b': true } }, { type: 'invalidProperties', properties: ['keywords'] }],
    ['a date that is none', { blobId: 'BLOB', receivedAt: 'yesterday' }, { type: 'invalidProperties', properties: ['receivedAt'] }],
    ['what belongs to no import', { blobId: 'BLOB', subject: 'x' }, { type: 'invalidProperties', properties: ['subject'] }],
  ])('imports none with %s', async (_, more, problem) => {
    const blobId =
      more['blobId'] === 'BLOB' ? await upload('Subject: x\n\n') : more['blobId'] === 'EMPTY' ? await upload('') : more['blobId'];
    const state = await stateOf('Email');
    expect(await imported({ ...more, ...(blobId === undefined ? {} : { blobId }) })).toMatchObject({
      created: null,
      notCreated: { i: problem },
    });
    expect(await stateOf('Email')).toBe(state);
  });

  test('imports nothing in another state', async () => {
    const blobId = await upload('Subject: x\n\n');
    expect(await bench.one('Email/import', { ifInState: '0', emails: { i: { blobId, mailboxIds: { [inbox]: true } } } })).toMatchObject({
      type: 'stateMismatch',
    });
  });

  test('parses what is a message, says what is none and what is not there', async () => {
    const [blob, empty] = [await upload('From: P <p@x.test>\nSubject: parsed\n\ntext\n'), await upload('')];
    const answer = await bench.one('Email/parse', {
      blobIds: [blob, empty, 'uAAAA', blob],
      properties: ['id', 'mailboxIds', 'receivedAt', 'subject', 'from'],
    });
    expect(answer).toEqual({
      accountId: ALICE_ID,
      parsed: { [blob]: { id: null, mailboxIds: null, receivedAt: null, subject: 'parsed', from: [{ name: 'P', email: 'p@x.test' }] } },
      notParsable: [empty],
      notFound: ['uAAAA'],
    });
    expect(await bench.one('Email/parse', { blobIds: [blob], fetchAllBodyValues: true })).toMatchObject({
      parsed: { [blob]: { bodyValues: { 1: { value: 'text\n', isEncodingProblem: false, isTruncated: false } } } },
    });
    expect(await bench.one('Email/parse', { blobIds: [], properties: ['colour'] })).toMatchObject({ type: 'invalidArguments' });
  });
});

describe('copies (RFC 8620 5.4, 6.3; RFC 8621 4.7)', () => {
  test.each<[string, string, Record<string, unknown>, string]>([
    ['mail from an account into itself', 'Email/copy', { fromAccountId: ALICE_ID, create: {} }, 'invalidArguments'],
    ['mail from another account', 'Email/copy', { fromAccountId: 'aX', create: {} }, 'fromAccountNotFound'],
    ['mail without what', 'Email/copy', { fromAccountId: 'aX' }, 'invalidArguments'],
    ['blobs from an account into itself', 'Blob/copy', { fromAccountId: ALICE_ID, blobIds: [] }, 'invalidArguments'],
  ])('%s', async (_, method, args, type) => {
    expect(await bench.one(method, args)).toMatchObject({ type });
  });
});

describe('SearchSnippet/get (RFC 8621 5.1)', () => {
  test('null where nothing is to be marked; the filter is read as that of a query', async () => {
    expect(await bench.one('SearchSnippet/get', { filter: null, emailIds: [letter] })).toEqual({
      accountId: ALICE_ID,
      list: [{ emailId: letter, subject: null, preview: null }],
      notFound: null,
    });
    const filter = { operator: 'AND', conditions: [{ text: 'hello' }, { operator: 'NOT', conditions: [{ text: 'one' }] }] };
    expect(await bench.one('SearchSnippet/get', { filter, emailIds: [letter] })).toMatchObject({
      list: [{ subject: null, preview: '<mark>hello</mark>' }],
    });
    expect(await bench.one('SearchSnippet/get', { filter: { colour: 'red' }, emailIds: [] })).toMatchObject({ type: 'unsupportedFilter' });
  });
});

describe('EmailSubmission/query (RFC 8621 7.3)', () => {
  let made: string[];
  beforeAll(async () => {
    made = [];
    for (const hold of ['60', '7200', '600']) {
      const delivered = await bench.deliver(
        await bench.mailbox('Drafts'),
        `From: ${ALICE}\nTo: x@far.test\nMessage-ID: <q${hold}@x>\n\nx\n`,
      );
      const envelope = { mailFrom: { email: ALICE, parameters: { HOLDFOR: hold } }, rcptTo: [{ email: 'x@far.test' }] };
      const answer = await bench.one('EmailSubmission/set', {
        create: { s: { identityId: identity, emailId: `e${delivered.id}`, envelope } },
      });
      made.push((answer['created'] as Record<string, { id: string }>)['s']?.id ?? '');
    }
    await bench.one('EmailSubmission/set', { update: { [made[2] ?? '']: { undoStatus: 'canceled' } } });
  });
  const inMs = (ms: number) => new Date(bench.clock.nowMs() + ms).toISOString();

  test.each<[string, () => Record<string, unknown>, readonly number[]]>([
    ['by when they leave', () => ({ sort: [{ property: 'sentAt' }] }), [0, 2, 1]],
    ['the last to leave first', () => ({ sort: [{ property: 'sentAt', isAscending: false }] }), [1, 2, 0]],
    ['by message', () => ({ sort: [{ property: 'emailId', isAscending: false }] }), [2, 1, 0]],
    ['those that wait', () => ({ filter: { undoStatus: 'pending' }, sort: [{ property: 'emailId' }] }), [0, 1]],
    ['those that were called back', () => ({ filter: { undoStatus: 'canceled' } }), [2]],
    ['before', () => ({ filter: { before: inMs(300_000) } }), [0]],
    ['after', () => ({ filter: { after: inMs(300_000) }, sort: [{ property: 'sentAt' }] }), [2, 1]],
    ['of an identity', () => ({ filter: { identityIds: [identity] }, sort: [{ property: 'emailId' }] }), [0, 1, 2]],
    ['of an identity that is not there', () => ({ filter: { identityIds: ['iX'] } }), []],
    ['none of', () => ({ filter: { operator: 'NOT', conditions: [{ undoStatus: 'pending' }] } }), [2]],
    ['a part of them', () => ({ sort: [{ property: 'emailId' }], position: 1, limit: 1 }), [1]],
  ])('%s', async (_, args, expected) => {
    expect(await bench.one('EmailSubmission/query', { ...args(), calculateTotal: true })).toMatchObject({
      canCalculateChanges: true,
      queryState: expect.any(String),
      ids: expected.map((index) => made[index]),
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a sort that nobody knows', { sort: [{ property: 'colour' }] }, 'unsupportedSort'],
    ['a filter that nobody knows', { filter: { colour: 'red' } }, 'unsupportedFilter'],
    ['a filter with a value of another type', { filter: { undoStatus: 1 } }, 'invalidArguments'],
    ['an operator that nobody knows', { filter: { operator: 'XOR', conditions: [] } }, 'invalidArguments'],
  ])('%s', async (_, args, type) => {
    expect(await bench.one('EmailSubmission/query', args)).toMatchObject({ type });
  });

  test('a filter is read where there is nothing to filter, too', async () => {
    await using empty = await startBench();
    expect(await empty.one('EmailSubmission/query', { filter: { colour: 'red' } })).toMatchObject({ type: 'unsupportedFilter' });
  });

  test('one that waits is not destroyed, and it comes back whole', async () => {
    const [first = '', , cancelled = ''] = made;
    expect(await bench.one('EmailSubmission/set', { destroy: [first, 's0'] })).toMatchObject({
      destroyed: null,
      notDestroyed: { [first]: { type: 'forbidden' }, s0: { type: 'notFound' } },
    });
    const [whole] = ((await bench.one('EmailSubmission/get', { ids: [first] })) as unknown as { list: Record<string, unknown>[] }).list;
    expect(await bench.one('EmailSubmission/set', { update: { [first]: { ...whole, undoStatus: 'canceled' } } })).toMatchObject({
      updated: { [first]: null },
    });
    // What stands so already is no mistake.
    for (const patch of [{}, { undoStatus: 'canceled' }]) {
      expect(await bench.one('EmailSubmission/set', { update: { [cancelled]: patch } })).toMatchObject({
        updated: { [cancelled]: null },
        notUpdated: null,
      });
    }
    expect(await bench.one('EmailSubmission/set', { update: { [cancelled]: { undoStatus: 'pending' } } })).toMatchObject({
      notUpdated: { [cancelled]: { type: 'invalidProperties', properties: ['undoStatus'] } },
    });
    expect(await bench.one('EmailSubmission/set', { destroy: [cancelled] })).toMatchObject({ destroyed: [cancelled] });
    expect(await bench.one('EmailSubmission/get', { ids: [cancelled] })).toMatchObject({ notFound: [cancelled] });
  });

  test('onSuccessDestroyEmail removes the draft of what was made, and only of that', async () => {
    const mailbox = await bench.mailbox('Drafts');
    const [good, bad] = [
      await bench.deliver(mailbox, `From: ${ALICE}\nTo: x@far.test\n\nx\n`),
      await bench.deliver(mailbox, `From: ${BOB}\nTo: x@far.test\n\nx\n`),
    ];
    const answers = await bench.call([
      'EmailSubmission/set',
      {
        accountId: ALICE_ID,
        create: { good: { identityId: identity, emailId: `e${good.id}` }, bad: { identityId: identity, emailId: `e${bad.id}` } },
        onSuccessDestroyEmail: ['#good', '#bad'],
      },
    ]);
    expect(answers).toMatchObject([
      ['EmailSubmission/set', { created: { good: {} }, notCreated: { bad: { type: 'forbiddenFrom' } } }, 'c0'],
      ['Email/set', { destroyed: [`e${good.id}`] }, 'c0'],
    ]);
    expect(await bench.one('Email/get', { ids: [`e${bad.id}`], properties: ['mailboxIds'] })).toMatchObject({
      list: [{ mailboxIds: { [drafts]: true } }],
    });
  });
});
