import type { AccountId, BlobHash, BlobId, BlobRef, Completeness, Flag, MailboxId, MessageId, ModSeq, ThreadId, Uid } from '@stopgap/core';
import { flagBit, flagsFrom, storedFlags } from './stored-flags.ts';
import type { Reader, Tx } from './tx.ts';

export interface MessageRow {
  readonly id: MessageId;
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly uid: Uid;
  /** Undefined: only the view is known. */
  readonly blob?: BlobRef;
  readonly completeness: Completeness;
  /** Of the whole message, also where only its headers are here. */
  readonly sizeBytes: number;
  /** Octets that its bytes here lack for every line to end with CRLF. Undefined: not counted yet. */
  readonly missingLineEndBytes?: number;
  readonly receivedAtMs: number;
  readonly sentAtMs?: number;
  readonly savedAtMs: number;
  readonly flags: readonly Flag[];
  readonly thread: ThreadId;
  /** The message that it was copied from, or that one was; it may be gone. Undefined: it is no copy. */
  readonly original?: MessageId;
  readonly createdModSeq: ModSeq;
  readonly modSeq: ModSeq;
  /** The last change by which it was there again for JMAP: restored, or no longer marked as deleted. Undefined: it was there all the time. */
  readonly shownModSeq?: ModSeq;
}

/** What an opened mailbox needs of every message in it. */
export interface MessageFlagsRow {
  readonly id: MessageId;
  readonly uid: Uid;
  readonly flags: readonly Flag[];
  readonly modSeq: ModSeq;
}

export interface StoredMessage {
  readonly id: MessageId;
  readonly account_id: AccountId;
  readonly mailbox_id: MailboxId;
  readonly uid: Uid;
  readonly blob_id: BlobId | null;
  readonly blob_bytes: number | null;
  readonly completeness: Completeness;
  readonly size_bytes: number;
  readonly received_at_ms: number;
  readonly sent_at_ms: number | null;
  readonly saved_at_ms: number;
  readonly flags: number;
  readonly keywords: string;
  readonly thread_id: ThreadId;
  readonly original_id: MessageId | null;
  readonly missing_line_end_bytes: number | null;
  readonly created_modseq: ModSeq;
  readonly modseq: ModSeq;
  readonly shown_modseq: ModSeq | null;
}

