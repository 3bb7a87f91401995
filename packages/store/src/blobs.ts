/*
 * Disk layout: small blobs are in the table `blob`, by number alone (an index of hashes would cost a random page for each message); a big one is
 * `blobs/ab/cdef...` (its SHA-256), written as `blobs/tmp/N`, fsynced, renamed, and its directory fsynced, all before the row that names it. So a row
 * never points at bytes that a power cut could take; a file without a row is a leftover of a crash and is removed by `removeStrayFiles`.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, unlinkSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  asId,
  MailError,
  messageOf,
  type AccountId,
  type BlobHash,
  type BlobId,
  type BlobRef,
  type BlobStore,
  type BlobWriter,
  type MessageId,
  type StagedBlob,
} from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** Up to here a blob travels by memory into its row: one fsync instead of three. */
const INLINE_BYTES = 128 * 1024;
const READ_CHUNK_BYTES = 64 * 1024;
/** A file younger than this may belong to a transaction that has not been committed yet. */
const STRAY_AGE_MS = 60 * 60 * 1000;

interface BlobsOptions {
  readonly directory: string;
  readonly read: <T>(job: (reader: Reader) => T) => T;
}

export async function openBlobs(options: BlobsOptions): Promise<BlobStore> {
  const { directory, read } = options;
  await mkdir(join(directory, 'tmp'), { recursive: true, mode: 0o700 });
  await syncDirectory(join(directory, '..'));
  const known = new Set<string>();
  return {
    stage: () => new StagingWriter(directory, known),
    async *open(ref, range) {
      const row = read((reader) =>
        reader.get<{ hash: BlobHash; bytes: Buffer | null }>('SELECT hash, bytes FROM blob WHERE id = ?', ref.id),
      );
      if (!row) throw missing(ref.id);
      if (row.bytes) {
        if (!range) yield row.bytes;
        else if (range.end > range.start) yield row.bytes.subarray(range.start, range.end);
        return;
      }
      if (range && range.end <= range.start) return;
      // The last octet of a stream is included.
      const part = range ? { start: range.start, end: range.end - 1 } : {};
      try {
        for await (const chunk of createReadStream(fileOf(directory, row.hash), { highWaterMark: READ_CHUNK_BYTES, ...part })) {
          yield chunk as Buffer;
        }
      } catch (error) {
        throw missing(ref.id, error);
      }
    },
  };
}

/**
 * Gives the blob its row, in the transaction that refers to it. A big one that is there already is shared.
 * Housekeeping may have removed an equal, unused file after this one was put in place: then the write is refused and the client tries again.
 */
export function keepBlob(tx: Tx, blob: StagedBlob): BlobRef {
  if (blob.file !== undefined && !existsSync(blob.file)) {
    throw new MailError('transient', 'The message file went away before it was kept.', { code: 'store-failed' });
  }
  const { hash, sizeBytes } = blob;
  const same = blob.inline ? undefined : tx.get<{ id: BlobId }>('SELECT id FROM blob WHERE hash = ? AND bytes IS NULL', hash);
  const id =
    same?.id ??
    asId.blob(tx.run('INSERT INTO blob (hash, size_bytes, bytes) VALUES (?, ?, ?)', hash, sizeBytes, blob.inline ?? null).lastId);
  return { id, sizeBytes };
}

/** The bytes of those that are small and at hand. */
export function listSmallBlobs(reader: Reader, ids: readonly BlobId[]): ReadonlyMap<BlobId, Buffer> {
  const rows = reader.all<{ id: BlobId; bytes: Buffer }>(
    'SELECT b.id, b.bytes FROM json_each(?) AS wanted JOIN blob b ON b.id = wanted.value WHERE b.bytes IS NOT NULL',
    JSON.stringify(ids),
  );
  return new Map(rows.map(({ id, bytes }) => [id, bytes]));
}

