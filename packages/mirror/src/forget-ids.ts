import type { MessageId } from '@stopgap/core';
import { deleteRemoteMessage, listRemoteMessagesOf, type Tx } from '@stopgap/store';

/**
 * Upstream does not have it any more, by whatever path: else one that has not looked since would take its old id for that of a message that was brought
 * back here, and the deletion for one by somebody else.
 */
export function forgetIds(tx: Tx, message: MessageId): void {
  for (const row of listRemoteMessagesOf(tx, message)) deleteRemoteMessage(tx, row.remoteMailbox, row.remoteId);
}
