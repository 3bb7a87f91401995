import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openIntents, openIntentsOfMessage } from '@stopgap/store';
import { asId } from '@stopgap/core';
import { ALICE, ALICE_ID, basic, BOB, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
let inbox: string;
let drafts: string;
beforeAll(async () => {
  bench = await startBench();
  inbox = `m${await bench.mailbox('INBOX')}`;
  drafts = `m${await bench.mailbox('Drafts', { role: 'drafts' })}`;
});
afterAll(() => bench[Symbol.asyncDispose]());

const set = (args: Record<string, unknown>) => bench.one('Email/set', args);
const get = async (id: string, args: Record<string, unknown> = {}) => {
  const { list } = (await bench.one('Email/get', { ids: [id], fetchAllBodyValues: true, ...args })) as unknown as {
    list: Record<string, unknown>[];
  };
  return list[0];
};
const createdId = (answer: Record<string, unknown>, name = 'd') => (answer['created'] as Record<string, { id: string }>)[name]?.id ?? '';

async function upload(bytes: string | Buffer, type: string): Promise<string> {
  const answer = await bench.ask(`/jmap/upload/${ALICE_ID}/`, {
    method: 'POST',
    headers: { ...basic(), 'content-type': type },
    body: bytes,
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { blobId: string }).blobId;
}

const VALUE = { bodyValues: { a: { value: 'x' } } };

describe('Email/set create', () => {
  test('makes a draft out of properties, with attachments, and the mirror is told', async () => {
    const pdf = await upload(Buffer.from('%PDF-\0\xff', 'latin1'), 'application/pdf');
    const png = await upload('PNG', 'image/png');
    const answer = await set({
      create: {
        d: {
          mailboxIds: { [drafts]: true },
          keywords: { $draft: true, $seen: true },
          from: [{ name: 'Alice Müller', email: 'alice@provider.test' }],
          to: [{ name: 'Bob, the "other"', email: 'bob@elsewhere.test' }, { email: 'carol@elsewhere.test' }],
          bcc: [{ email: 'dave@elsewhere.test' }],
          subject: 'Grüße aus Köln, and a very long subject that has to be folded somewhere in the middle of it',
          inReplyTo: ['one@elsewhere.test'],
          'header:X-Mark:asText': 'färbig',
          textBody: [{ partId: 't', type: 'text/plain' }],
          htmlBody: [{ partId: 'h', type: 'text/html' }],
          bodyValues: { t: { value: 'Hällo\n.\nFrom me\n' }, h: { value: '<p>Hällo <img src="cid:pic"></p>' } },
          attachments: [
            { blobId: pdf, type: 'application/pdf', name: 'Übersicht 2026.pdf' },
            { blobId: png, type: 'image/png', cid: 'pic', disposition: 'inline' },
          ],
        },
      },
    });
    expect(answer).toMatchObject({ notCreated: null, created: { d: { threadId: expect.stringMatching(/^t\d+$/) } } });
    expect(answer['newState']).not.toBe(answer['oldState']);
    expect(bench.notified.splice(0)).toEqual([ALICE]);
    expect(bench.store.read((reader) => openIntents(reader, ALICE, 10)).map(({ work }) => work.kind)).toContain('append');
    const email = await get(createdId(answer), {
      properties: [
        'subject',
        'from',
        'to',
        'bcc',
        'inReplyTo',
        'messageId',
        'header:X-Mark:asText',
        'keywords',
        'bodyValues',
        'textBody',
        'htmlBody',
        'attachments',
        'hasAttachment',
      ],
    });
    expect(email).toMatchObject({
      subject: 'Grüße aus Köln, and a very long subject that has to be folded somewhere in the middle of it',
      from: [{ name: 'Alice Müller', email: 'alice@provider.test' }],
      to: [
        { name: 'Bob, the "other"', email: 'bob@elsewhere.test' },
        { name: null, email: 'carol@elsewhere.test' },
      ],
      bcc: [{ email: 'dave@elsewhere.test' }],
      inReplyTo: ['one@elsewhere.test'],
      'header:X-Mark:asText': 'färbig',
      keywords: { $draft: true, $seen: true },
      hasAttachment: true,
      attachments: [
        { cid: 'pic', type: 'image/png' },
        { name: 'Übersicht 2026.pdf', type: 'application/pdf', size: 7 },
      ],
    });
    const { textBody, htmlBody, bodyValues, messageId, attachments } = email as never as {
      textBody: { partId: string }[];
      htmlBody: { partId: string }[];
      bodyValues: Record<string, { value: string }>;
      messageId: string[];
      attachments: { blobId: string }[];
    };
    expect(bodyValues[textBody[0]?.partId ?? '']?.value).toBe('Hällo\n.\nFrom me\n');
    expect(bodyValues[htmlBody[0]?.partId ?? '']?.value).toBe('<p>Hällo <img src="cid:pic"></p>');
    expect(messageId[0]).toMatch(/^[\w-]{36}@relay\.example\.org$/);
    const file = await bench.ask(`/jmap/download/${ALICE_ID}/${attachments[1]?.blobId ?? ''}/x`, { headers: basic() });
    expect(Buffer.from(await file.arrayBuffer()).toString('latin1')).toBe('%PDF-\0\xff');
  });

  test('in a mailbox that the same request makes', async () => {
    const [, emails] = await bench.call(
      ['Mailbox/set', { accountId: ALICE_ID, create: { box: { name: 'New', parentId: null } } }],
      ['Email/set', { accountId: ALICE_ID, create: { d: { mailboxIds: { '#box': true }, subject: 'x' } } }],
    );
    expect(await get(createdId(emails?.[1] ?? {}))).toMatchObject({ subject: 'x' });
  });

  test.each<[string, Record<string, unknown>, object]>([
    ['no mailbox', { mailboxIds: {} }, { type: 'invalidProperties', properties: ['mailboxIds'] }],
    ['two mailboxes', { mailboxIds: 'both' }, { type: 'tooManyMailboxes' }],
    ['a mailbox that is not there', { mailboxIds: { m99: true } }, { type: 'invalidProperties', properties: ['mailboxIds'] }],
    ['an unknown property', { isAdmin: true }, { type: 'invalidProperties', properties: ['isAdmin'] }],
    ['what only we say', { size: 5 }, { type: 'invalidProperties', properties: ['size'] }],
    ['the header as a list', { headers: [] }, { type: 'invalidProperties', properties: ['headers'] }],
    ['one field twice', { subject: 'a', 'header:Subject:asText': 'b' }, { type: 'invalidProperties' }],
    ['a field of the body', { 'header:Content-Type': 'text/html' }, { type: 'invalidProperties' }],
    ['a field in a form it has not', { 'header:Subject:asAddresses': [] }, { type: 'invalidProperties' }],
    [
      'no list of a field that is to come several times',
      { 'header:X-A:asText:all': 'x' },
      { type: 'invalidProperties', properties: ['header:X-A:asText:all'] },
    ],
    ['the header of a part as a list', { bodyStructure: { partId: 'a', headers: [] }, ...VALUE }, { type: 'invalidProperties' }],
    [
      'how a part is encoded',
      { bodyStructure: { partId: 'a', 'header:Content-Transfer-Encoding': '8bit' }, ...VALUE },
      { type: 'invalidProperties' },
    ],
    [
      'what a part is, by its header',
      { bodyStructure: { partId: 'a', 'header:Content-Type': 'text/html' }, ...VALUE },
      { type: 'invalidProperties' },
    ],
    [
      'one field of a part twice',
      { bodyStructure: { partId: 'a', 'header:X-A': 'a', 'header:x-a:asText': 'b' }, ...VALUE },
      { type: 'invalidProperties' },
    ],
    [
      'one field in the message and in its only part',
      { subject: 'a', bodyStructure: { partId: 'a', 'header:Subject': 'b' }, ...VALUE },
      { type: 'invalidProperties' },
    ],
    ['a value that is no text', { bodyStructure: { partId: 'a', type: 'image/png' }, ...VALUE }, { type: 'invalidProperties' }],
    ['a line end in a name', { to: [{ name: 'x\r\nBcc: evil@x.test', email: 'a@b.test\r\nBcc: e@x.test' }] }, {}],
    ['structure and lists', { bodyStructure: { partId: 'a' }, textBody: [] }, { type: 'invalidProperties' }],
    ['a part without its value', { textBody: [{ partId: 'a' }] }, { type: 'invalidProperties' }],
    [
      'a value that is cut',
      { textBody: [{ partId: 'a' }], bodyValues: { a: { value: '', isTruncated: true } } },
      { type: 'invalidProperties' },
    ],
    ['a blob of nobody', { attachments: [{ blobId: 'uAAAA' }] }, { type: 'blobNotFound', notFound: ['uAAAA'] }],
    ['a keyword that is none', { keywords: { 'a b': true } }, { type: 'invalidProperties' }],
    ['a keyword that is false', { keywords: { $seen: false } }, { type: 'invalidProperties' }],
    ['\\Deleted by another name', { keywords: { $deleted: true } }, { type: 'invalidProperties' }],
  ])('%s', async (_, properties, problem) => {
    const both = properties['mailboxIds'] === 'both' ? { mailboxIds: { [drafts]: true, [inbox]: true } } : {};
    const answer = await set({ create: { d: { mailboxIds: { [drafts]: true }, ...properties, ...both } } });
    if (Object.keys(problem).length > 0) return expect(answer).toMatchObject({ created: null, notCreated: { d: problem } });
    const email = await get(createdId(answer), { properties: ['to', 'bcc'] });
    expect(email).toMatchObject({ bcc: null });
  });

  test('a list with nothing in it makes no field: one without an address is none (RFC 5322 3.6.3)', async () => {
    const lists = { to: [], cc: [], 'header:Reply-To:asGroupedAddresses': [], messageId: [], references: [] };
    const answer = await set({ create: { d: { mailboxIds: { [drafts]: true }, ...lists } } });
    const email = await get(createdId(answer), { properties: ['headers', 'messageId'] });
    const { headers, messageId } = email as never as { headers: { name: string }[]; messageId: string[] };
    expect(headers.map(({ name }) => name).filter((name) => /^(To|Cc|Reply-To|References)$/.test(name))).toEqual([]);
    expect(messageId).toHaveLength(1);
  });

  test('a part has fields of its own, and text of any kind (RFC 8621 4.6)', async () => {
    const answer = await set({
      create: {
        d: {
          mailboxIds: { [drafts]: true },
          bodyStructure: {
            type: 'multipart/mixed',
            'header:X-Outer:asText': 'Größe',
            subParts: [
              { partId: 'a', 'header:Content-Description:asText': 'prices', type: 'text/csv' },
              { partId: 'b', 'header:X-Twice:all': [' one', ' two'] },
            ],
          },
          bodyValues: { a: { value: 'a,b' }, b: { value: 'text' } },
        },
      },
    });
    const email = await get(createdId(answer), {
      properties: ['bodyStructure', 'header:X-Outer:asText'],
      bodyProperties: ['type', 'header:Content-Description:asText', 'header:X-Twice:asText:all'],
    });
    expect(email).toMatchObject({
      'header:X-Outer:asText': 'Größe',
      bodyStructure: {
        type: 'multipart/mixed',
        subParts: [
          { type: 'text/csv', 'header:Content-Description:asText': 'prices', 'header:X-Twice:asText:all': [] },
          { type: 'text/plain', 'header:X-Twice:asText:all': ['one', 'two'] },
        ],
      },
    });
  });

  test('half a character (RFC 7493 2.1) is no reason to lose what was written', async () => {
    const half = 'a\ud83d.';
    const properties = {
      subject: half,
      to: [{ name: half, email: 'b@x.test' }],
      textBody: [{ partId: 't' }],
      bodyValues: { t: { value: half } },
    };
    const answer = await set({ create: { d: { mailboxIds: { [drafts]: true }, ...properties } } });
    expect(await get(createdId(answer), { properties: ['subject', 'to', 'bodyValues'] })).toMatchObject({
      subject: 'a\ufffd.',
      to: [{ name: 'a\ufffd.', email: 'b@x.test' }],
      bodyValues: { 1: { value: 'a\ufffd.' } },
    });
  });

  test('the date that is given keeps its zone, also in the header', async () => {
    const sentAt = '2026-01-01T00:30:00+05:30';
    const answer = await set({
      create: { d: { mailboxIds: { [drafts]: true }, sentAt, 'header:X-When:asDate': '2025-12-31T19:00:00-00:30' } },
    });
    const properties = ['sentAt', 'header:Date', 'header:X-When:asDate'];
    expect(await get(createdId(answer), { properties })).toMatchObject({
      sentAt,
      'header:Date': ' Thu, 01 Jan 2026 00:30:00 +0530',
      'header:X-When:asDate': '2025-12-31T19:00:00-00:30',
    });
  });

  test('a text of another charset is called by it, however it came', async () => {
    const text = { type: 'text/plain', name: 'menu.txt' };
    const uploaded = await upload(Buffer.from('caf\xe9', 'latin1'), 'text/plain; charset="ISO-8859-1"');
    const received = await bench.deliver(
      await bench.mailbox('INBOX'),
      'From: a@x.test\nContent-Type: text/plain; charset=koi8-r; name=a.txt\nContent-Disposition: attachment\n\nx\n',
    );
    const charsets = async (id: string) =>
      ((await get(id, { properties: ['attachments'] })) as unknown as { attachments: { charset: string; blobId: string }[] }).attachments;
    const [part] = await charsets(`e${received.id}`);
    const attachments = [
      { ...text, blobId: uploaded },
      { ...text, blobId: uploaded, charset: 'windows-1252' },
      { ...text, blobId: part?.blobId },
    ];
    const answer = await set({ create: { d: { mailboxIds: { [drafts]: true }, attachments } } });
    const made = (await charsets(createdId(answer))).map(({ charset }) => charset.toLowerCase());
    expect(made).toEqual(['iso-8859-1', 'windows-1252', 'koi8-r']);
  });

  test('what is of another account can not be attached', async () => {
    const theirs = await bench.deliver(await bench.mailbox('INBOX', { account: BOB }), 'Subject: secret\n\nsecret\n', { account: BOB });
    const blob = bench.store.read((reader) => reader.get<{ id: number }>('SELECT blob_id AS id FROM message WHERE id = ?', theirs.id));
    for (const blobId of [`b${theirs.id}_${blob?.id ?? 0}`, `b${theirs.id}_${blob?.id ?? 0}_1`]) {
      const answer = await set({ create: { d: { mailboxIds: { [drafts]: true }, attachments: [{ blobId, type: 'message/rfc822' }] } } });
      expect(answer).toMatchObject({ notCreated: { d: { type: 'blobNotFound' } } });
      expect((await bench.ask(`/jmap/download/${ALICE_ID}/${blobId}/x`, { headers: basic() })).status).toBe(404);
    }
  });
});

describe('Email/set update and destroy', () => {
  let id: string;
  beforeEach(async () => {
    id = `e${
      (
        await bench.deliver(
          bench.store.read(() => Number(inbox.slice(1)) as never),
          'Subject: x\n\nx\n',
          { flags: ['$flagged', 'old'] },
        )
      ).id
    }`;
  });

  test('keywords by patch and as a whole; a move; each leaves what the provider is to be told', async () => {
    expect(await set({ update: { [id]: { 'keywords/$seen': true, 'keywords/$flagged': null } } })).toMatchObject({
      updated: { [id]: null },
    });
    expect(await get(id)).toMatchObject({ keywords: { $seen: true, old: true } });
    await set({ update: { [id]: { keywords: { New: true }, mailboxIds: { [drafts]: true } } } });
    expect(await get(id)).toMatchObject({ keywords: { new: true }, mailboxIds: { [drafts]: true } });
    await set({ update: { [id]: { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${inbox}`]: true } } });
    expect(await get(id)).toMatchObject({ mailboxIds: { [inbox]: true } });
    const message = asId.message(Number(id.slice(1)));
    expect(bench.store.read((reader) => openIntentsOfMessage(reader, message)).map(({ work }) => work.kind)).toEqual(['flags']);
    await set({ destroy: [id] });
    expect(await bench.one('Email/get', { ids: [id] })).toMatchObject({ notFound: [id] });
  });

  test('keywords that are taken away are none (RFC 8620 5.3)', async () => {
    expect(await set({ update: { [id]: { keywords: null } } })).toMatchObject({ updated: { [id]: null } });
    expect(await get(id)).toMatchObject({ keywords: {} });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['into a second mailbox', { 'mailboxIds/IN': true, 'mailboxIds/DR': true }, 'tooManyMailboxes'],
    ['into no mailbox', { 'mailboxIds/IN': null }, 'invalidProperties'],
    ['the subject', { subject: 'y' }, 'invalidProperties'],
    ['whole and patched', { keywords: {}, 'keywords/a': true }, 'invalidPatch'],
    ['a path too deep', { 'keywords/a/b': true }, 'invalidPatch'],
    ['a path into a list', { 'from/0/email': 'x@y.test' }, 'invalidPatch'],
    ['a place that is taken away', { mailboxIds: null }, 'invalidProperties'],
    ['a prototype', { __proto__: { a: 1 }, constructor: 1 }, 'invalidProperties'],
  ])('not %s', async (_, patch, type) => {
    const real = Object.fromEntries(Object.entries(patch).map(([path, value]) => [path.replace('IN', inbox).replace('DR', drafts), value]));
    expect(await set({ update: { [id]: real } })).toMatchObject({ updated: null, notUpdated: { [id]: { type } } });
    expect(await get(id)).toMatchObject({ subject: 'x', mailboxIds: { [inbox]: true }, keywords: { $flagged: true, old: true } });
  });

  test('nothing of another account, and nothing at all in another state', async () => {
    const theirs = await bench.deliver(await bench.mailbox('INBOX', { account: BOB }), 'Subject: s\n\ns\n', { account: BOB });
    const other = `e${theirs.id}`;
    expect(await set({ update: { [other]: { 'keywords/$seen': true } }, destroy: [other, 'e999'] })).toMatchObject({
      notUpdated: { [other]: { type: 'notFound' } },
      notDestroyed: { [other]: { type: 'notFound' }, e999: { type: 'notFound' } },
    });
    expect(await set({ ifInState: '1', destroy: [id] })).toMatchObject({ type: 'stateMismatch' });
    expect(await get(id)).toBeDefined();
  });
});

test('an upload is bounded, and goes when it is old', async () => {
  const small = await startBench({ limits: { messageBytes: 1000, recipients: 1 } });
  try {
    const post = (body: string) => small.ask(`/jmap/upload/${ALICE_ID}/`, { method: 'POST', headers: basic(), body });
    expect((await post('x'.repeat(1001))).status).toBe(413);
    const first = (await (await post('x')).json()) as { blobId: string };
    expect((await small.ask(`/jmap/download/${ALICE_ID}/${first.blobId}/x`, { headers: basic() })).status).toBe(200);
    small.clock.jump(25 * 60 * 60_000);
    await post('y');
    expect((await small.ask(`/jmap/download/${ALICE_ID}/${first.blobId}/x`, { headers: basic() })).status).toBe(404);
    expect((await small.ask(`/jmap/upload/aOther/`, { method: 'POST', headers: basic(), body: 'x' })).status).toBe(404);
  } finally {
    await small[Symbol.asyncDispose]();
  }
});

test('Keyword/list names the keywords that messages of this account have, and no flags', async () => {
  const keywords = { $seen: true, $label1: true, 'a/b~c': true };
  const id = createdId(await set({ create: { d: { mailboxIds: { [drafts]: true }, keywords, subject: 'labelled' } } }));
  expect((await bench.one('Keyword/list', {}))['list']).toEqual(expect.arrayContaining(['$label1', 'a/b~c']));
  expect((await bench.one('Keyword/list', {}))['list']).not.toContain('$seen');
  expect(await set({ update: { [id]: { 'keywords/a~1b~0c': null } } })).toMatchObject({ notUpdated: null });
  expect((await bench.one('Keyword/list', {}))['list']).not.toContain('a/b~c');
});
