import type { BlobHash, BlobId } from './ids.ts';

/** A blob that is kept. */
export interface BlobRef {
  readonly id: BlobId;
  readonly sizeBytes: number;
}

/** Written once; big blobs are content-addressed. */
export interface BlobStore {
  /** A place for bytes as they arrive; nothing is durable before `finish`, and nothing is kept without a row that names it. */
  stage(): BlobWriter;
  /**
   * The bytes, or those from `start` up to `end`, which is not included, in chunks. Rejects with a MailError `blob-missing` when there is no such
   * blob.
   */
  open(ref: BlobRef, range?: { readonly start: number; readonly end: number }): AsyncIterable<Buffer>;
}

export interface BlobWriter {
  /** Resolves when more may be written (back pressure). The memory must stay as it is until what `finish` gives is kept. */
  write(chunk: Buffer): Promise<void> | void;
  /** After it the bytes are safe, or will be so in the very transaction that `keep`s them. */
  finish(): Promise<StagedBlob>;
  /** Throws the bytes away; harmless after `finish` failed. */
  abort(): Promise<void>;
}

export interface StagedBlob {
  readonly hash: BlobHash;
  readonly sizeBytes: number;
  /** Small blobs travel to their row by memory, */
  readonly inline?: Buffer;
  /** big ones are durable in a file of their own. One of the two is there. */
  readonly file?: string;
}
