/*
 * What is left for upstream of what was done to mailboxes here: under the names that they had then, in the order in which it was done, so that each name is
 * free there when its turn comes. In as few words as will do: what was never begun, and is the last that was said of any name, is changed instead of
 * followed. What was begun may have happened, though it waits again: creating and renaming may be done twice, so nobody has looked.
 */
import type { MailboxId } from '@stopgap/core';
import {
  dropIntent,
  insertIntent,
  lastNameIntent,
  openIntentsOfMailbox,
  updateIntentWork,
  type IntentRow,
  type IntentWork,
} from '@stopgap/store';
import type { MailTx } from './mail-tx.ts';

type MailboxWork = Extract<IntentWork, { kind: 'create-mailbox' | 'rename-mailbox' | 'delete-mailbox' | 'subscribe' }>;

export function leaveMailboxIntent(mail: MailTx, mailbox: MailboxId, work: MailboxWork): void {
  const next = newsOf(mail, mailbox, work);
  if (next) insertIntent(mail.tx, { account: mail.account, mailbox, work: next, nowMs: mail.nowMs });
}

/** What is still to be told. Undefined: an earlier intent tells it now. */
function newsOf(mail: MailTx, mailbox: MailboxId, work: MailboxWork): MailboxWork | undefined {
  const { tx } = mail;
  switch (work.kind) {
    case 'create-mailbox':
      return work;
    case 'rename-mailbox': {
      const last = lastWord(mail, mailbox);
      if (last?.work.kind === 'create-mailbox') updateIntentWork(tx, last.id, { kind: 'create-mailbox', name: work.to });
      else if (last?.work.kind !== 'rename-mailbox') return work;
      else if (last.work.from === work.to) dropIntent(tx, last.id);
      else updateIntentWork(tx, last.id, { ...last.work, to: work.to });
      return undefined;
    }
    case 'subscribe': {
      const earlier = freeOf(mail, mailbox).find((intent) => intent.work.kind === 'subscribe');
      if (!earlier) return work;
      updateIntentWork(tx, earlier.id, work);
      return undefined;
    }
    case 'delete-mailbox': {
      const free = freeOf(mail, mailbox);
      const isUnknownThere = free.some((intent) => intent.work.kind === 'create-mailbox');
      const last = lastWord(mail, mailbox);
      for (const { id, work: earlier } of free) if (isUnknownThere || earlier.kind === 'subscribe') dropIntent(tx, id);
      if (isUnknownThere) return undefined;
      if (last?.work.kind !== 'rename-mailbox') return work;
      dropIntent(tx, last.id);
      return { kind: 'delete-mailbox', name: last.work.from };
    }
    default:
      return work satisfies never;
  }
}

/** The last open word about any name, if it is about this mailbox, and nobody has begun it. */
function lastWord({ tx, account }: MailTx, mailbox: MailboxId): IntentRow | undefined {
  const last = lastNameIntent(tx, account);
  return last?.mailbox === mailbox && isFree(last) ? last : undefined;
}

function freeOf({ tx }: MailTx, mailbox: MailboxId): readonly IntentRow[] {
  return openIntentsOfMailbox(tx, mailbox).filter(isFree);
}

/** Nobody has begun it. */
function isFree({ state, tries }: IntentRow): boolean {
  return state === 'waiting' && tries === 0;
}
