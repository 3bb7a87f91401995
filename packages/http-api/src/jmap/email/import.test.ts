import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALICE_ID, basic, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
let inbox: string;
beforeAll(async () => {
  bench = await startBench();
  inbox = `m${await bench.mailbox('INBOX')}`;
});
afterAll(() => bench[Symbol.asyncDispose]());

async function upload(raw: string): Promise<string> {
  const body = raw.replaceAll('\n', '\r\n');
  const answer = await bench.ask(`/jmap/upload/${ALICE_ID}/`, { method: 'POST', headers: basic(), body });
  return ((await answer.json()) as { blobId: string }).blobId;
}

/** Of the message that becomes of it. */
async function receivedAt(raw: string): Promise<unknown> {
  const answer = await bench.one('Email/import', { emails: { i: { blobId: await upload(raw), mailboxIds: { [inbox]: true } } } });
  const { id } = (answer['created'] as Record<string, { id: string }>)['i'] ?? { id: '' };
  const { list } = await bench.one('Email/get', { ids: [id], properties: ['receivedAt'] });
  return (list as { receivedAt: string }[])[0]?.receivedAt;
}

const now = () => new Date(bench.clock.nowMs()).toISOString().replace('.000Z', 'Z');

test.each<[string, string, string | undefined]>([
  [
    'the uppermost Received, which is the last one',
    'Received: from b by c; Tue, 3 Feb 2004 12:00:00 +0100\nReceived: from a by b; Mon, 2 Feb 2004 10:00:00 +0000\n',
    '2004-02-03T11:00:00Z',
  ],
  [
    'one that is folded, with a semicolon in a comment',
    'received: from b (x; y)\n by c;\n\tTue, 3 Feb 2004 12:00:00 +0000\n',
    '2004-02-03T12:00:00Z',
  ],
  ['none', 'Date: Mon, 2 Feb 2004 10:00:00 +0000\n', undefined],
  ['one that nobody can read', 'Received: from b by c; yesterday\n', undefined],
  ['one without a date', 'Received: from b by c\n', undefined],
  ['one of tomorrow', 'Received: from b by c; Tue, 3 Feb 2104 12:00:00 +0000\n', undefined],
  ['one in the body', '\nReceived: from b by c; Tue, 3 Feb 2004 12:00:00 +0000\n', undefined],
])('what is imported without a date was received when it came through %s (RFC 8621 4.8)', async (_, header, expected) => {
  expect(await receivedAt(`${header}Subject: x\n\nx\n`)).toBe(expected ?? now());
});

test('every blob that is not there is named (RFC 8621 4.6)', async () => {
  const there = await upload('Subject: x\n\nx\n');
  const part = (blobId: string) => ({ blobId, type: 'text/plain' });
  const notFound = { type: 'blobNotFound', notFound: ['uNone', 'bX', 'e1'] };
  const attachments = ['uNone', there, 'bX', 'e1', 'bX'].map(part);
  const bodyStructure = { type: 'multipart/mixed', subParts: [part('uNone'), { subParts: [part(there), part('bX')] }, part('e1')] };
  const mailboxIds = { [inbox]: true };
  expect(await bench.one('Email/set', { create: { a: { mailboxIds, attachments }, b: { mailboxIds, bodyStructure } } })).toMatchObject({
    created: null,
    notCreated: { a: notFound, b: notFound },
  });
});
