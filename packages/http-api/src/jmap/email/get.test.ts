import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { MailboxId } from '@stopgap/core';
import { ALICE_ID, basic, startBench, type Bench } from '../../test-bench.ts';

let bench: Bench;
let inbox: MailboxId;
beforeAll(async () => {
  bench = await startBench();
  inbox = await bench.mailbox('INBOX');
});
afterAll(() => bench[Symbol.asyncDispose]());

type Part = { partId: string; blobId: string; type: string };
async function email(raw: string | Buffer, args: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const { id } = await bench.deliver(inbox, raw);
  const answer = await bench.one('Email/get', { ids: [`e${id}`], ...args });
  if (answer['type'] !== undefined) throw new Error(JSON.stringify(answer));
  return (answer['list'] as Record<string, unknown>[])[0] ?? {};
}

const HEADERS = `Received: from a by b; Thu, 1 Jan 2026 10:00:00 +0000
From: "Doe, Jane" <jane@x.test>, =?utf-8?q?J=C3=B6rg?= <joerg@x.test>
To: A group: a@x.test, "B, b" <b@x.test>;, Alone <c@x.test>
Subject: =?iso-8859-1?q?caf=E9?=
 and more
Message-ID: <m1@x.test>
References: <r1@x.test>
 <r2@x.test>
In-Reply-To: nonsense without brackets
Date: Thu, 1 Jan 2026 12:30:00 -0530
List-Unsubscribe: <https://x.test/u?a=1>, <mailto:u@x.test>
X-Twice: one
X-Twice: two

body
`;

