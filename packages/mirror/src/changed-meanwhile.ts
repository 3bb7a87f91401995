import { MailError, type MessageId } from '@stopgap/core';
import { findMessage, type MessageRow, type Reader } from '@stopgap/store';

/** Nothing was told of it yet, and what is left is read again. */
export function intentGone(): MailError {
  return new MailError('transient', 'An intent was changed.', { code: 'intent-gone' });
}

/** What is done to a message whose append waits leaves no intent, for it is in what is appended: then that must be as it is in this transaction. */
export function refuseIfChanged(reader: Reader, id: MessageId, asRead: MessageRow | undefined): void {
  if (findMessage(reader, id)?.modSeq !== asRead?.modSeq) throw intentGone();
}
