import type { AccountId, ThreadId } from '@stopgap/core';
import { messageFrom, type MessageRow, type StoredMessage } from './messages.ts';
import type { Reader, Tx } from './tx.ts';

export interface SubjectThread {
  readonly thread: ThreadId;
  readonly atMs: number;
  /** It holds a reply without references that came before what it answers. */
  readonly isWaiting: boolean;
}

/** @param ref the key of a Message-ID */
export function findThreadOfRef(reader: Reader, account: AccountId, ref: number): ThreadId | undefined {
  const row = reader.get<{ thread: ThreadId }>('SELECT thread_id AS thread FROM thread_ref WHERE account_id = ? AND ref = ?', account, ref);
  return row?.thread;
}

/** Harmless when it has a thread already. */
export function insertThreadRef(tx: Tx, account: AccountId, ref: number, thread: ThreadId): void {
  tx.run('INSERT INTO thread_ref (account_id, ref, thread_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', account, ref, thread);
}

export function findThreadOfSubject(reader: Reader, account: AccountId, subject: number): SubjectThread | undefined {
  const row = reader.get<{ thread: ThreadId; atMs: number; waits: number }>(
    'SELECT thread_id AS thread, at_ms AS atMs, waits FROM thread_subject WHERE account_id = ? AND subject = ?',
    account,
    subject,
  );
  return row && { thread: row.thread, atMs: row.atMs, isWaiting: row.waits === 1 };
}

export function putThreadOfSubject(tx: Tx, account: AccountId, subject: number, to: SubjectThread): void {
  tx.run(
    'INSERT OR REPLACE INTO thread_subject (account_id, subject, thread_id, at_ms, waits) VALUES (?, ?, ?, ?, ?)',
    account,
    subject,
    to.thread,
    to.atMs,
    to.isWaiting ? 1 : 0,
  );
}

/** Messages of an account with this Message-ID (angle brackets), oldest first. By the thread of its key. */
export function listMessagesByMessageId(
  reader: Reader,
  account: AccountId,
  messageId: { readonly key: number; readonly text: string },
): MessageRow[] {
  const thread = findThreadOfRef(reader, account, messageId.key);
  if (thread === undefined) return [];
  return reader
    .all<StoredMessage>(
      `SELECT m.* FROM message m JOIN message_view v ON v.message_id = m.id
       WHERE m.account_id = ? AND m.thread_id = ? AND v.envelope ->> '$.messageId' = ? ORDER BY m.id`,
      account,
      thread,
      messageId.text,
    )
    .map(messageFrom);
}