describe('a header field in the form that is asked for (RFC 8621 4.1.2)', () => {
  test.each<[string, unknown]>([
    ['header:subject', ' =?iso-8859-1?q?caf=E9?=\r\n and more'],
    ['header:Subject:asText', 'café and more'],
    [
      'header:From:asAddresses',
      [
        { name: 'Doe, Jane', email: 'jane@x.test' },
        { name: 'Jörg', email: 'joerg@x.test' },
      ],
    ],
    [
      'header:To:asGroupedAddresses',
      [
        {
          name: 'A group',
          addresses: [
            { name: null, email: 'a@x.test' },
            { name: 'B, b', email: 'b@x.test' },
          ],
        },
        { name: null, addresses: [{ name: 'Alone', email: 'c@x.test' }] },
      ],
    ],
    [
      'header:To:asAddresses',
      [
        { name: null, email: 'a@x.test' },
        { name: 'B, b', email: 'b@x.test' },
        { name: 'Alone', email: 'c@x.test' },
      ],
    ],
    ['header:References:asMessageIds', ['r1@x.test', 'r2@x.test']],
    ['header:In-Reply-To:asMessageIds', null],
    ['header:Date:asDate', '2026-01-01T12:30:00-05:30'],
    ['header:List-Unsubscribe:asURLs', ['https://x.test/u?a=1', 'mailto:u@x.test']],
    ['header:X-Twice', ' two'],
    ['header:X-Twice:asText:all', ['one', 'two']],
    ['header:X-None', null],
    ['header:X-None:all', []],
  ])('%s', async (property, value) => {
    expect(await email(HEADERS, { properties: [property] })).toMatchObject({ [property]: value });
  });

  test.each([
    'header:',
    'header:Subject:asAddresses',
    'header:From:asText',
    'header:Date:asURLs',
    'header:a:asNothing',
    'header:a b',
    'header:Subject:asText:all:all',
    'headers:x',
  ])('%s is refused', async (property) => {
    expect(await bench.one('Email/get', { ids: [], properties: [property] })).toMatchObject({ type: 'invalidArguments' });
  });

  test('a field that is not there is null, one with nothing in it is empty (RFC 8621 4.1.2, 4.1.3)', async () => {
    const names = ['from', 'sender', 'replyTo', 'to', 'cc', 'bcc', 'subject', 'sentAt', 'messageId', 'inReplyTo', 'references'];
    const none = Object.fromEntries(names.map((name) => [name, null]));
    const properties = [...names, 'header:To:asAddresses', 'header:Subject:asText'];
    const got = async (header: string): Promise<unknown> => {
      const { id: _, ...object } = await email(`X-A: b\n${header}\nbody\n`, { properties });
      return object;
    };
    expect(await got('')).toEqual({ ...none, 'header:To:asAddresses': null, 'header:Subject:asText': null });
    const lists = { from: [], sender: [], replyTo: [], to: [], cc: [], bcc: [], 'header:To:asAddresses': [] };
    const empty = { ...none, ...lists, subject: '', 'header:Subject:asText': '' };
    const fields = ['From', 'Sender', 'Reply-To', 'To', 'Cc', 'Bcc', 'Subject', 'Date', 'Message-ID', 'In-Reply-To', 'References'];
    expect(await got(fields.map((name) => `${name}: \n`).join(''))).toEqual(empty);
    // A group with nobody in it has no addresses; what nobody can read is no date and no id.
    const odd = 'From:\nSender:\nReply-To: ;\nTo: undisclosed-recipients:;\nCc: ,\nBcc:\nSubject:\t\nDate: soon\nMessage-ID: <>\n';
    expect(await got(odd)).toEqual(empty);
    expect(await got('Subject: \n one\nTo: \n a@x.test\n')).toMatchObject({ subject: 'one', to: [{ name: null, email: 'a@x.test' }] });
  });

  test.each<[string, string | null]>([
    ['Thu, 1 Jan 2026 12:30:00 -0530', '2026-01-01T12:30:00-05:30'],
    ['Thu, 1 Jan 2026 00:30:00 +0100 (CET)', '2026-01-01T00:30:00+01:00'],
    ['1 Jan 26 12:30 +0000', '2026-01-01T12:30:00Z'],
    ['Thu, 1 Jan 2026 12:30:00 -0000', '2026-01-01T12:30:00Z'],
    ['Thu, 1 Jan 2026 12:30:00 EST', '2026-01-01T12:30:00-05:00'],
    ['Thu, 1 Jan 2026 12:30:00 +0100 and more', '2026-01-01T12:30:00+01:00'],
    ['Thu, 1 Jan 2026 12:30:00', '2026-01-01T12:30:00Z'],
    // No zone of this world (RFC 3339 5.6): the moment is what is left.
    ['Thu, 1 Jan 2026 12:30:00 +9959', '2025-12-28T08:31:00Z'],
    ['Fri, 31 Dec 9999 23:30:00 -0500', '9999-12-31T23:30:00-05:00'],
    ['yesterday', null],
  ])('the date %s keeps its zone', async (date, expected) => {
    const properties = ['sentAt', 'header:Date:asDate'];
    expect(await email(`Date: ${date}\n\nx\n`, { properties })).toMatchObject({ sentAt: expected, 'header:Date:asDate': expected });
  });

  test('all of them, as they stand', async () => {
    const { headers } = (await email(HEADERS, { properties: ['headers'] })) as unknown as { headers: { name: string; value: string }[] };
    expect(headers.map(({ name }) => name)).toEqual([
      'Received',
      'From',
      'To',
      'Subject',
      'Message-ID',
      'References',
      'In-Reply-To',
      'Date',
      'List-Unsubscribe',
      'X-Twice',
      'X-Twice',
    ]);
    expect(headers[5]).toEqual({ name: 'References', value: ' <r1@x.test>\r\n <r2@x.test>' });
  });
});

const part = (type: string, body: string, more = '') => `Content-Type: ${type}\n${more}\n${body}\n`;
const multi = (kind: string, boundary: string, ...parts: string[]) =>
  `Content-Type: multipart/${kind}; boundary=${boundary}\n\n${parts.map((one) => `--${boundary}\n${one}`).join('')}--${boundary}--\n`;
const message = (body: string) => `From: a@x.test\nSubject: s\nMIME-Version: 1.0\n${body}`;
const INLINE = 'Content-Disposition: inline\n';

