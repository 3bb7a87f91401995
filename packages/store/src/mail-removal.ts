import type { AccountId, BlobId, MessageId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** A message, or one that is kept as expunged. */
export interface RemovableMail {
  readonly message: MessageId;
  /** The row in `expunged`. */
  readonly expunged?: number;
  readonly blob?: BlobId;
}

/** Some of what an account has, for who removes it in steps. Index message_changed, expunged_modseq. */
export function someMailOf(reader: Reader, account: AccountId, limit: number): RemovableMail[] {
  return reader
    .all<{ message: MessageId; expunged: number | null; blob: BlobId | null }>(
      `SELECT id AS message, NULL AS expunged, blob_id AS blob FROM message WHERE account_id = ?
       UNION ALL SELECT message_id, id, blob_id FROM expunged WHERE account_id = ? LIMIT ?`,
      account,
      account,
      limit,
    )
    .map(({ message, expunged, blob }) => ({
      message,
      ...(expunged === null ? {} : { expunged }),
      ...(blob === null ? {} : { blob }),
    }));
}

/** Expunged messages that can still be restored. Index expunged_modseq. */
export function countKept(reader: Reader, account: AccountId): number {
  return reader.get<{ n: number }>('SELECT count(*) AS n FROM expunged WHERE account_id = ? AND kept IS NOT NULL', account)?.n ?? 0;
}

/** Everything of the mirror but messages, which must be gone before. */
export function removeMailOf(tx: Tx, account: AccountId): void {
  const tables = [
    'intent',
    'remote_mailbox',
    'mirror',
    'contact',
    'thread_ref',
    'thread_subject',
    'mailbox_gone',
    'subscribed_name',
    'mailbox',
    'mail_account',
  ];
  for (const table of tables) tx.run(`DELETE FROM ${table} WHERE account_id = ?`, account);
}