/** Without an id a new one is made; with one, the message comes back under it. */
export function insertMessage(
  tx: Tx,
  message: Omit<MessageRow, 'id'> & { readonly id?: MessageId },
  hash: BlobHash | undefined,
): MessageId {
  const { bits, keywords } = storedFlags(message.flags);
  return tx.run(
    `INSERT INTO message (id, account_id, mailbox_id, uid, blob_id, blob_bytes, hash_key, completeness, size_bytes, received_at_ms, sent_at_ms,
       saved_at_ms, flags, keywords, thread_id, original_id, missing_line_end_bytes, created_modseq, modseq, shown_modseq)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    message.id ?? null,
    message.account,
    message.mailbox,
    message.uid,
    message.blob?.id ?? null,
    message.blob?.sizeBytes ?? null,
    hash === undefined ? null : hashKey(hash),
    message.completeness,
    message.sizeBytes,
    message.receivedAtMs,
    message.sentAtMs ?? null,
    message.savedAtMs,
    bits,
    keywords,
    message.thread,
    message.original ?? null,
    message.missingLineEndBytes ?? null,
    message.createdModSeq,
    message.modSeq,
    message.shownModSeq ?? null,
  ).lastId as MessageId;
}

export function findMessage(reader: Reader, id: MessageId): MessageRow | undefined {
  const row = reader.get<StoredMessage>('SELECT * FROM message WHERE id = ?', id);
  return row && messageFrom(row);
}

/** Index UNIQUE (mailbox_id, uid). */
export function findMessageByUid(reader: Reader, mailbox: MailboxId, uid: Uid): MessageRow | undefined {
  const row = reader.get<StoredMessage>('SELECT * FROM message WHERE mailbox_id = ? AND uid = ?', mailbox, uid);
  return row && messageFrom(row);
}

/** Those of them that are there, in no order. */
export function listMessages(reader: Reader, ids: readonly MessageId[]): MessageRow[] {
  return reader
    .all<StoredMessage>('SELECT m.* FROM json_each(?) AS wanted JOIN message m ON m.id = wanted.value', JSON.stringify(ids))
    .map(messageFrom);
}

/** Every message of a mailbox by UID, from `fromUid` on. One narrow scan of UNIQUE (mailbox_id, uid). */
export function listMessageFlags(
  reader: Reader,
  mailbox: MailboxId,
  range: { readonly fromUid?: number; readonly toUid?: number } = {},
): MessageFlagsRow[] {
  return reader
    .all<{ id: MessageId; uid: Uid; flags: number; keywords: string; modseq: ModSeq }>(
      'SELECT id, uid, flags, keywords, modseq FROM message WHERE mailbox_id = ? AND uid BETWEEN ? AND ? ORDER BY uid',
      mailbox,
      range.fromUid ?? 1,
      range.toUid ?? Number.MAX_SAFE_INTEGER,
    )
    .map(({ id, uid, flags, keywords, modseq }) => ({ id, uid, flags: flagsFrom(flags, keywords), modSeq: modseq }));
}

/** Whole rows by UID, a page at a time. Index UNIQUE (mailbox_id, uid). */
export function listMailboxMessages(
  reader: Reader,
  mailbox: MailboxId,
  page: { readonly afterUid: number; readonly limit: number },
): MessageRow[] {
  return reader
    .all<StoredMessage>('SELECT * FROM message WHERE mailbox_id = ? AND uid > ? ORDER BY uid LIMIT ?', mailbox, page.afterUid, page.limit)
    .map(messageFrom);
}

/** Messages of this mailbox with this content, lowest UID first. Index message_content (the plus keeps it off that of the UIDs); the key alone proves nothing. */
export function listMessagesByContent(reader: Reader, mailbox: MailboxId, hash: BlobHash): MessageRow[] {
  return reader
    .all<StoredMessage>(
      `SELECT m.* FROM message m JOIN message_view v ON v.message_id = m.id
       WHERE m.mailbox_id = ? AND m.hash_key = ? AND v.hash = ? ORDER BY +m.uid`,
      mailbox,
      hashKey(hash),
      hash,
    )
    .map(messageFrom);
}

/** In whatever mailbox, the newest of them first. Index message_content. */
export function listAccountMessagesByContent(
  reader: Reader,
  account: AccountId,
  { hash, limit }: { readonly hash: BlobHash; readonly limit: number },
): MessageRow[] {
  return reader
    .all<StoredMessage>(
      `SELECT m.* FROM mailbox b CROSS JOIN message m ON m.mailbox_id = b.id AND m.hash_key = ? JOIN message_view v ON v.message_id = m.id AND v.hash = ?
       WHERE b.account_id = ? ORDER BY m.id DESC LIMIT ?`,
      hashKey(hash),
      hash,
      account,
      limit,
    )
    .map(messageFrom);
}

/** Index message_thread; the plus keeps it off message_received, which is the whole account. */
export function listThread(reader: Reader, account: AccountId, thread: ThreadId): MessageRow[] {
  return reader
    .all<StoredMessage>('SELECT * FROM message WHERE account_id = ? AND thread_id = ? ORDER BY +received_at_ms, id', account, thread)
    .map(messageFrom);
}

/** Index message_changed. */
export function messagesChangedSince(
  reader: Reader,
  account: AccountId,
  since: ModSeq,
  limit: number,
): Pick<MessageRow, 'id' | 'createdModSeq' | 'modSeq'>[] {
  return reader.all(
    `SELECT id, created_modseq AS createdModSeq, modseq AS modSeq FROM message WHERE account_id = ? AND modseq > ? ORDER BY modseq LIMIT ?`,
    account,
    since,
    limit,
  );
}

/** The next ones in the order of change and id, for who looks through all of them. Index message_changed. */
export function messagesChangedAfter(
  reader: Reader,
  account: AccountId,
  after: { readonly modSeq: ModSeq; readonly id: MessageId },
  limit: number,
): { readonly id: MessageId; readonly modSeq: ModSeq; readonly blob: BlobId | null }[] {
  return reader.all(
    `SELECT id, modseq AS modSeq, blob_id AS blob FROM message WHERE account_id = ? AND (modseq, id) > (?, ?) ORDER BY modseq, id LIMIT ?`,
    account,
    after.modSeq,
    after.id,
    limit,
  );
}

/** What a message must be to be listed; everything that is left out lets all pass. */
export interface MessageBounds {
  readonly mailbox?: MailboxId;
  readonly receivedFromMs?: number;
  readonly receivedUntilMs?: number;
  readonly sizeFromBytes?: number;
  readonly sizeUntilBytes?: number;
  /** Bits of system flags (`flagBit`) that must be set, and that must not. */
  readonly flagsSet?: number;
  readonly flagsUnset?: number;
}

/** For a WHERE that asks for mailbox (or none), account, receipt, size, flags set (twice) and unset, in this order. */
export function boundValues(account: AccountId, bounds: MessageBounds): readonly (number | string | null)[] {
  return [
    bounds.mailbox ?? null,
    account,
    bounds.receivedFromMs ?? Number.MIN_SAFE_INTEGER,
    bounds.receivedUntilMs ?? Number.MAX_SAFE_INTEGER,
    bounds.sizeFromBytes ?? 0,
    bounds.sizeUntilBytes ?? Number.MAX_SAFE_INTEGER,
    bounds.flagsSet ?? 0,
    bounds.flagsSet ?? 0,
    bounds.flagsUnset ?? 0,
  ];
}

/** Newest first, then the greatest id; a page at a time. `until` is not included. Index message_mailbox_received, or message_received. */
export function listNewestMessages(
  reader: Reader,
  account: AccountId,
  bounds: MessageBounds,
  page: { readonly after?: { readonly receivedAtMs: number; readonly id: MessageId }; readonly limit: number },
): MessageRow[] {
  const place = bounds.mailbox === undefined ? '? IS NULL' : 'mailbox_id = ?';
  return reader
    .all<StoredMessage>(
      `SELECT * FROM message WHERE ${place} AND account_id = ? AND received_at_ms >= ? AND received_at_ms < ? AND size_bytes >= ? AND size_bytes < ?
         AND flags & ? = ? AND flags & ? = 0 AND (received_at_ms, id) < (?, ?) ORDER BY received_at_ms DESC, id DESC LIMIT ?`,
      ...boundValues(account, bounds),
      page.after?.receivedAtMs ?? Number.MAX_SAFE_INTEGER,
      page.after?.id ?? Number.MAX_SAFE_INTEGER,
      page.limit,
    )
    .map(messageFrom);
}

export function updateMessageFlags(tx: Tx, id: MessageId, flags: readonly Flag[], modSeq: ModSeq): void {
  const { bits, keywords } = storedFlags(flags);
  tx.run(
    `UPDATE message SET flags = ?, keywords = ?, modseq = ?,
       shown_modseq = CASE WHEN flags & ~? & ${flagBit('$deleted')} THEN ? ELSE shown_modseq END WHERE id = ?`,
    bits,
    keywords,
    modSeq,
    bits,
    modSeq,
    id,
  );
}

export function updateMessagePlace(
  tx: Tx,
  id: MessageId,
  to: { readonly mailbox: MailboxId; readonly uid: Uid; readonly modSeq: ModSeq },
): void {
  tx.run('UPDATE message SET mailbox_id = ?, uid = ?, modseq = ? WHERE id = ?', to.mailbox, to.uid, to.modSeq, id);
}

export function updateMessageContent(
  tx: Tx,
  message: Pick<MessageRow, 'id' | 'blob' | 'completeness' | 'sizeBytes' | 'missingLineEndBytes' | 'sentAtMs' | 'modSeq'>,
  hash: BlobHash | undefined,
): void {
  tx.run(
    `UPDATE message SET blob_id = ?, blob_bytes = ?, hash_key = ?, completeness = ?, size_bytes = ?, missing_line_end_bytes = ?, sent_at_ms = ?,
       modseq = ?
     WHERE id = ?`,
    message.blob?.id ?? null,
    message.blob?.sizeBytes ?? null,
    hash === undefined ? null : hashKey(hash),
    message.completeness,
    message.sizeBytes,
    message.missingLineEndBytes ?? null,
    message.sentAtMs ?? null,
    message.modSeq,
    message.id,
  );
}

/** Of a message that an older program kept; nothing that clients are told of changes. Passed over where its bytes are others by now. */
export function updateMissingLineEnds(
  tx: Tx,
  { id, blob, bytes }: { readonly id: MessageId; readonly blob: BlobId; readonly bytes: number },
): void {
  tx.run('UPDATE message SET missing_line_end_bytes = ? WHERE id = ? AND blob_id = ?', bytes, id, blob);
}

/** Its view goes with it. */
export function deleteMessage(tx: Tx, id: MessageId): void {
  tx.run('DELETE FROM message WHERE id = ?', id);
}

export function messageFrom(row: StoredMessage): MessageRow {
  return {
    id: row.id,
    account: row.account_id,
    mailbox: row.mailbox_id,
    uid: row.uid,
    ...(row.blob_id === null ? {} : { blob: { id: row.blob_id, sizeBytes: row.blob_bytes ?? row.size_bytes } }),
    completeness: row.completeness,
    sizeBytes: row.size_bytes,
    receivedAtMs: row.received_at_ms,
    ...(row.sent_at_ms === null ? {} : { sentAtMs: row.sent_at_ms }),
    savedAtMs: row.saved_at_ms,
    flags: flagsFrom(row.flags, row.keywords),
    thread: row.thread_id,
    ...(row.original_id === null ? {} : { original: row.original_id }),
    ...(row.missing_line_end_bytes === null ? {} : { missingLineEndBytes: row.missing_line_end_bytes }),
    createdModSeq: row.created_modseq,
    modSeq: row.modseq,
    ...(row.shown_modseq === null ? {} : { shownModSeq: row.shown_modseq }),
  };
}

/** An integer that every layer carries without loss. */
function hashKey(hash: BlobHash): number {
  return Number.parseInt(hash.slice(0, 13), 16);
}
