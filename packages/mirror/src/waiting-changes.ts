import type { AccountId, MailboxId } from '@stopgap/core';
import { openIntents, type Reader } from '@stopgap/store';
import type { WaitingChanges } from './mailbox-plan.ts';

const INTENTS_LOOKED_AT = 10_000;

export function waitingChanges(reader: Reader, account: AccountId): WaitingChanges {
  const deleted = new Map<MailboxId, string>();
  const renamed: { readonly from: string; readonly to: string }[] = [];
  for (const { work, mailbox } of openIntents(reader, account, INTENTS_LOOKED_AT)) {
    if (work.kind === 'delete-mailbox' && mailbox !== undefined) deleted.set(mailbox, work.name);
    if (work.kind === 'rename-mailbox') renamed.push({ from: work.from, to: work.to });
  }
  return { deleted, renamed };
}
