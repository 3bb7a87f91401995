import { createMailbox, moveMessages, type MailTx } from '@stopgap/mailbox';
import { dropIntent, findMailboxByName, findMessage, openIntentsOfMessage, type IntentRow } from '@stopgap/store';

/** Local only: what upstream would not take is kept here, where its owner finds it. The reason stands in the report. */
export const RECOVERED = 'Recovered';

export function recover(mail: MailTx, { message }: IntentRow): void {
  if (message === undefined || !findMessage(mail.tx, message)) return;
  const mailbox =
    findMailboxByName(mail.tx, mail.account, RECOVERED) ?? createMailbox(mail, { name: RECOVERED, isSubscribed: true, by: 'upstream' });
  moveMessages(mail, [message], mailbox.id, 'upstream');
  // Upstream has nothing of it that they could be told of.
  for (const { id } of openIntentsOfMessage(mail.tx, message)) dropIntent(mail.tx, id);
}
