/*
 * A person's mail by JMAP: the relay as an operator starts it, a real provider behind it, and the JMAP client that the upstream uses as the other side.
 */
import { JamClient } from 'jmap-jam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accountFor,
  getEmails,
  getIdentities,
  getMailboxes,
  MAIL,
  openJmap,
  parseEvents,
  queryEmails,
  resultOf,
  setEmails,
  setSubmissions,
  valueOf,
  type Call,
  type JmapClient,
} from '@stopgap/jmap';
import { until } from '../../lab/index.ts';
import { letterTo, startMirrorScene, type MirrorScene } from '../../relay/index.ts';
import { basicHeaders, fetchTransport } from './fetch-transport.ts';

const LIMIT_MS = 45_000;
const signal = AbortSignal.timeout(110_000);

let scene: MirrorScene;
let base: string;
let client: JmapClient;
let account: string;

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap'], lab: { parts: ['dovecot', 'postfix', 'sink'], users: ['alice', 'bob'] } });
  base = `http://127.0.0.1:${scene.relay.ports.http}`;
});
afterAll(() => scene?.[Symbol.asyncDispose]());

function call<T>(one: Call<T>): Promise<T> {
  return client.call(one, signal);
}

async function mailboxOf(role: string): Promise<string> {
  const { list } = await call(getMailboxes(account));
  return list.find((mailbox) => mailbox.role === role)?.id ?? '';
}

async function subjectsIn(mailbox: string): Promise<(string | null)[]> {
  const [query, emails] = await client.batch(
    [
      queryEmails(account, { filter: { inMailbox: mailbox }, limit: 50 }),
      getEmails(account, resultOf(0, 'Email/query', '/ids'), ['subject', 'keywords']),
    ],
    signal,
  );
  valueOf(query);
  return valueOf(emails).list.map(({ subject }) => subject);
}

