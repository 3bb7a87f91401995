import type { MessageId } from '@stopgap/core';
import { appendAgain, type MailTx } from '@stopgap/mailbox';
import { forgetIds } from './forget-ids.ts';
import type { ReportBook } from './report.ts';

/** What the provider has lost is given to it again, like what was made here: no path knows it by an id any more. */
export function giveBack(mail: MailTx, messages: readonly MessageId[]): void {
  for (const message of messages) forgetIds(mail.tx, message);
  appendAgain(mail, messages);
}

export function tellGivenBack(report: ReportBook, mailbox: string, messages: number): void {
  if (messages === 0) return;
  const what = `${messages === 1 ? 'a message' : `${messages} messages`} in ${mailbox}`;
  report.decided({ what, why: 'lost at the provider; a person had it given to it again' });
}
