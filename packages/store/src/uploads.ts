import type { AccountId, BlobId, BlobRef } from '@stopgap/core';
import { dropBlobIfUnused, dropUnusedBlobRows } from './blobs.ts';
import type { Reader, Tx } from './tx.ts';

/** Bytes that a client brought. */
export interface UploadRow {
  readonly id: string;
  readonly account: AccountId;
  readonly blob: BlobRef;
  /** As the client called it; hostile text. */
  readonly type: string;
  readonly createdAtMs: number;
}

interface Stored {
  readonly id: string;
  readonly account_id: AccountId;
  readonly blob_id: BlobId;
  readonly type: string;
  readonly size_bytes: number;
  readonly created_at_ms: number;
}

export function insertUpload(tx: Tx, row: UploadRow): void {
  tx.run(
    'INSERT INTO upload (id, account_id, blob_id, type, size_bytes, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
    row.id,
    row.account,
    row.blob.id,
    row.type,
    row.blob.sizeBytes,
    row.createdAtMs,
  );
}

export function findUpload(reader: Reader, account: AccountId, id: string): UploadRow | undefined {
  const row = reader.get<Stored>('SELECT * FROM upload WHERE id = ? AND account_id = ?', id, account);
  return (
    row && {
      id: row.id,
      account: row.account_id,
      blob: { id: row.blob_id, sizeBytes: row.size_bytes },
      type: row.type,
      createdAtMs: row.created_at_ms,
    }
  );
}

/** Octets of all uploads of an account. Index upload_account. */
export function uploadedBytes(reader: Reader, account: AccountId): number {
  return reader.get<{ n: number | null }>('SELECT sum(size_bytes) AS n FROM upload WHERE account_id = ?', account)?.n ?? 0;
}

/** The oldest of an account go until so many octets are left. What a message was made of stays with the message. */
export function trimUploads(tx: Tx, account: AccountId, mostBytes: number): void {
  const rows = tx.all<{ id: string; blob: BlobId; size: number }>(
    'SELECT id, blob_id AS blob, size_bytes AS size FROM upload WHERE account_id = ? ORDER BY created_at_ms',
    account,
  );
  let left = rows.reduce((sum, row) => sum + row.size, 0);
  const gone = rows.filter((row) => {
    if (left <= mostBytes) return false;
    left -= row.size;
    return true;
  });
  dropUploads(tx, gone);
}

/** All of an account, with their files: for who erases it. */
export function removeUploadsOf(tx: Tx, dataDir: string, account: AccountId): void {
  const rows = tx.all<{ blob: BlobId }>('SELECT blob_id AS blob FROM upload WHERE account_id = ?', account);
  tx.run('DELETE FROM upload WHERE account_id = ?', account);
  for (const { blob } of rows) dropBlobIfUnused(tx, dataDir, blob);
}

/** Index upload_age. Returns how many went. */
export function deleteAgedUploads(tx: Tx, beforeMs: number, limit: number): number {
  const rows = tx.all<{ id: string; blob: BlobId }>(
    'SELECT id, blob_id AS blob FROM upload WHERE created_at_ms < ? ORDER BY created_at_ms LIMIT ?',
    beforeMs,
    limit,
  );
  dropUploads(tx, rows);
  return rows.length;
}

function dropUploads(tx: Tx, rows: readonly { readonly id: string; readonly blob: BlobId }[]): void {
  if (rows.length === 0) return;
  tx.run('DELETE FROM upload WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(rows.map((row) => row.id)));
  dropUnusedBlobRows(
    tx,
    rows.map((row) => row.blob),
  );
}
