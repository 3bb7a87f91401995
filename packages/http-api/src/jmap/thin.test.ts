import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALICE_ID, BOB, BOB_ID, startBench, type Bench } from '../test-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const LETTER = `From: Bob <bob@elsewhere.test>
To: alice@provider.test
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Date: Thu, 1 Jan 2026 10:00:00 +0100
Message-ID: <one@elsewhere.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Hallo Welt =E2=82=AC
--b
Content-Type: application/pdf; name="a.pdf"
Content-Disposition: attachment; filename="a.pdf"
Content-Transfer-Encoding: base64

SGVsbG8=
--b--
`;

test('a mailbox is read: query, get with a reference, the body, the attachment', async () => {
  const inbox = await bench.mailbox('INBOX');
  await bench.deliver(inbox, LETTER);
  const [mailboxes, query, emails] = await bench.call(
    ['Mailbox/get', { accountId: ALICE_ID, ids: null }],
    ['Email/query', { accountId: ALICE_ID, filter: { inMailbox: `m${inbox}` }, collapseThreads: true, calculateTotal: true }],
    ['Email/get', { accountId: ALICE_ID, '#ids': { resultOf: 'c1', name: 'Email/query', path: '/ids' }, fetchTextBodyValues: true }],
  );
  expect(mailboxes?.[1]).toMatchObject({
    list: [{ name: 'Inbox', role: 'inbox', totalEmails: 1, unreadEmails: 1, totalThreads: 1, unreadThreads: 1 }],
  });
  expect(query?.[1]).toMatchObject({ total: 1, position: 0, ids: ['e1'] });
  expect(emails?.[1]).toMatchObject({
    notFound: [],
    list: [
      {
        id: 'e1',
        threadId: 't1',
        mailboxIds: { [`m${inbox}`]: true },
        keywords: {},
        subject: 'Grüße',
        from: [{ name: 'Bob', email: 'bob@elsewhere.test' }],
        messageId: ['one@elsewhere.test'],
        sentAt: '2026-01-01T10:00:00+01:00',
        hasAttachment: true,
        bodyValues: { '1': { value: 'Hallo Welt €', isTruncated: false, isEncodingProblem: false } },
        textBody: [{ partId: '1', type: 'text/plain', charset: 'utf-8', size: 14 }],
        attachments: [{ partId: '2', name: 'a.pdf', type: 'application/pdf', size: 5, disposition: 'attachment' }],
      },
    ],
  });
  const [email] = (emails?.[1]['list'] ?? []) as { attachments: { blobId: string }[] }[];
  const blobId = email?.attachments[0]?.blobId ?? '';
  const download = await bench.ask(`/jmap/download/${ALICE_ID}/${blobId}/${encodeURIComponent('../e"vil.pdf')}?type=application/pdf`, {
    headers: { authorization: `Basic ${Buffer.from('alice@provider.test:correct horse').toString('base64')}` },
  });
  expect(download.status).toBe(200);
  expect(await download.text()).toBe('Hello');
  expect(download.headers.get('content-disposition')).toBe(`attachment; filename="evil.pdf"; filename*=UTF-8''evil.pdf`);
});

test('what changed is told, and nothing of another account', async () => {
  const inbox = await bench.mailbox('INBOX');
  const before = await bench.one('Email/get', { ids: [] });
  await bench.deliver(inbox, LETTER);
  const theirs = await bench.deliver(await bench.mailbox('INBOX', { account: BOB }), LETTER, { account: BOB });
  expect(await bench.one('Email/changes', { sinceState: before['state'] })).toMatchObject({ created: ['e1'], updated: [], destroyed: [] });
  expect(await bench.one('Email/get', { ids: [`e${theirs.id}`] })).toMatchObject({ list: [], notFound: [`e${theirs.id}`] });
  expect(await bench.one('Email/get', { accountId: BOB_ID, ids: [] })).toMatchObject({ type: 'accountNotFound' });
  expect(await bench.one('Thread/changes', { sinceState: before['state'] })).toMatchObject({ created: ['t1'] });
});
