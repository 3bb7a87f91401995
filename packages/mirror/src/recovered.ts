import { createMailbox, moveMessages, type MailTx } from '@stopgap/mailbox';
import { findMailboxByName, findMessage, type IntentRow } from '@stopgap/store';

/** Local only: what upstream would not take is kept here, where its owner finds it. The reason stands in the report. */
export const RECOVERED = 'Recovered';

export function recover(mail: MailTx, { message }: IntentRow): void {
  if (message === undefined || !findMessage(mail.tx, message)) return;
  const mailbox =
    findMailboxByName(mail.tx, mail.account, RECOVERED) ?? createMailbox(mail, { name: RECOVERED, isSubscribed: true, by: 'upstream' });
  moveMessages(mail, [message], mailbox.id, 'upstream');
}