describe('what is text, HTML and attached (RFC 8621 4.1.4)', () => {
  /** As the RFC draws it: A to K. */
  const LARGE = message(
    multi(
      'mixed',
      'mx',
      part('text/plain', 'A', INLINE),
      multi(
        'mixed',
        'm2',
        multi(
          'alternative',
          'al',
          multi('mixed', 'm3', part('text/plain', 'B', INLINE), part('image/jpeg', 'C', INLINE), part('text/plain', 'D', INLINE)),
          multi('related', 're', part('text/html', 'E'), part('image/jpeg', 'F')),
        ),
        part('image/jpeg', 'G', 'Content-Disposition: attachment\n'),
        part('application/x-excel', 'H'),
        part('message/rfc822', 'Subject: J\n\nx'),
      ),
      part('text/plain', 'K', INLINE),
    ),
  );

  test('the RFCs own example', async () => {
    const found = (await email(LARGE, {
      fetchAllBodyValues: true,
      properties: ['textBody', 'htmlBody', 'attachments', 'bodyValues'],
    })) as unknown as {
      textBody: Part[];
      htmlBody: Part[];
      attachments: Part[];
      bodyValues: Record<string, { value: string }>;
    };
    const shown = (parts: readonly Part[]) => parts.map(({ partId, type }) => (found.bodyValues[partId]?.value ?? type).trim());
    expect(shown(found.textBody)).toEqual(['A', 'B', 'image/jpeg', 'D', 'K']);
    expect(shown(found.htmlBody)).toEqual(['A', 'E', 'K']);
    expect(shown(found.attachments)).toEqual(['image/jpeg', 'image/jpeg', 'image/jpeg', 'application/x-excel', 'message/rfc822']);
  });

  test('HTML alone stands for both; a structure has its parts', async () => {
    const one = await email(message(part('text/html; charset=utf-8', '<p>x</p>')), {
      properties: ['textBody', 'htmlBody', 'attachments', 'bodyStructure'],
    });
    expect(one).toMatchObject({
      textBody: [{ type: 'text/html' }],
      htmlBody: [{ type: 'text/html' }],
      attachments: [],
      bodyStructure: { partId: '1', subParts: null },
    });
    const many = await email(LARGE, { properties: ['bodyStructure'], bodyProperties: ['partId', 'type', 'header:Content-Type'] });
    expect(many).toMatchObject({
      bodyStructure: {
        partId: null,
        type: 'multipart/mixed',
        'header:Content-Type': ' multipart/mixed; boundary=mx',
        subParts: [
          { partId: '1', type: 'text/plain' },
          {
            type: 'multipart/mixed',
            subParts: [
              { subParts: [{ subParts: [{ partId: '2.1.1.1' }, {}, {}] }, {}] },
              {},
              {},
              { type: 'message/rfc822', subParts: null },
            ],
          },
          {},
        ],
      },
    });
  });

  test('a text is cut between characters and outside of tags, and tells it', async () => {
    const text = await email(message(part('text/plain; charset=utf-8', 'aé€x', 'Content-Transfer-Encoding: 8bit\n')), {
      properties: ['bodyValues'],
      fetchTextBodyValues: true,
      maxBodyValueBytes: 5,
    });
    expect(text).toMatchObject({ bodyValues: { '1': { value: 'aé', isTruncated: true } } });
    const html = await email(message(part('text/html', 'ab<a href="x">c</a>')), {
      properties: ['bodyValues'],
      fetchHTMLBodyValues: true,
      maxBodyValueBytes: 8,
    });
    expect(html).toMatchObject({ bodyValues: { '1': { value: 'ab', isTruncated: true } } });
  });

  test('what is in no charset that is known is shown and said to be doubtful; JSON stays JSON', async () => {
    const odd = Buffer.from(
      message(part('text/plain; charset=klingon', 'x\0\xff\xed\xa0\x80', 'Content-Transfer-Encoding: 8bit\n')).replaceAll('\n', '\r\n'),
      'latin1',
    );
    expect(await email(odd, { properties: ['bodyValues', 'subject'], fetchAllBodyValues: true })).toMatchObject({
      bodyValues: { '1': { isEncodingProblem: true } },
    });
    const bare = Buffer.from('From: a@x.test\nSubject: bare\nX-A: 1\n\nbody\n');
    expect(await email(bare, { properties: ['header:X-A', 'subject', 'bodyValues'], fetchAllBodyValues: true })).toMatchObject({
      'header:X-A': ' 1',
      subject: 'bare',
      bodyValues: { '1': { value: 'body\n' } },
    });
  });

  test('an attached message can be parsed, and its attachment fetched', async () => {
    const inner = message(
      multi(
        'mixed',
        'in',
        part('text/plain', 'inside'),
        part('application/pdf; name=a.pdf', 'SGk=', 'Content-Transfer-Encoding: base64\n'),
      ),
    );
    const outer = await email(message(multi('mixed', 'out', part('text/plain', 'outside'), part('message/rfc822', inner))), {
      properties: ['attachments'],
    });
    const [attached] = outer['attachments'] as Part[];
    const answer = await bench.one('Email/parse', { blobIds: [attached?.blobId, 'bX'], fetchTextBodyValues: true });
    expect(answer).toMatchObject({
      notFound: ['bX'],
      parsed: { [attached?.blobId ?? '']: { subject: 's', bodyValues: { '1': { value: 'inside' } } } },
    });
    const parsed = (answer['parsed'] as Record<string, { attachments: Part[] }>)[attached?.blobId ?? ''];
    const file = await bench.ask(`/jmap/download/${ALICE_ID}/${parsed?.attachments[0]?.blobId ?? ''}/a.pdf`, { headers: basic() });
    expect(await file.text()).toBe('Hi');
  });
});

