import { asId, type AccountId, type Flag, type MailboxId, type MessageId, type ModSeq, type ThreadId, type Uid } from '@stopgap/core';
import type { DigestEnvelope, DigestPart } from '@stopgap/message';
import type { MessageFlagsRow, MessageRow, StoredMessage } from './messages.ts';
import { flagsFrom, SYSTEM_FLAG_SETS } from './stored-flags.ts';
import type { Reader } from './tx.ts';

export interface MessageSizeRow {
  readonly id: MessageId;
  readonly uid: Uid;
  /** With CRLF at the end of every line; as they are here where that is not counted yet. */
  readonly sizeBytes: number;
}

/** Messages whose bytes are here, by UID; of more than `limit` those with the greatest UIDs. One scan of UNIQUE (mailbox_id, uid). */
export function listMessageSizes(reader: Reader, mailbox: MailboxId, limit: number): MessageSizeRow[] {
  return reader
    .all<MessageSizeRow>(
      `SELECT id, uid, blob_bytes + coalesce(missing_line_end_bytes, 0) AS sizeBytes FROM message
       WHERE mailbox_id = ? AND blob_id IS NOT NULL AND completeness <> 'headers' ORDER BY uid DESC LIMIT ?`,
      mailbox,
      limit,
    )
    .toReversed();
}

/** Of the messages above those whose line ends are not counted yet. Index message_uncounted, which is empty but for what older programs kept. */
export function listUncounted(reader: Reader, mailbox: MailboxId, limit: number): MessageId[] {
  return reader.column(
    `SELECT id FROM message
     WHERE mailbox_id = ? AND missing_line_end_bytes IS NULL AND blob_id IS NOT NULL AND completeness <> 'headers' ORDER BY uid DESC LIMIT ?`,
    mailbox,
    limit,
  );
}

/** Ascending. UNIQUE (mailbox_id, uid) alone: 100,000 in some 20 ms. */
export function listUids(reader: Reader, mailbox: MailboxId): Uint32Array {
  return Uint32Array.from(reader.column<number>('SELECT uid FROM message WHERE mailbox_id = ? ORDER BY uid', mailbox));
}

/** Of those that are not seen, ascending. Index message_unseen. */
export function listUnseenUids(reader: Reader, mailbox: MailboxId): Uid[] {
  return reader.column('SELECT uid FROM message INDEXED BY message_unseen WHERE mailbox_id = ? AND flags & 1 = 0 ORDER BY uid', mailbox);
}

/** Undefined: all are seen. Index message_unseen. */
export function firstUnseenUid(reader: Reader, mailbox: MailboxId): Uid | undefined {
  return reader.column<Uid>('SELECT min(uid) FROM message WHERE mailbox_id = ? AND flags & 1 = 0', mailbox)[0] ?? undefined;
}

/** Those in use, sorted; of many different sets of them not all. Index message_keywords. */
export function listKeywords(reader: Reader, mailbox: MailboxId, limit: number): Flag[] {
  const sets = reader.column<string>(
    `SELECT DISTINCT keywords FROM message WHERE mailbox_id = ? AND keywords <> '' LIMIT ?`,
    mailbox,
    limit,
  );
  return [...new Set(sets.flatMap((keywords) => keywords.split(' ')))].sort();
}

/** Of those that are marked as deleted. Index message_deleted. */
export function countMarked(
  reader: Reader,
  mailbox: MailboxId,
): { readonly total: number; readonly unseen: number; readonly sizeBytes: number } {
  const row = reader.get<{ total: number; unseen: number; sizeBytes: number }>(
    `SELECT count(*) AS total, count(CASE WHEN flags & 1 = 0 THEN 1 END) AS unseen, coalesce(sum(size_bytes), 0) AS sizeBytes
     FROM message WHERE mailbox_id = ? AND flags & 8 <> 0`,
    mailbox,
  );
  return row ?? { total: 0, unseen: 0, sizeBytes: 0 };
}

/** Index message_deleted. */
export function listDeleted(
  reader: Reader,
  mailbox: MailboxId,
  range: { readonly fromUid: number; readonly toUid: number; readonly limit: number },
): MessageId[] {
  return reader.column<MessageId>(
    'SELECT id FROM message WHERE mailbox_id = ? AND flags & 8 <> 0 AND uid BETWEEN ? AND ? ORDER BY uid LIMIT ?',
    mailbox,
    range.fromUid,
    range.toUid,
    range.limit,
  );
}

/** A part of a mailbox, by UID; both ends included. */
export interface UidPage {
  readonly fromUid: number;
  readonly toUid: number;
  readonly limit: number;
  /** Only those that changed after it; 0: all. */
  readonly since: number;
}

/** Index UNIQUE (mailbox_id, uid). */
export function pageOfFlags(reader: Reader, mailbox: MailboxId, page: UidPage): MessageFlagsRow[] {
  return reader
    .all<StoredFlagsRow>(
      'SELECT id, uid, flags, keywords, modseq FROM message WHERE mailbox_id = ? AND uid BETWEEN ? AND ? AND modseq > ? ORDER BY uid LIMIT ?',
      mailbox,
      page.fromUid,
      page.toUid,
      page.since,
      page.limit,
    )
    .map(flagsRow);
}

