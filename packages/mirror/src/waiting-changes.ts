import type { AccountId, MailboxId } from '@stopgap/core';
import { openIntents, type Reader } from '@stopgap/store';
import { INTENTS_LOOKED_AT } from './open-intents.ts';
import type { Deleted, Renamed, WaitingChanges } from './mailbox-plan.ts';

export function waitingChanges(reader: Reader, account: AccountId): WaitingChanges {
  const deleted = new Map<MailboxId, Deleted>();
  const renamed: Renamed[] = [];
  for (const { id, work, mailbox } of openIntents(reader, account, INTENTS_LOOKED_AT)) {
    if (work.kind === 'delete-mailbox' && mailbox !== undefined) deleted.set(mailbox, { name: work.name, renamed: [...renamed] });
    if (work.kind === 'rename-mailbox') renamed.push({ id, from: work.from, to: work.to });
  }
  return { deleted, renamed };
}
