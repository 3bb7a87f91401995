import type { MailboxId, MessageId, Uid } from '@stopgap/core';
import type { Reader } from './tx.ts';

export interface MessageSizeRow {
  readonly id: MessageId;
  readonly uid: Uid;
  readonly sizeBytes: number;
}

/** Messages whose bytes are here, by UID; of more than `limit` those with the greatest UIDs. One scan of UNIQUE (mailbox_id, uid). */
export function listMessageSizes(reader: Reader, mailbox: MailboxId, limit: number): MessageSizeRow[] {
  return reader
    .all<MessageSizeRow>(
      `SELECT id, uid, blob_bytes AS sizeBytes FROM message
       WHERE mailbox_id = ? AND blob_id IS NOT NULL AND completeness <> 'headers' ORDER BY uid DESC LIMIT ?`,
      mailbox,
      limit,
    )
    .toReversed();
}