describe('a download', () => {
  const raw = 'Subject: x\n\n<script>alert(1)</script>\n';
  const get = async (name: string, type: string) => {
    const { blobId } = (await email(raw, { properties: ['blobId'] })) as unknown as { blobId: string };
    return await bench.ask(`/jmap/download/${ALICE_ID}/${blobId}/${name}?type=${encodeURIComponent(type)}`, { headers: basic() });
  };

  test.each<[string, string, string, string]>([
    ['..%2f..%2fetc%2fpasswd', 'text/html', 'application/octet-stream', 'filename="passwd"; filename*=UTF-8\'\'passwd'],
    ['a%0d%0aSet-Cookie:x', 'image/svg+xml', 'application/octet-stream', 'filename="aSet-Cookiex"; filename*=UTF-8\'\'aSet-Cookiex'],
    ['%22;x=%22', 'text/plain', 'text/plain; charset=utf-8', 'filename=";x="; filename*=UTF-8\'\'%3Bx%3D'],
    ['%E2%80%AEgpj.exe', 'image/jpeg', 'image/jpeg', 'filename="gpj.exe"; filename*=UTF-8\'\'gpj.exe'],
    ['.htaccess', 'application/xhtml+xml', 'application/octet-stream', 'filename="htaccess"; filename*=UTF-8\'\'htaccess'],
    ['%C3%BCber.pdf', 'application/pdf', 'application/pdf', 'filename="_ber.pdf"; filename*=UTF-8\'\'%C3%BCber.pdf'],
    ['%2e%2e', 'message/rfc822', 'message/rfc822', 'filename="attachment"; filename*=UTF-8\'\'attachment'],
  ])('named %s of type %s runs nowhere', async (name, asked, type, disposition) => {
    const answer = await get(name, asked);
    if (answer.status === 404) return expect(name).toBe('%2e%2e');
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; ${disposition}`);
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

test('of a large message only what is asked for is read: its text without what is attached, and a part without the others', async () => {
  const part = (type: string, body: string) => `--b\nContent-Type: ${type}\n\n${body}\n`;
  const attached = 'x'.repeat(2 * 1024 * 1024);
  const raw = `Subject: large\nContent-Type: multipart/mixed; boundary=b\n\n${part('text/plain', 'the text')}${part('application/pdf', 'file')}${part('application/zip', attached)}--b--\n`;
  using open = vi.spyOn(bench.store.blobs, 'open');
  const read = (): number =>
    open.mock.calls.reduce((sum, [ref, range]) => sum + (range === undefined ? ref.sizeBytes : range.end - range.start), 0);
  const properties = ['textBody', 'attachments', 'bodyValues'];
  const found = (await email(raw, { properties, fetchTextBodyValues: true })) as { bodyValues: unknown; attachments: Part[] };
  expect(found.bodyValues).toMatchObject({ 1: { value: 'the text' } });
  const file = await bench.ask(`/jmap/download/${ALICE_ID}/${found.attachments[0]?.blobId ?? ''}/a.pdf`, { headers: basic() });
  expect(await file.text()).toBe('file');
  expect(read()).toBeLessThan(1000);
});