/** The same, of each the first octets, so many. */
export function listBeginnings(reader: Reader, wanted: ReadonlyMap<BlobId, number>): ReadonlyMap<BlobId, Buffer> {
  const rows = reader.all<{ id: BlobId; bytes: Buffer }>(
    `SELECT b.id, substr(b.bytes, 1, wanted.value) AS bytes FROM json_each(?) AS wanted JOIN blob b ON b.id = CAST(wanted.key AS INTEGER)
     WHERE b.bytes IS NOT NULL`,
    JSON.stringify(Object.fromEntries(wanted)),
  );
  return new Map(rows.map(({ id, bytes }) => [id, bytes]));
}

/** What is here of a message's octets. */
export interface HeldMessage {
  readonly id: MessageId;
  readonly blob: BlobRef;
  /** All octets of the blob, when it is a small one. */
  readonly bytes?: Buffer;
  /** The blob is the header alone. */
  readonly isHeader: boolean;
}

/** Messages of which nothing is here are left out. */
export function listHeldMessages(reader: Reader, ids: readonly MessageId[]): HeldMessage[] {
  return reader
    .all<{ id: MessageId; blobId: BlobId; sizeBytes: number; bytes: Buffer | null; completeness: string }>(
      `SELECT m.id, b.id AS blobId, b.size_bytes AS sizeBytes, b.bytes, m.completeness
       FROM json_each(?) AS wanted JOIN message m ON m.id = wanted.value JOIN blob b ON b.id = m.blob_id`,
      JSON.stringify(ids),
    )
    .map(({ id, blobId, sizeBytes, bytes, completeness }) => ({
      id,
      blob: { id: blobId, sizeBytes },
      ...(bytes === null ? {} : { bytes }),
      isHeader: completeness === 'headers',
    }));
}

/** Who may name a blob; each has an index of its blobs. */
const IS_UNUSED = ['submission', 'message', 'expunged', 'upload']
  .map((table) => `NOT EXISTS (SELECT 1 FROM ${table} WHERE blob_id = blob.id)`)
  .join(' AND ');

/** Drops row and file when nobody names the blob any more. The file goes inside the transaction: see `keepBlob`. */
export function dropBlobIfUnused(tx: Tx, dataDir: string, id: BlobId): void {
  const row = tx.get<{ hash: BlobHash; inline: number }>(
    `SELECT hash, bytes IS NOT NULL AS inline FROM blob WHERE id = ? AND ${IS_UNUSED}`,
    id,
  );
  if (!row) return;
  tx.run('DELETE FROM blob WHERE id = ?', id);
  if (row.inline === 1) return;
  const file = fileOf(join(dataDir, 'blobs'), row.hash);
  if (existsSync(file)) unlinkSync(file);
}

/** Drops the rows of those that nobody names any more. Big ones leave their file to `removeUnusedFiles`, or to `removeStrayFiles`. */
export function dropUnusedBlobRows(tx: Tx, ids: readonly BlobId[]): void {
  tx.run(`DELETE FROM blob WHERE id IN (SELECT value FROM json_each(?)) AND ${IS_UNUSED}`, JSON.stringify(ids));
}

/** The files that an account's mail and uploads are in, be it together with others'. */
export function listFilesOf(reader: Reader, account: AccountId): BlobHash[] {
  return reader
    .all<{ hash: BlobHash }>(
      `SELECT DISTINCT hash FROM blob WHERE bytes IS NULL AND id IN (
         SELECT blob_id FROM message WHERE account_id = ? UNION SELECT blob_id FROM expunged WHERE account_id = ?
         UNION SELECT blob_id FROM upload WHERE account_id = ?)`,
      account,
      account,
      account,
    )
    .map(({ hash }) => hash);
}

/** Of these, the ones that no row names any more. The file goes inside the transaction: see `keepBlob`. */
export function removeUnusedFiles(tx: Tx, dataDir: string, hashes: readonly BlobHash[]): void {
  for (const hash of hashes) {
    const file = fileOf(join(dataDir, 'blobs'), hash);
    if (!tx.get('SELECT 1 FROM blob WHERE hash = ? AND bytes IS NULL', hash) && existsSync(file)) unlinkSync(file);
  }
}