/** Those with keywords as a text; the others, which are nearly all, as one number each: that takes half the time of rows. */
const PACKED = `CASE keywords WHEN '' THEN uid * ${SYSTEM_FLAG_SETS} + flags ELSE uid || ' ' || flags || ' ' || keywords END`;
const NOT_LOOKED_UP = asId.modSeq(0);

/** The same without the numbers of change, which are 0. Index UNIQUE (mailbox_id, uid). */
export function pageOfMarks(reader: Reader, mailbox: MailboxId, page: UidPage): Omit<MessageFlagsRow, 'id'>[] {
  return reader
    .column<number | string>(
      `SELECT ${PACKED} FROM message WHERE mailbox_id = ? AND uid BETWEEN ? AND ? AND modseq > ? ORDER BY uid LIMIT ?`,
      mailbox,
      page.fromUid,
      page.toUid,
      page.since,
      page.limit,
    )
    .map((packed) => {
      if (typeof packed === 'string') return withKeywords(packed);
      const bits = packed % SYSTEM_FLAG_SETS;
      return { uid: asId.uid((packed - bits) / SYSTEM_FLAG_SETS), flags: flagsFrom(bits, ''), modSeq: NOT_LOOKED_UP };
    });
}

function withKeywords(packed: string): Omit<MessageFlagsRow, 'id'> {
  const [uid, bits, ...keywords] = packed.split(' ');
  return { uid: asId.uid(Number(uid)), flags: flagsFrom(Number(bits), keywords.join(' ')), modSeq: NOT_LOOKED_UP };
}

/** What clients fetch of a message besides its octets. */
export type PageRow = Pick<
  MessageRow,
  'id' | 'uid' | 'blob' | 'completeness' | 'sizeBytes' | 'receivedAtMs' | 'savedAtMs' | 'flags' | 'thread' | 'original' | 'modSeq'
>;

/** Taken apart when it is asked for: much of it nobody asks for, and what is parsed for a whole page at once lives long enough to cost. */
export interface PageView {
  readonly envelope: () => DigestEnvelope;
  readonly structure: () => DigestPart;
  /** Undefined: it was not asked for. */
  readonly preview?: string;
}

const PAGE_COLUMNS = `m.id, m.uid, m.blob_id, m.blob_bytes, m.completeness, m.size_bytes, m.received_at_ms, m.saved_at_ms, m.flags, m.keywords,
  m.thread_id, m.original_id, m.modseq`;
const PAGE = 'm.mailbox_id = ? AND m.uid BETWEEN ? AND ? AND m.modseq > ? ORDER BY m.uid LIMIT ?';

/** Index UNIQUE (mailbox_id, uid). */
export function pageOfMessages(reader: Reader, mailbox: MailboxId, page: UidPage): PageRow[] {
  return reader.all<StoredPageRow>(`SELECT ${PAGE_COLUMNS} FROM message m WHERE ${PAGE}`, ...pageValues(mailbox, page)).map(pageRow);
}

/** The same with what lists show of them. Index UNIQUE (mailbox_id, uid). */
export function pageOfViews(
  reader: Reader,
  mailbox: MailboxId,
  { hasPreview, ...page }: UidPage & { readonly hasPreview: boolean },
): (PageRow & { readonly view: PageView })[] {
  return reader
    .all<StoredPageRow & StoredTexts & { readonly preview?: string }>(
      `SELECT ${PAGE_COLUMNS}, v.envelope, v.structure${hasPreview ? ', v.preview' : ''}
       FROM message m JOIN message_view v ON v.message_id = m.id WHERE ${PAGE}`,
      ...pageValues(mailbox, page),
    )
    .map((row) => ({ ...pageRow(row), view: { ...textsOf(row), ...(row.preview === undefined ? {} : { preview: row.preview }) } }));
}

/** The same with their structures, taken apart once, for who looks for a part of their octets. Index UNIQUE (mailbox_id, uid). */
export function pageOfStructures(reader: Reader, mailbox: MailboxId, page: UidPage): (PageRow & Pick<PageView, 'structure'>)[] {
  return reader
    .all<StoredPageRow & Pick<StoredTexts, 'structure'>>(
      `SELECT ${PAGE_COLUMNS}, v.structure FROM message m JOIN message_view v ON v.message_id = m.id WHERE ${PAGE}`,
      ...pageValues(mailbox, page),
    )
    .map((row) => {
      let parsed: DigestPart | undefined;
      return { ...pageRow(row), structure: () => (parsed ??= JSON.parse(row.structure) as DigestPart) };
    });
}

/** What lists show of them, and their flags alone. Index UNIQUE (mailbox_id, uid). */
export function pageOfTexts(reader: Reader, mailbox: MailboxId, page: UidPage): (MessageFlagsRow & { readonly view: PageView })[] {
  return reader
    .all<StoredFlagsRow & StoredTexts>(
      `SELECT m.id, m.uid, m.flags, m.keywords, m.modseq, v.envelope, v.structure
       FROM message m JOIN message_view v ON v.message_id = m.id WHERE ${PAGE}`,
      ...pageValues(mailbox, page),
    )
    .map((row) => ({ ...flagsRow(row), view: textsOf(row) }));
}

