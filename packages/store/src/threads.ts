import type { AccountId, MessageId, ModSeq, ThreadId } from '@stopgap/core';
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
  return row && mergedInto(reader, account, row.thread);
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
  return row && { thread: mergedInto(reader, account, row.thread), atMs: row.atMs, isWaiting: row.waits === 1 };
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

export function insertThreadMerged(
  tx: Tx,
  account: AccountId,
  merged: { readonly thread: ThreadId; readonly into: ThreadId; readonly modSeq: ModSeq },
): void {
  const { thread, into, modSeq } = merged;
  tx.run('UPDATE thread_merged SET into_thread_id = ? WHERE account_id = ? AND into_thread_id = ?', into, account, thread);
  tx.run(
    'INSERT OR REPLACE INTO thread_merged (account_id, thread_id, into_thread_id, modseq) VALUES (?, ?, ?, ?)',
    account,
    thread,
    into,
    modSeq,
  );
}

/** Threads that became part of another since. One look through the account's merged ones, which are few. */
export function threadsMergedSince(
  reader: Reader,
  account: AccountId,
  since: ModSeq,
): { readonly thread: ThreadId; readonly into: ThreadId; readonly modSeq: ModSeq }[] {
  return reader.all(
    'SELECT thread_id AS thread, into_thread_id AS "into", modseq AS modSeq FROM thread_merged WHERE account_id = ? AND modseq > ?',
    account,
    since,
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

/** Index message_thread. */
export function messageIdsOfThread(reader: Reader, account: AccountId, thread: ThreadId): MessageId[] {
  return reader
    .all<{ id: MessageId }>('SELECT id FROM message WHERE account_id = ? AND thread_id = ? ORDER BY id', account, thread)
    .map(({ id }) => id);
}

/** One step is enough: what pointed at a merged thread was turned when it was merged. */
export function mergedInto(reader: Reader, account: AccountId, thread: ThreadId): ThreadId {
  const row = reader.get<{ target: ThreadId }>(
    'SELECT into_thread_id AS target FROM thread_merged WHERE account_id = ? AND thread_id = ?',
    account,
    thread,
  );
  return row?.target ?? thread;
}