/** Removes what a crash left: temporary files, and files without a row. At start, before the doors open. */
export async function removeStrayFiles(dataDir: string, read: BlobsOptions['read']): Promise<number> {
  const directory = join(dataDir, 'blobs');
  let removed = 0;
  for (const name of await readdir(join(directory, 'tmp'))) {
    await unlink(join(directory, 'tmp', name));
    removed += 1;
  }
  for (const prefix of await readdir(directory)) {
    if (prefix === 'tmp') continue;
    for (const rest of await readdir(join(directory, prefix))) {
      const known = read((reader) => reader.get('SELECT 1 FROM blob WHERE hash = ? AND bytes IS NULL', prefix + rest));
      const file = join(directory, prefix, rest);
      if (known || Date.now() - (await stat(file)).mtimeMs < STRAY_AGE_MS) continue;
      await unlink(file);
      removed += 1;
    }
  }
  return removed;
}

class StagingWriter implements BlobWriter {
  readonly #directory: string;
  /** Subdirectories whose own name is on disk: at most 256. */
  readonly #known: Set<string>;
  readonly #hash = createHash('sha256');
  #memory: Buffer[] = [];
  #sizeBytes = 0;
  #file: { readonly handle: FileHandle; readonly name: string } | undefined;

  constructor(directory: string, known: Set<string>) {
    this.#directory = directory;
    this.#known = known;
  }

  write(chunk: Buffer): Promise<void> | void {
    this.#hash.update(chunk);
    this.#sizeBytes += chunk.length;
    if (this.#file || this.#sizeBytes > INLINE_BYTES) return this.#spill(chunk);
    this.#memory.push(chunk);
  }

  async finish(): Promise<StagedBlob> {
    const hash = asId.blobHash(this.#hash.digest('hex'));
    const ref = { hash, sizeBytes: this.#sizeBytes };
    const [first] = this.#memory;
    if (!this.#file) return { ...ref, inline: first && this.#memory.length === 1 ? first : Buffer.concat(this.#memory, this.#sizeBytes) };
    const { handle, name } = this.#file;
    try {
      await handle.sync();
      await handle.close();
      await this.#putInPlace(name, hash);
    } catch (error) {
      await this.abort();
      throw writeFailed(error);
    }
    return { ...ref, file: fileOf(this.#directory, hash) };
  }

  async abort(): Promise<void> {
    this.#memory = [];
    if (!this.#file) return;
    const { handle, name } = this.#file;
    this.#file = undefined;
    await handle.close().catch(() => undefined);
    await rm(name, { force: true });
  }

  async #putInPlace(name: string, hash: BlobHash): Promise<void> {
    const prefix = hash.slice(0, 2);
    const parent = join(this.#directory, prefix);
    if (!this.#known.has(prefix)) {
      // Also when it is there already: whoever made it may have died, or failed, before its name was on disk.
      await mkdir(parent, { recursive: true, mode: 0o700 });
      await syncDirectory(this.#directory);
      this.#known.add(prefix);
    }
    await rename(name, fileOf(this.#directory, hash));
    await syncDirectory(parent);
  }

  async #spill(chunk: Buffer): Promise<void> {
    try {
      if (!this.#file) {
        const name = join(this.#directory, 'tmp', randomUUID());
        this.#file = { handle: await open(name, 'wx', 0o600), name };
        for (const earlier of this.#memory) await writeAll(this.#file.handle, earlier);
        this.#memory = [];
      }
      await writeAll(this.#file.handle, chunk);
    } catch (error) {
      throw writeFailed(error);
    }
  }
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length;) offset += (await handle.write(chunk, offset)).bytesWritten;
}

/** Measured: without it only the temporary name survives a power cut. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function fileOf(directory: string, hash: BlobHash): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new MailError('bug', 'That is no blob hash.', { code: 'blob-hash' });
  return join(directory, hash.slice(0, 2), hash.slice(2));
}

function missing(id: BlobId, cause?: unknown): MailError {
  return new MailError('bug', `The bytes of blob ${id} can not be read.`, { code: 'blob-missing', cause });
}

function writeFailed(error: unknown): MailError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new MailError(
    'transient',
    full ? 'The disk that holds the data directory is full.' : `A blob could not be written: ${messageOf(error)}`,
    {
      code: full ? 'store-full' : 'store-failed',
      ...(full ? { reply: 'insufficient system storage' } : {}),
      cause: error,
    },
  );
}
