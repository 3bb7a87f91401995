import { MailError, type MessageId } from '@stopgap/core';
import { findMessage, type MessageRow } from '@stopgap/store';
import type { MailTx } from './mail-tx.ts';

/** In one operation: it is one transaction, which holds the event loop. Who has more to do does it in steps. */
export const MOST_AT_ONCE = 5000;

/** The messages of this account among them, in the order of `ids`, each once. */
export function messagesIn(mail: MailTx, ids: readonly MessageId[]): MessageRow[] {
  if (ids.length > MOST_AT_ONCE) {
    throw new MailError('permanent', 'Too many messages at once.', { code: 'too-many-messages', reply: 'too many messages at once' });
  }
  const found: MessageRow[] = [];
  for (const id of new Set(ids)) {
    const message = findMessage(mail.tx, id);
    if (message && message.account === mail.account) found.push(message);
  }
  return found;
}
