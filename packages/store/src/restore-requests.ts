/* Expunged messages that somebody wants back. Commands ask in a process of their own; the one that serves does it, for it alone writes mail. */
import type { AccountId, MessageId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

export interface RestoreRequest {
  readonly message: MessageId;
  readonly account: AccountId;
  /** The name of a mailbox, which need not be there. Undefined: the one it was in. */
  readonly mailbox?: string;
}

/** False: it is not kept (any more). Asked for twice is asked for once, and the last word on the mailbox counts. Index expunged_message. */
export function askForRestore(tx: Tx, { message, account, mailbox }: RestoreRequest, nowMs: number): boolean {
  return (
    tx.run(
      'UPDATE expunged SET wanted_at_ms = ?, wanted_in = ?, refused = NULL WHERE message_id = ? AND account_id = ? AND kept IS NOT NULL',
      nowMs,
      mailbox ?? null,
      message,
      account,
    ).changes > 0
  );
}

/** Of all accounts, what was asked for first, and of that what was expunged first. Index expunged_wanted. */
export function listRestoreRequests(reader: Reader, limit: number): RestoreRequest[] {
  return reader
    .all<{ message: MessageId; account: AccountId; mailbox: string | null }>(
      `SELECT message_id AS message, account_id AS account, wanted_in AS mailbox FROM expunged WHERE wanted_at_ms IS NOT NULL
       ORDER BY wanted_at_ms, id LIMIT ?`,
      limit,
    )
    .map(({ mailbox, ...one }) => ({ ...one, ...(mailbox === null ? {} : { mailbox }) }));
}

/** What has not been done yet of one account. Index expunged_wanted. */
export function wantedMessages(reader: Reader, account: AccountId): MessageId[] {
  return reader.column('SELECT message_id FROM expunged WHERE wanted_at_ms IS NOT NULL AND account_id = ?', account);
}

/** It can not be done; it stays expunged. Index expunged_message. */
export function refuseRestore(tx: Tx, message: MessageId, why: string): void {
  tx.run('UPDATE expunged SET wanted_at_ms = NULL, wanted_in = NULL, refused = ? WHERE message_id = ? AND kept IS NOT NULL', why, message);
}

/** Why it could not be restored when it was asked for last. Index expunged_message. */
export function whyNotRestored(reader: Reader, message: MessageId): string | undefined {
  return reader.column<string | null>('SELECT refused FROM expunged WHERE message_id = ? AND kept IS NOT NULL', message)[0] ?? undefined;
}
