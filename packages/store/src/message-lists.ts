/* Whole lists of a mailbox or an account as ids alone: what clients page through, sort and compare. JSON arrays, since a row for each would cost more. */
import type { AccountId, Flag, MessageId, ThreadId } from '@stopgap/core';
import { boundValues, type MessageBounds } from './messages.ts';
import { flagBit } from './stored-flags.ts';
import type { Reader } from './tx.ts';

export interface MessageList {
  readonly ids: readonly MessageId[];
  /** Of each, in the same order. */
  readonly threads: readonly ThreadId[];
}

/** Newest first, then the greatest id. Index message_mailbox_received, or message_received. */
export function listMessageIds(reader: Reader, account: AccountId, bounds: MessageBounds, limit: number): MessageList {
  const place = bounds.mailbox === undefined ? '? IS NULL' : 'mailbox_id = ?';
  const row = reader.get<{ ids: string; threads: string }>(
    `SELECT json_group_array(id) AS ids, json_group_array(thread_id) AS threads FROM (
       SELECT id, thread_id FROM message WHERE ${place} AND account_id = ? AND received_at_ms >= ? AND received_at_ms < ?
         AND size_bytes >= ? AND size_bytes < ? AND flags & ? = ? AND flags & ? = 0
       ORDER BY received_at_ms DESC, id DESC LIMIT ?)`,
    ...boundValues(account, bounds),
    limit,
  );
  return { ids: parsed<MessageId>(row?.ids), threads: parsed<ThreadId>(row?.threads) };
}

/** The threads of these, in their order; 0 for one that is gone. */
export function threadsOfMessages(reader: Reader, ids: readonly MessageId[]): readonly ThreadId[] {
  const row = reader.get<{ threads: string }>(
    `SELECT json_group_array(ifnull(m.thread_id, 0) ORDER BY wanted.key) AS threads
     FROM json_each(?) AS wanted LEFT JOIN message m ON m.id = wanted.value`,
    JSON.stringify(ids),
  );
  return parsed<ThreadId>(row?.threads);
}

/** What people sort by, in the order of `ids`; of an address its name, else the address itself. */
export function sortTexts(reader: Reader, ids: readonly MessageId[], of: 'subject' | 'from' | 'to'): readonly string[] {
  const text =
    of === 'subject'
      ? "v.envelope ->> '$.subject'"
      : `coalesce(nullif(v.envelope ->> '$.${of}[0].name', ''), v.envelope ->> '$.${of}[0].address')`;
  const row = reader.get<{ texts: string }>(
    `SELECT json_group_array(ifnull(${text}, '') ORDER BY wanted.key) AS texts
     FROM json_each(?) AS wanted LEFT JOIN message_view v ON v.message_id = wanted.value`,
    JSON.stringify(ids),
  );
  return parsed<string>(row?.texts);
}

export interface ThreadFlagCount {
  readonly thread: ThreadId;
  readonly messages: number;
  /** Of those, how many have the flag. */
  readonly flagged: number;
}

/** Of every thread of an account, without what is marked as deleted. One look through all its messages. */
export function countFlagInThreads(reader: Reader, account: AccountId, flag: Flag): ThreadFlagCount[] {
  return reader.all<ThreadFlagCount>(
    `SELECT thread_id AS thread, count(*) AS messages,
       sum(CASE WHEN ? = 0 THEN instr(' ' || keywords || ' ', ?) > 0 ELSE flags & ? <> 0 END) AS flagged
     FROM message WHERE account_id = ? AND flags & 8 = 0 GROUP BY thread_id`,
    flagBit(flag) ?? 0,
    ` ${flag} `,
    flagBit(flag) ?? 0,
    account,
  );
}

function parsed<T>(text: string | undefined): T[] {
  return text === undefined ? [] : (JSON.parse(text) as T[]);
}
