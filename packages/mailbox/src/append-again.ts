import type { MessageId } from '@stopgap/core';
import type { MailTx } from './mail-tx.ts';
import { leaveAppendAgain } from './message-intents.ts';
import { messagesIn } from './messages-in.ts';

/** Upstream has lost them and is to be given them as they are here. What else waits to be told of them is in that. */
export function appendAgain(mail: MailTx, ids: readonly MessageId[]): void {
  for (const { id, mailbox } of messagesIn(mail, ids)) leaveAppendAgain(mail, id, mailbox);
}
