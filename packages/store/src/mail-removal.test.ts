import { asId } from '@stopgap/core';
import { tempStore } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import {
  dropBlobIfUnused,
  insertExpunged,
  insertIntent,
  insertMailAccount,
  insertMailbox,
  insertMessage,
  insertRemoteMailbox,
  insertThreadRef,
  keepBlob,
  meetContact,
  putAccount,
  putMessageView,
  putMirror,
  putRemoteMessage,
  putThreadOfSubject,
  removeAccount,
  type MessageRow,
  type Tx,
} from './index.ts';

const TABLES = [
  'account',
  'blob',
  'contact',
  'expunged',
  'intent',
  'mail_account',
  'mailbox',
  'message',
  'message_view',
  'mirror',
  'remote_mailbox',
  'remote_message',
  'thread_ref',
  'thread_subject',
];
const THREAD = asId.thread(1);

/** A row in every table that an account's mail has. */
function fill(tx: Tx, name: string): Omit<MessageRow, 'id'> {
  const account = asId.account(name);
  const modSeq = asId.modSeq(2);
  putAccount(tx, { id: account, address: name, provider: asId.provider('p'), name: '', state: 'active', createdAtMs: 0 });
  insertMailAccount(tx, account);
  const mailbox = insertMailbox(tx, { account, name: 'INBOX', isSubscribed: true, uidValidity: 1, modSeq });
  const blob = (text: string) => keepBlob(tx, { hash: asId.blobHash('0'.repeat(64)), sizeBytes: 4, inline: Buffer.from(text) });
  const message = {
    account,
    mailbox,
    uid: asId.uid(1),
    blob: blob('here'),
    completeness: 'raw',
    sizeBytes: 4,
    receivedAtMs: 0,
    savedAtMs: 0,
    flags: ['$seen'],
    thread: THREAD,
    createdModSeq: modSeq,
    modSeq,
  } as const;
  const id = insertMessage(tx, message, undefined);
  const view = {
    envelope: { subject: '', from: [], sender: [], replyTo: [], to: [], cc: [], bcc: [], inReplyTo: [], references: [] },
    structure: {
      type: 'text',
      subtype: 'plain',
      parameters: {},
      encoding: '7bit',
      headerStart: 0,
      bodyStart: 0,
      sizeBytes: 4,
      lines: 1,
    },
    preview: '',
    attachments: [],
  };
  putMessageView(tx, id, view);
  const gone = { ...message, id: asId.message(id + 1000), uid: asId.uid(2), blob: blob('gone') };
  insertExpunged(
    tx,
    { message: gone.id, account, mailbox, uid: gone.uid, createdModSeq: modSeq, modSeq, expungedAtMs: 0, by: 'here' },
    { message: gone, view },
  );
  insertThreadRef(tx, account, 5, THREAD);
  putThreadOfSubject(tx, account, 6, { thread: THREAD, atMs: 0, isWaiting: false });
  meetContact(tx, account, { address: 'bob@x.test', name: '', as: 'sent', atMs: 0 });
  const remoteMailbox = insertRemoteMailbox(tx, { account, space: 's', remoteId: asId.remoteMailbox('r'), mailbox, total: 0 });
  putRemoteMessage(tx, { remoteMailbox, remoteId: asId.remoteMessage('1'), message: id, flags: [] });
  insertIntent(tx, { account, message: id, mailbox, work: { kind: 'append' }, nowMs: 0 });
  putMirror(tx, { account, state: 'idle', sinceMs: 0, nextAtMs: 0 });
  return message;
}

test('an account that is removed takes its mail along, and nothing of anybody else', async () => {
  await using temp = await tempStore();
  const counts = () =>
    temp.store.read((reader) =>
      Object.fromEntries(TABLES.map((table) => [table, reader.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n])),
    );
  await temp.store.write((tx) => fill(tx, 'alice@x.test'));
  const alone = counts();
  expect(Object.values(alone).every((count) => count !== undefined && count > 0)).toBe(true);
  await temp.store.write((tx) => fill(tx, 'bob@x.test'));
  expect(await temp.store.write((tx) => removeAccount(tx, asId.account('bob@x.test')))).toBe(true);
  expect(counts()).toEqual(alone);
  await temp.store.write((tx) => removeAccount(tx, asId.account('alice@x.test')));
  expect(Object.values(counts()).every((count) => count === 0)).toBe(true);
  expect(temp.store.read((reader) => reader.all('PRAGMA foreign_key_check'))).toEqual([]);
});

test('a blob is used by messages and by expunged ones', async () => {
  await using temp = await tempStore();
  await temp.store.write((tx) => fill(tx, 'alice@x.test'));
  const blobs = () => temp.store.read((reader) => reader.all<{ id: number }>('SELECT id FROM blob')).map(({ id }) => asId.blob(id));
  await temp.store.write((tx) => blobs().forEach((id) => dropBlobIfUnused(tx, temp.dataDir, id)));
  expect(blobs().length).toBe(2);
  await temp.store.write((tx) => {
    tx.run('DELETE FROM expunged');
    tx.run('DELETE FROM message');
    blobs().forEach((id) => dropBlobIfUnused(tx, temp.dataDir, id));
  });
  expect(blobs()).toEqual([]);
});
