/*
 * Mail that is made to cost time and memory: what it asks for is bounded by its size. No clock is looked at; what grows with the square of its size would not
 * end within the time of a test.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE_ID, basic, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
let inbox: string;
beforeAll(async () => {
  bench = await startBench();
  inbox = `m${await bench.mailbox('INBOX')}`;
});
afterAll(() => bench[Symbol.asyncDispose]());

const MB = 1024 * 1024;
const HEAD = 'From: a@x.test\r\nSubject: a bomb\r\nMIME-Version: 1.0\r\n';

/** Multiparts in each other. */
function nested(depth: number): string {
  const open = Array.from({ length: depth }, (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`).join(
    '',
  );
  return `${HEAD}${open}Content-Type: text/plain\r\n\r\ndeep\r\n`;
}

function forwarded(depth: number): string {
  return `${HEAD}${'Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n'.repeat(depth)}\r\ndeep\r\n`;
}

function many(parts: number, part: string): string {
  return `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${`--b\r\n${part}\r\n`.repeat(parts)}--b--\r\n`;
}

const field = (name: string, value: string): string => `${HEAD}${name}: ${value}\r\n\r\nbody\r\n`;
const repeated = (text: string, length: number): string => text.repeat(Math.ceil(length / text.length)).slice(0, length);

const BOMBS: readonly (readonly [string, () => string])[] = [
  ['multiparts 5,000 deep', () => nested(5000)],
  ['messages 5,000 deep', () => forwarded(5000)],
  ['20,000 empty parts', () => many(20_000, '')],
  ['5,000 parts with a name', () => many(5000, 'Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nx')],
  ['5,000 encoded parts', () => many(5000, 'Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+eA==')],
  ['5,000 alternatives', () => many(5000, 'Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--')],
  ['a header of 1 MB', () => `${HEAD}${'X-Filler: y\r\n'.repeat(MB / 13)}\r\nbody\r\n`],
  ['a field of 1 MB', () => field('X-Long', repeated('word ', MB))],
  ['groups without end', () => field('To', repeated('a:;', MB))],
  ['groups that are never closed', () => field('To', repeated('a:', MB))],
  ['brackets and comments that are never closed', () => field('To', repeated('(<["', MB))],
  ['addresses without end', () => field('To', repeated('a@b.c,', MB))],
  ['ids without end', () => field('References', repeated('<a@b> ', MB))],
  ['ids in comments without end', () => field('References', repeated('(x)<a@b>,', MB))],
  ['encoded words without end', () => field('Subject', repeated('=?utf-8?q?x?= ', MB))],
  ['an encoded word that is never closed', () => field('Subject', repeated('=?utf-8?q?', MB))],
  ['folded lines without end', () => field('Subject', repeated('x\r\n ', MB))],
  ['parameters without end', () => field('Content-Type', `text/plain; ${repeated('a*0*=x; ', MB)}`)],
  ['1 MB of one HTML tag', () => `${HEAD}Content-Type: text/html\r\n\r\n<${'a '.repeat(MB / 2)}`],
  ['1 MB of HTML that opens and never closes', () => `${HEAD}Content-Type: text/html\r\n\r\n${repeated('<div><!-- ', MB)}`],
  ['1 MB of entities', () => `${HEAD}Content-Type: text/html\r\n\r\n${repeated('&amp;&#x41;&', MB)}`],
  ['1 MB quoted', () => `${HEAD}Content-Transfer-Encoding: quoted-printable\r\n\r\n${repeated('=3D=\r\n', MB)}`],
  ['1 MB of base64 that is none', () => `${HEAD}Content-Transfer-Encoding: base64\r\n\r\n${repeated('====\r\n', MB)}`],
  ['1 MB of marks without a letter', () => `${HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n${'\u0301'.repeat(MB / 2)}`],
];

const EVERYTHING = [
  'subject',
  'from',
  'to',
  'references',
  'preview',
  'headers',
  'hasAttachment',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyStructure',
  'bodyValues',
  'header:To:asGroupedAddresses',
  'header:To:asAddresses:all',
  'header:References:asMessageIds',
  'header:Subject:asText',
  'header:X-Long:asURLs',
  'header:X-Long:asDate',
];

describe('is imported, read in every way, searched and parsed', () => {
  test.each(BOMBS)('%s', async (_, make) => {
    const body = Buffer.from(make());
    const upload = await bench.ask(`/jmap/upload/${ALICE_ID}/`, {
      method: 'POST',
      headers: { ...basic(), 'content-type': 'message/rfc822' },
      body,
    });
    const { blobId } = (await upload.json()) as { blobId: string };
    const answer = await bench.one('Email/import', { emails: { i: { blobId, mailboxIds: { [inbox]: true } } } });
    const id = (answer['created'] as Record<string, { id: string }> | null)?.['i']?.id ?? JSON.stringify(answer['notCreated']);
    const args = {
      properties: EVERYTHING,
      bodyProperties: ['partId', 'size', 'name', 'headers', 'header:Subject:asText', 'subParts'],
      fetchAllBodyValues: true,
    };
    const [read, snippets, parsed] = await bench.call(
      ['Email/get', { accountId: ALICE_ID, ids: [id], ...args }],
      ['SearchSnippet/get', { accountId: ALICE_ID, filter: { text: 'bomb' }, emailIds: [id] }],
      ['Email/parse', { accountId: ALICE_ID, blobIds: [blobId], ...args }],
    );
    expect(read?.[1]).toMatchObject({ list: [{ id, subject: expect.any(String) }] });
    expect(snippets?.[1]).toMatchObject({ list: [{ emailId: id }] });
    expect(parsed?.[1]).toMatchObject({ parsed: { [blobId]: { subject: expect.any(String) } } });
    expect(JSON.stringify(read).length + JSON.stringify(parsed).length, 'the answers').toBeLessThan(32 * body.length + 8 * MB);
    await bench.one('Email/set', { destroy: [id] });
  });
});

test('header properties without end are refused, also of parts', async () => {
  const properties = Array.from({ length: 101 }, (_, number) => `header:X-${number}`);
  expect(await bench.one('Email/get', { ids: [], properties })).toMatchObject({ type: 'requestTooLarge' });
  expect(await bench.one('Email/get', { ids: [], bodyProperties: properties })).toMatchObject({ type: 'requestTooLarge' });
  expect(await bench.one('Email/get', { ids: [], properties: Array.from({ length: 5000 }, () => 'header:X-Same') })).toMatchObject({
    list: [],
  });
});
