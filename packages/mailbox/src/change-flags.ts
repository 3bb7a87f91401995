import { sameFlags, withFlagChange, type Flag, type FlagChange, type MessageId } from '@stopgap/core';
import { updateMessageFlags, type MessageRow } from '@stopgap/store';
import { countIn, nextModSeq, type By, type MailTx } from './mail-tx.ts';
import { leaveFlags } from './message-intents.ts';
import { messagesIn } from './messages-in.ts';

/** Returns the messages whose flags are other ones now. Those that are not there are passed over. */
export function changeFlags(mail: MailTx, ids: readonly MessageId[], change: FlagChange, by: By): MessageRow[] {
  return changeFlagsOf(mail, messagesIn(mail, ids), change, by);
}

/** @param messages as they are in this transaction, each once */
export function changeFlagsOf(mail: MailTx, messages: readonly MessageRow[], change: FlagChange, by: By): MessageRow[] {
  const changed: MessageRow[] = [];
  let modSeq: MessageRow['modSeq'] | undefined;
  for (const message of messages) {
    const flags = withFlagChange(message.flags, change);
    if (sameFlags(flags, message.flags)) continue;
    modSeq ??= nextModSeq(mail);
    updateMessageFlags(mail.tx, message.id, flags, modSeq);
    countIn(mail, message.mailbox, { unseen: unseen(flags) - unseen(message.flags), modSeq });
    if (by === 'here') leaveFlags(mail, message.id, message.mailbox, difference(message.flags, flags));
    changed.push({ ...message, flags, modSeq });
  }
  return changed;
}

/** Only what is really another one: an intent says what the user changed and no more. */
export function difference(before: readonly Flag[], after: readonly Flag[]): FlagChange {
  return { add: after.filter((flag) => !before.includes(flag)), remove: before.filter((flag) => !after.includes(flag)) };
}

function unseen(flags: readonly Flag[]): number {
  return flags.includes('$seen') ? 0 : 1;
}
