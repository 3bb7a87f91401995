import type { MailboxId } from '@stopgap/core';
import { dropIntent, insertIntent, openIntentsOfMailbox, updateIntentWork, type IntentRow, type IntentWork } from '@stopgap/store';
import type { MailTx } from './mail-tx.ts';

type MailboxWork = Extract<IntentWork, { kind: 'create-mailbox' | 'rename-mailbox' | 'delete-mailbox' | 'subscribe' }>;

/** Leaves what upstream has to be told of a mailbox, in as few words as will do: what was not begun yet is changed instead of followed. */
export function leaveMailboxIntent(mail: MailTx, mailbox: MailboxId, work: MailboxWork): void {
  const { tx } = mail;
  const waiting = openIntentsOfMailbox(tx, mailbox).filter((intent) => intent.state === 'waiting');
  const isCreated = waiting.some(({ work: { kind } }) => kind === 'create-mailbox');
  switch (work.kind) {
    case 'create-mailbox':
      break;
    case 'rename-mailbox': {
      // Upstream does not have it yet: it is made under the name that it has then.
      if (isCreated) return;
      const earlier = lastOf(waiting, 'rename-mailbox');
      if (!earlier) break;
      if (earlier.work.from === work.to) dropIntent(tx, earlier.id);
      else updateIntentWork(tx, earlier.id, { ...earlier.work, to: work.to });
      return;
    }
    case 'subscribe': {
      const earlier = lastOf(waiting, 'subscribe');
      if (earlier) return updateIntentWork(tx, earlier.id, work);
      break;
    }
    case 'delete-mailbox': {
      for (const intent of waiting) dropIntent(tx, intent.id);
      if (isCreated) return;
      const renamed = lastOf(waiting, 'rename-mailbox');
      if (renamed) work = { kind: 'delete-mailbox', name: renamed.work.from };
      break;
    }
    default:
      work satisfies never;
  }
  insertIntent(tx, { account: mail.account, mailbox, work, nowMs: mail.nowMs });
}

function lastOf<Kind extends IntentWork['kind']>(
  intents: readonly IntentRow[],
  kind: Kind,
): { readonly id: IntentRow['id']; readonly work: Extract<IntentWork, { kind: Kind }> } | undefined {
  for (const { id, work } of intents.toReversed()) {
    if (work.kind === kind) return { id, work: work as Extract<IntentWork, { kind: Kind }> };
  }
  return undefined;
}