test('a person logs in by cookie with the password of the provider, and by Basic', async () => {
  const login = { address: scene.lab.address('alice'), password: scene.lab.password('alice') };
  const post = (body: unknown) =>
    fetch(`${base}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  // 503 as long as no path has answered: not known is not wrong.
  const known = (body: unknown) =>
    until(
      'it is known',
      async () => {
        const answer = await post(body);
        return answer.status === 503 ? undefined : answer;
      },
      LIMIT_MS,
    );
  const answer = await known(login);
  expect(answer.status).toBe(200);
  expect((await post({ ...login, password: 'wrong' })).status).toBe(401);
  const cookie = answer.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');
  const byCookie = await openJmap(fetchTransport({ cookie }), new URL('/.well-known/jmap', base), signal);
  expect(byCookie.session.resource.username).toBe(login.address);
  client = await openJmap(fetchTransport(basicHeaders(login.address, login.password)), new URL('/.well-known/jmap', base), signal);
  account = accountFor(client.session, MAIL) ?? '';
  expect(account).toMatch(/^a/);
  await expect(openJmap(fetchTransport({ cookie: 'stopgap-session=x' }), new URL('/.well-known/jmap', base), signal)).rejects.toThrow(
    /refuses/,
  );
});

test('mail that comes to the provider is told by the event stream and read byte for byte', async () => {
  const stream = await client.events(['Email', 'EmailDelivery'], signal);
  if (stream === undefined) throw new Error('there is no stream of events');
  const events = parseEvents(stream.body);
  const raw = letterTo('new-mail', { from: 'far@outside.test', to: [scene.lab.address('alice')] });
  await scene.deliver('alice', raw);
  const { value } = await events.next();
  expect(value).toMatchObject({ type: 'state' });
  expect(JSON.parse((value as { data: string }).data)).toMatchObject({ changed: { [account]: { EmailDelivery: expect.any(String) } } });
  stream.discard();
  const inbox = await mailboxOf('inbox');
  await until('the letter is here', async () => (await subjectsIn(inbox)).includes('about new-mail'), LIMIT_MS);
  const { ids } = await call(queryEmails(account, { filter: { inMailbox: inbox }, limit: 10 }));
  const [email] = (await call(getEmails(account, ids, ['blobId', 'subject', 'from', 'size']))).list;
  expect(email).toMatchObject({ subject: 'about new-mail', from: [{ email: 'far@outside.test' }] });
  const blob = await client.download({ accountId: account, blobId: email?.blobId ?? '', type: 'message/rfc822', name: 'mail.eml' }, signal);
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob?.bytes ?? []) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  expect(bytes.subarray(-raw.length).includes(raw.subarray(-40))).toBe(true);
  expect(bytes.length).toBe(email?.size);
});

test('a search finds it; a flag and a move here are at the provider afterwards', async () => {
  const inbox = await mailboxOf('inbox');
  const found = await call({
    ...queryEmails(account, { filter: {}, limit: 10 }),
    args: { accountId: account, filter: { text: 'trailing' } },
  });
  expect(found.ids).toHaveLength(1);
  const [id = ''] = found.ids;
  const trash = await mailboxOf('trash');
  await call(
    setEmails(account, { update: { [id]: { 'keywords/$flagged': true, [`mailboxIds/${inbox}`]: null, [`mailboxIds/${trash}`]: true } } }),
  );
  expect(await subjectsIn(inbox)).toEqual([]);
  const door = await scene.door('alice');
  await until(
    'the provider has it in Trash, flagged',
    async () => {
      const there = await door.messages(['Trash']);
      return there.length === 1 && there[0]?.flags.includes('$flagged') === true && (await door.messages(['INBOX'])).length === 0;
    },
    LIMIT_MS,
  );
});

test('a draft is written, mirrored, sent and filed; its recipient has it once', async () => {
  const [drafts, sent] = [await mailboxOf('drafts'), await mailboxOf('sent')];
  const made = await call({
    ...setEmails(account, {}),
    args: {
      accountId: account,
      create: {
        d: {
          mailboxIds: { [drafts]: true },
          keywords: { $draft: true, $seen: true },
          from: [{ name: 'Alice', email: scene.lab.address('alice') }],
          to: [{ email: scene.lab.address('bob') }],
          subject: 'Grüße per JMAP',
          textBody: [{ partId: 't' }],
          bodyValues: { t: { value: 'Hallo Bob\n.\nFrom Alice\n' } },
        },
      },
    },
  });
  const draft = made.created?.['d']?.id ?? '';
  const door = await scene.door('alice');
  await until('the provider has the draft', async () => (await door.messages(['Drafts'])).length === 1, LIMIT_MS);
  const { list } = await call(getIdentities(account));
  const submitted = await call({
    ...setSubmissions(account, { create: {} }),
    args: {
      accountId: account,
      create: { s: { emailId: draft, identityId: list[0]?.id ?? '' } },
      onSuccessUpdateEmail: { '#s': { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, 'keywords/$draft': null } },
    },
  });
  expect(submitted.notCreated ?? {}).toEqual({});
  await until('bob has it', async () => (await scene.lab.inbox('bob')).length === 1, LIMIT_MS);
  const [received] = await scene.lab.inbox('bob');
  expect(received?.toString()).toMatch(/Subject: =\?utf-8\?b\?/);
  expect(received?.toString()).toContain('Hallo Bob\r\n.\r\nFrom Alice\r\n');
  await until(
    'it is filed at the provider',
    async () => (await door.messages(['Sent'])).length === 1 && (await door.messages(['Drafts'])).length === 0,
    LIMIT_MS,
  );
  expect(await scene.lab.inbox('bob')).toHaveLength(1);
});

/** jmap-jam knows the RFCs and nothing of us. Its log-in is a bearer token; what stands in the header is all the same to it. */
async function foreignClient() {
  const sessionUrl = `${base}/.well-known/jmap`;
  const { authorization } = basicHeaders(scene.lab.address('alice'), scene.lab.password('alice'));
  const jam = new JamClient({ sessionUrl, bearerToken: '-' });
  await jam.session;
  jam.authHeader = authorization;
  jam.session = JamClient.loadSession(sessionUrl, authorization);
  const accountId = await jam.getPrimaryAccount();
  const ask = async (name: string, args: Readonly<Record<string, unknown>>) => (await jam.request([name, { accountId, ...args }]))[0];
  return { jam, accountId, ask };
}

const idOf = (made: unknown, creationId: string): string => (made as Record<string, { id: string }>)[creationId]?.id ?? '';

test('a foreign client library imports, finds by references, reads and changes', async () => {
  const { jam, accountId, ask } = await foreignClient();
  const box = idOf((await ask('Mailbox/set', { create: { box: { name: 'Foreign', parentId: null } } }))['created'], 'box');
  const raw = letterTo('foreign', { from: 'far@outside.test', to: [scene.lab.address('alice')] });
  const headers = { authorization: jam.authHeader, 'content-type': 'message/rfc822' };
  const upload = await jam.uploadBlob(accountId, new Blob([new Uint8Array(raw)]), { headers });
  expect(upload).toMatchObject({ accountId, size: raw.length, type: 'message/rfc822' });
  const { blobId } = upload;
  expect(await ask('Email/parse', { blobIds: [blobId], properties: ['subject'] })).toMatchObject({
    parsed: { [blobId]: { subject: 'about foreign' } },
  });
  const { state } = await ask('Email/get', { ids: [] });
  const email = { blobId, mailboxIds: { [box]: true }, keywords: {}, receivedAt: '2026-11-20T10:00:00Z' };
  const id = idOf((await ask('Email/import', { emails: { one: email } }))['created'], 'one');
  expect(await ask('Email/changes', { sinceState: state, maxChanges: 50 })).toMatchObject({ created: [id], hasMoreChanges: false });

  const [{ emails, snippets, threads }] = await jam.requestMany(({ Email, SearchSnippet, Thread }) => {
    const filter = { inMailbox: box, text: 'foreign' };
    const query = draft(Email, 'query')({ accountId, filter, sort: [{ property: 'receivedAt', isAscending: false }] });
    const properties = ['id', 'threadId', 'subject', 'blobId', 'textBody', 'bodyValues', 'header:Message-ID:asMessageIds'];
    const emails = draft(Email, 'get')({ accountId, ids: query.$ref('/ids'), properties, fetchTextBodyValues: true });
    const snippets = draft(SearchSnippet, 'get')({ accountId, filter, emailIds: query.$ref('/ids') });
    const threads = draft(Thread, 'get')({ accountId, ids: emails.$ref('/list/*/threadId') });
    return { query, emails, snippets, threads };
  });
  expect(emails).toMatchObject({ list: [{ id, subject: 'about foreign', blobId: expect.any(String) }] });
  expect(snippets).toMatchObject({ list: [{ emailId: id, subject: 'about <mark>foreign</mark>' }] });
  expect(threads).toMatchObject({ list: [{ emailIds: [id] }] });
  const [found] = emails['list'] as { blobId: string }[];
  const file = { accountId, blobId: found?.blobId ?? '', mimeType: 'message/rfc822', fileName: 'mail.eml' };
  expect(Buffer.from(await (await jam.downloadBlob(file)).arrayBuffer()).equals(raw)).toBe(true);

  await ask('Email/set', { update: { [id]: { 'keywords/$seen': true } } });
  expect(await ask('Mailbox/get', { ids: [box] })).toMatchObject({ list: [{ totalEmails: 1, unreadEmails: 0 }] });
  await expect(ask('Email/get', { accountId: 'somebody', ids: [] })).rejects.toMatchObject({ type: 'accountNotFound' });
  expect(await ask('Mailbox/set', { destroy: [box], onDestroyRemoveEmails: true })).toMatchObject({ destroyed: [box] });
});

test('a foreign client library writes and sends in one request', async () => {
  const { jam, accountId, ask } = await foreignClient();
  const [drafts, sent] = [await mailboxOf('drafts'), await mailboxOf('sent')];
  const [identity] = (await ask('Identity/get', { ids: null }))['list'] as { id: string }[];
  const [{ made, submitted }] = await jam.requestMany(({ Email, EmailSubmission }) => {
    const email = {
      mailboxIds: { [drafts]: true },
      keywords: { $draft: true },
      from: [{ name: 'Alice', email: scene.lab.address('alice') }],
      to: [{ name: 'Bob', email: scene.lab.address('bob') }],
      subject: 'by a foreign client',
      bodyStructure: { partId: 't', type: 'text/plain' },
      bodyValues: { t: { value: 'Hello from elsewhere', isEncodingProblem: false, isTruncated: false } },
    };
    const filed = { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, 'keywords/$draft': null };
    return {
      made: draft(Email, 'set')({ accountId, create: { d: email } }),
      submitted: draft(
        EmailSubmission,
        'set',
      )({
        accountId,
        create: { s: { identityId: identity?.id, emailId: '#d' } },
        onSuccessUpdateEmail: { '#s': filed },
      }),
    };
  });
  expect([made['notCreated'] ?? {}, submitted['notCreated'] ?? {}]).toEqual([{}, {}]);
  const arrived = async () => (await scene.lab.inbox('bob')).filter((mail) => mail.includes('by a foreign client'));
  await until('bob has it', async () => (await arrived()).length > 0, LIMIT_MS);
  expect(await arrived()).toHaveLength(1);
});

type Drafts = Parameters<Parameters<JamClient['requestMany']>[0]>[0];

function draft(entity: Drafts[string] | undefined, operation: string) {
  const make = entity?.[operation];
  if (make === undefined) throw new Error(`no ${operation}`);
  return make;
}
