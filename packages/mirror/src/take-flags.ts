import { sameFlags, withFlagChange, type Flag, type FlagChange, type MessageId } from '@stopgap/core';
import { changeFlags, type MailTx } from '@stopgap/mailbox';
import { findMessage, listRemoteMessagesOf, openIntentsOfMessage, putRemoteMessage, type Tx } from '@stopgap/store';
import { flagChangeBetween, mergedFlags } from './flag-merge.ts';

/** What upstream says about a message's flags, with what was done here and is not carried back yet on top. True: they are other ones here now. */
export function takeFlags(
  mail: MailTx,
  id: MessageId,
  { base, there }: { readonly base: readonly Flag[] | undefined; readonly there: readonly Flag[] },
): boolean {
  const message = findMessage(mail.tx, id);
  if (!message) return false;
  const pending = openIntentsOfMessage(mail.tx, id).flatMap(({ work }): FlagChange[] => (work.kind === 'flags' ? [work] : []));
  const change = flagChangeBetween(message.flags, mergedFlags({ here: message.flags, base, there, pending }));
  if (change.add.length + change.remove.length === 0) return false;
  seenByAll(mail.tx, id, change);
  return changeFlags(mail, [id], change, 'upstream').length > 0;
}

/**
 * What one path saw change, or carried, is no news by another one. Else that path, when its turn comes, would take what was undone meanwhile for what it
 * had always been.
 */
export function seenByAll(tx: Tx, id: MessageId, change: FlagChange): void {
  for (const row of listRemoteMessagesOf(tx, id)) {
    const flags = withFlagChange(row.flags, change);
    if (!sameFlags(flags, row.flags)) putRemoteMessage(tx, { ...row, flags });
  }
}
