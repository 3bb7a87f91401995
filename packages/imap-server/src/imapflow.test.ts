import { ImapFlow } from 'imapflow';
import { until } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { PASSWORD, TestServer } from './test-server.ts';

/** A client that is not ours, with all it can do: compression, CONDSTORE, QRESYNC, ENABLE, IDLE. */
async function connected(server: TestServer, options: { readonly isSecure?: boolean; readonly qresync?: boolean } = {}): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: server.port(options.isSecure === true ? 'imaps' : 'imap'),
    secure: options.isSecure === true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'alice@a.test', pass: PASSWORD },
    logger: false,
    qresync: options.qresync === true,
  });
  client.on('error', (error) => {
    throw error;
  });
  await client.connect();
  return client;
}

const LETTER = 'From: Ann <ann@a.test>\r\nSubject: Grüße\r\nMessage-ID: <1@a.test>\r\n\r\nHello\r\n';

test.each([{ isSecure: true }, { isSecure: false }, { qresync: true }])('imapflow works a mailbox (%o)', async (options) => {
  await using server = await TestServer.start({ plaintextAuth: 'never' });
  server.mail.make('Sent', 'Sent');
  const client = await connected(server, options);
  expect((await client.list()).map(({ path, specialUse }) => [path, specialUse])).toEqual([
    ['INBOX', '\\Inbox'],
    ['Sent', '\\Sent'],
  ]);
  expect(await client.mailboxCreate(['Projekte', 'Köln'])).toMatchObject({ path: 'Projekte/Köln', created: true });
  const appended = await client.append('INBOX', LETTER, ['\\Flagged'], new Date(Date.UTC(2026, 0, 2)));
  expect(appended).toMatchObject({ uid: 1 });
  for (let n = 0; n < 30; n += 1) await client.append('INBOX', `Subject: ${n}\r\n\r\n${'x'.repeat(n * 100)}\r\n`);
  const lock = await client.getMailboxLock('INBOX');
  expect(client.mailbox).toMatchObject({ exists: 31, uidNext: 32 });
  const one = await client.fetchOne('1', {
    envelope: true,
    bodyStructure: true,
    flags: true,
    internalDate: true,
    size: true,
    source: true,
    uid: true,
  });
  expect(one).toMatchObject({
    uid: 1,
    flags: new Set(['\\Flagged']),
    internalDate: new Date(Date.UTC(2026, 0, 2)),
    size: Buffer.byteLength(LETTER),
    envelope: { subject: 'Grüße', messageId: '<1@a.test>', from: [{ name: 'Ann', address: 'ann@a.test' }] },
  });
  expect(one && one.source?.toString()).toBe(LETTER);
  const sizes: number[] = [];
  for await (const message of client.fetch('2:*', { source: true, bodyParts: ['TEXT'] })) sizes.push(message.source?.length ?? 0);
  expect(sizes).toHaveLength(30);
  const download = await client.download('1', 'TEXT');
  expect((await download.content?.toArray())?.join('')).toBe('Hello\r\n');
  expect(await client.search({ subject: 'Grüße' }, { uid: true })).toEqual([1]);
  expect(await client.search({ or: [{ seen: true }, { flagged: true }] })).toEqual([1]);
  await client.messageFlagsAdd('1:3', ['\\Seen', '$label']);
  expect(await client.messageMove('2:3', 'Projekte/Köln')).toMatchObject({
    destination: 'Projekte/Köln',
    uidMap: new Map([
      [2, 1],
      [3, 2],
    ]),
  });
  expect(await client.messageCopy('1', 'Sent')).toMatchObject({ uidMap: new Map([[1, 1]]) });
  expect(await client.messageDelete('5:6')).toBe(true);
  await until(() => client.mailbox !== false && client.mailbox.exists === 27);
  expect(await client.status('Projekte/Köln', { messages: true, unseen: true, uidNext: true })).toMatchObject({
    messages: 2,
    unseen: 0,
    uidNext: 3,
  });
  const heard: number[] = [];
  client.on('exists', ({ count }) => heard.push(count));
  const idling = client.idle();
  server.mail.deliver('INBOX', 'Subject: new\n\nx\n');
  await until(() => heard.includes(28));
  expect(await client.getQuota('INBOX')).toMatchObject({ storage: { limit: 9766 * 1024 } });
  await idling;
  lock.release();
  await client.mailboxRename('Projekte/Köln', 'Projekte/Bonn');
  await client.mailboxUnsubscribe('Projekte/Bonn');
  await client.mailboxDelete('Projekte/Bonn');
  await client.logout();
  await until(() => server.mail.openSessions === 0);
  expect(server.failures).toEqual([]);
});
