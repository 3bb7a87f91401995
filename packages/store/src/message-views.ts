import type { BlobHash, MessageId } from '@stopgap/core';
import type { DigestAttachment, DigestEnvelope, DigestPart } from '@stopgap/message';
import type { Reader, Tx } from './tx.ts';

export interface MessageView {
  /** Of the bytes that are here. Undefined: there are none. */
  readonly hash?: BlobHash;
  readonly envelope: DigestEnvelope;
  readonly structure: DigestPart;
  readonly preview: string;
  readonly attachments: readonly DigestAttachment[];
}

interface StoredView {
  readonly message_id: MessageId;
  readonly hash: BlobHash | null;
  readonly envelope: string;
  readonly structure: string;
  readonly preview: string;
  readonly attachments: string;
}

/** Makes it or replaces it. */
export function putMessageView(tx: Tx, id: MessageId, view: MessageView): void {
  tx.run(
    'INSERT OR REPLACE INTO message_view (message_id, hash, envelope, structure, preview, attachments) VALUES (?, ?, ?, ?, ?, ?)',
    id,
    view.hash ?? null,
    JSON.stringify(view.envelope),
    JSON.stringify(view.structure),
    view.preview,
    view.attachments.length === 0 ? '[]' : JSON.stringify(view.attachments),
  );
}

export function findMessageView(reader: Reader, id: MessageId): MessageView | undefined {
  const row = reader.get<StoredView>('SELECT * FROM message_view WHERE message_id = ?', id);
  return row && viewFrom(row);
}

export function listMessageViews(reader: Reader, ids: readonly MessageId[]): ReadonlyMap<MessageId, MessageView> {
  const rows = reader.all<StoredView>(
    'SELECT v.* FROM json_each(?) AS wanted JOIN message_view v ON v.message_id = wanted.value',
    JSON.stringify(ids),
  );
  return new Map(rows.map((row) => [row.message_id, viewFrom(row)]));
}

/**
 * Envelopes that may hold a text. @param needle ASCII, small letters; an envelope that is ASCII alone and has it nowhere is left out
 */
export function listEnvelopesLike(reader: Reader, ids: readonly MessageId[], needle: string): ReadonlyMap<MessageId, DigestEnvelope> {
  const rows = reader.all<Pick<StoredView, 'message_id' | 'envelope'>>(
    `SELECT v.message_id, v.envelope FROM json_each(?) AS wanted JOIN message_view v ON v.message_id = wanted.value
     WHERE instr(lower(v.envelope), ?) > 0 OR v.envelope GLOB '*[^ -~]*'`,
    JSON.stringify(ids),
    JSON.stringify(needle).slice(1, -1),
  );
  return new Map(rows.map(({ message_id, envelope }) => [message_id, JSON.parse(envelope) as DigestEnvelope]));
}

export function copyMessageView(tx: Tx, from: MessageId, to: MessageId): void {
  tx.run(
    `INSERT INTO message_view (message_id, hash, envelope, structure, preview, attachments)
     SELECT ?, hash, envelope, structure, preview, attachments FROM message_view WHERE message_id = ?`,
    to,
    from,
  );
}

function viewFrom(row: StoredView): MessageView {
  return {
    ...(row.hash === null ? {} : { hash: row.hash }),
    envelope: JSON.parse(row.envelope) as DigestEnvelope,
    structure: JSON.parse(row.structure) as DigestPart,
    preview: row.preview,
    attachments: JSON.parse(row.attachments) as DigestAttachment[],
  };
}
