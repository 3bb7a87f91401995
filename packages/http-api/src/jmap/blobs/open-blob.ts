import type { AccountId, BlobRef } from '@stopgap/core';
import { digestOf, partBytes, type DigestPart } from '@stopgap/message';
import { findMessage, findMessageView, findSubmission, findUpload, type Store } from '@stopgap/store';
import { partAt, typeOf } from '../email/parts.ts';
import { blobBytes } from '../email/source.ts';
import { unwire } from '../ids.ts';
import { messageBlobOf } from './blob-ids.ts';

const LONGEST_ID = 255;
/** Messages in each other, each taken apart anew. */
const DEEPEST = 3;
/** Taken apart in memory. */
const LARGEST_OUTER_BYTES = 64 * 1024 * 1024;

/** Bytes that an account may have. */
export interface OpenBlob {
  readonly sizeBytes: number;
  /** As its part or its uploader called it; hostile text. */
  readonly type: string;
  /** The stored blob, where the bytes are all of it. */
  readonly whole?: BlobRef;
  bytes(): AsyncIterable<Buffer>;
}

/** Undefined: there is none, or it is another account's, which is the same. */
export async function openBlob(store: Store, account: AccountId, blobId: string): Promise<OpenBlob | undefined> {
  if (blobId.length > LONGEST_ID || blobId.split('__').length - 1 > DEEPEST) return undefined;
  const [, outer, inner] = /^(.+)__([\d-]+)$/.exec(blobId) ?? [];
  if (outer !== undefined && inner !== undefined) return await innerBlob(await openBlob(store, account, outer), inner.replaceAll('-', '.'));
  const upload = blobId.startsWith('u') ? store.read((reader) => findUpload(reader, account, blobId)) : undefined;
  if (upload !== undefined) return wholeBlob(store, upload.blob, upload.type);
  const sent = unwire.submission(blobId);
  const submission = sent && store.read((reader) => findSubmission(reader, sent));
  if (submission?.account === account) return wholeBlob(store, submission.blob, 'message/rfc822');
  const named = messageBlobOf(blobId);
  const row = named && store.read((reader) => findMessage(reader, named.message));
  if (named === undefined || row === undefined || row.account !== account || row.blob === undefined || row.blob.id !== named.blob)
    return undefined;
  if (named.section === undefined) return wholeBlob(store, row.blob, 'message/rfc822');
  const view = store.read((reader) => findMessageView(reader, row.id));
  const part = view && partAt(view.structure, named.section);
  if (part === undefined) return undefined;
  const range = { start: Math.min(part.bodyStart, row.blob.sizeBytes), end: Math.min(part.bodyStart + part.sizeBytes, row.blob.sizeBytes) };
  const bytes = partBytes({ ...part, bodyStart: 0 }, await blobBytes(store, row.blob, range));
  return { sizeBytes: bytes.length, type: typeWithCharset(part), bytes: () => once(bytes) };
}

/** A part of a message that is a blob itself: an attached one, or an upload. */
async function innerBlob(outer: OpenBlob | undefined, section: string): Promise<OpenBlob | undefined> {
  if (outer === undefined || outer.sizeBytes > LARGEST_OUTER_BYTES) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of outer.bytes()) chunks.push(chunk);
  const message = Buffer.concat(chunks);
  const part = partAt(digestOf(message).structure, section);
  if (part === undefined) return undefined;
  const bytes = partBytes(part, message);
  return { sizeBytes: bytes.length, type: typeWithCharset(part), bytes: () => once(bytes) };
}

function wholeBlob(store: Store, blob: BlobRef, type: string): OpenBlob {
  return { sizeBytes: blob.sizeBytes, type, whole: blob, bytes: () => store.blobs.open(blob) };
}

function typeWithCharset(part: DigestPart): string {
  const { charset } = part.parameters;
  return charset === undefined ? typeOf(part) : `${typeOf(part)}; charset="${charset}"`;
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
