import type { BlobRef } from '@stopgap/core';
import type { DigestAttachment, DigestEnvelope, DigestPart } from '@stopgap/message';
import type { MessageRow, MessageView, Store } from '@stopgap/store';
import { MethodError } from '../method-error.ts';
import { messageBlobId } from '../blobs/blob-ids.ts';

/** Of one call, all messages together. */
const MOST_OPENED_BYTES = 256 * 1024 * 1024;

/** What the properties of an Email are made of, wherever it came from. */
export interface EmailSource {
  readonly envelope: DigestEnvelope;
  readonly structure: DigestPart;
  readonly preview: string;
  readonly attachments: readonly DigestAttachment[];
  readonly sizeBytes: number;
  /** Of the whole message (no section), or of a part. */
  blobId(section?: string): string;
  /** The message; of one whose body is not here, what is: its header, or nothing. @param end nothing is needed from there on */
  bytes(end?: number): Promise<Buffer>;
}

/** A message of the account. */
export interface StoredEmail extends EmailSource {
  readonly row: MessageRow;
}

/** Opens messages within the bound of one call. */
export class MessageOpener {
  readonly #store: Store;
  #opened = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @throws MethodError requestTooLarge */
  async open(blob: BlobRef | undefined, end = Infinity): Promise<Buffer> {
    if (blob === undefined) return Buffer.alloc(0);
    const range = { start: 0, end: Math.min(end, blob.sizeBytes) };
    this.#opened += range.end;
    if (this.#opened > MOST_OPENED_BYTES) throw new MethodError('requestTooLarge', 'These messages are too large to be read at once.');
    return await blobBytes(this.#store, blob, range);
  }
}

export async function blobBytes(store: Store, blob: BlobRef, range = { start: 0, end: blob.sizeBytes }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of store.blobs.open(blob, range)) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

export function storedEmail(row: MessageRow, view: MessageView, opener: MessageOpener): StoredEmail {
  let bytes: Promise<Buffer> | undefined;
  return {
    row,
    envelope: view.envelope,
    structure: view.structure,
    preview: view.preview,
    attachments: view.attachments,
    sizeBytes: row.sizeBytes,
    blobId: (section) => messageBlobId(row, section),
    bytes: (end) => bytes ?? (end === undefined ? (bytes = opener.open(row.blob)) : opener.open(row.blob, end)),
  };
}