/** What changed in one mailbox, by UID. Index message_changed: what is far behind pays for all changes of the account since then. */
export function flagsChangedSince(
  reader: Reader,
  place: { readonly account: AccountId; readonly mailbox: MailboxId },
  since: ModSeq,
): MessageFlagsRow[] {
  return reader
    .all<StoredFlagsRow>(
      `SELECT id, uid, flags, keywords, modseq FROM message INDEXED BY message_changed
       WHERE account_id = ? AND modseq > ? AND mailbox_id = ? ORDER BY uid`,
      place.account,
      since,
      place.mailbox,
    )
    .map(flagsRow);
}

/** What changed in an account, in no order; where it is more than `limit`, a part of it. Index message_changed. */
export function uidsChangedSince(
  reader: Reader,
  account: AccountId,
  since: ModSeq,
  limit: number,
): { readonly mailbox: MailboxId; readonly uid: Uid }[] {
  return reader.all(
    'SELECT mailbox_id AS mailbox, uid FROM message INDEXED BY message_changed WHERE account_id = ? AND modseq > ? LIMIT ?',
    account,
    since,
    limit,
  );
}

/** What a search decides by the row alone. */
export interface SearchRow extends MessageFlagsRow {
  readonly receivedAtMs: number;
  readonly sentAtMs: number | null;
  readonly savedAtMs: number;
  readonly sizeBytes: number;
  readonly thread: ThreadId;
  /** Of whose content it is a copy; its own id where it is none. */
  readonly original: MessageId;
}

const SEARCH_COLUMNS = `id, uid, flags, keywords, modseq, received_at_ms AS receivedAtMs, sent_at_ms AS sentAtMs, saved_at_ms AS savedAtMs,
  size_bytes AS sizeBytes, thread_id AS thread, coalesce(original_id, id) AS original`;
const AMONG = 'mailbox_id = ? AND uid BETWEEN ? AND ?';

/** All, or those that are not seen. Index UNIQUE (mailbox_id, uid), or message_unseen. */
export function pageOfSearchRows(
  reader: Reader,
  mailbox: MailboxId,
  page: Omit<UidPage, 'since'> & { readonly isUnseen: boolean },
): SearchRow[] {
  return reader
    .all<StoredFlagsRow & Omit<SearchRow, 'flags' | 'modSeq'>>(
      page.isUnseen
        ? `SELECT ${SEARCH_COLUMNS} FROM message INDEXED BY message_unseen WHERE ${AMONG} AND flags & 1 = 0 ORDER BY uid LIMIT ?`
        : `SELECT ${SEARCH_COLUMNS} FROM message WHERE ${AMONG} ORDER BY uid LIMIT ?`,
      mailbox,
      page.fromUid,
      page.toUid,
      page.limit,
    )
    .map(({ keywords, modseq, flags, ...row }) => ({ ...row, flags: flagsFrom(flags, keywords), modSeq: modseq }));
}

interface StoredFlagsRow {
  readonly id: MessageId;
  readonly uid: Uid;
  readonly flags: number;
  readonly keywords: string;
  readonly modseq: ModSeq;
}

interface StoredTexts {
  readonly envelope: string;
  readonly structure: string;
}

function textsOf({ envelope, structure }: StoredTexts): PageView {
  return { envelope: () => JSON.parse(envelope) as DigestEnvelope, structure: () => JSON.parse(structure) as DigestPart };
}

function flagsRow({ id, uid, flags, keywords, modseq }: StoredFlagsRow): MessageFlagsRow {
  return { id, uid, flags: flagsFrom(flags, keywords), modSeq: modseq };
}

type StoredPageRow = Pick<
  StoredMessage,
  | 'id'
  | 'uid'
  | 'blob_id'
  | 'blob_bytes'
  | 'completeness'
  | 'size_bytes'
  | 'received_at_ms'
  | 'saved_at_ms'
  | 'flags'
  | 'keywords'
  | 'thread_id'
  | 'original_id'
  | 'modseq'
>;

function pageRow(row: StoredPageRow): PageRow {
  return {
    id: row.id,
    uid: row.uid,
    ...(row.blob_id === null ? {} : { blob: { id: row.blob_id, sizeBytes: row.blob_bytes ?? row.size_bytes } }),
    completeness: row.completeness,
    sizeBytes: row.size_bytes,
    receivedAtMs: row.received_at_ms,
    savedAtMs: row.saved_at_ms,
    flags: flagsFrom(row.flags, row.keywords),
    thread: row.thread_id,
    ...(row.original_id === null ? {} : { original: row.original_id }),
    modSeq: row.modseq,
  };
}

function pageValues(mailbox: MailboxId, { fromUid, toUid, since, limit }: UidPage): readonly number[] {
  return [mailbox, fromUid, toUid, since, limit];
}
