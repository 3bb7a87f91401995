import { MailError, type MessageId } from '@stopgap/core';
import { listMessages, type MessageRow } from '@stopgap/store';
import type { MailTx } from './mail-tx.ts';

/** In one operation: it is one transaction, which holds the event loop. Who has more to do does it in steps. */
export const MOST_AT_ONCE = 5000;

/** The messages of this account among them, in the order of `ids`, each once. */
export function messagesIn(mail: MailTx, ids: readonly MessageId[]): MessageRow[] {
  if (ids.length > MOST_AT_ONCE) {
    throw new MailError('permanent', 'Too many messages at once.', { code: 'too-many-messages', reply: 'too many messages at once' });
  }
  const found = new Map(listMessages(mail.tx, ids).map((message) => [message.id, message]));
  return [...new Set(ids)].flatMap((id) => found.get(id) ?? []).filter(({ account }) => account === mail.account);
}
