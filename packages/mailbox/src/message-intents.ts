/*
 * What is left for upstream of what was done to messages here, in as few words as will do. Only a waiting intent that was never begun is changed or
 * dropped; what was begun may have happened, so what comes later follows it. An append or a move that waits again is known not to have happened; flags
 * and an expunge wait again without anybody having looked, for they may be told twice.
 *   append waiting   upstream has nothing of it: flags and moves are in what is appended, also those that were left while it was begun before; an expunge
 *                    cancels it
 *   flags            merge; the later word on a flag counts
 *   move             only `to` changes; back home, both vanish
 *   expunge          replaces flags and move; `from` is where upstream still has it
 * What upstream did not take when it was appended, it has nothing of: a move is a new append, everything else is not told.
 */
import type { Flag, FlagChange, MailboxId, MessageId } from '@stopgap/core';
import {
  dropIntent,
  forgetRefusal,
  insertIntent,
  isRefusedUpstream,
  openIntentsOfMessage,
  updateIntentWork,
  type IntentRow,
  type IntentWork,
} from '@stopgap/store';
import type { MailTx } from './mail-tx.ts';

export function leaveAppend(mail: MailTx, message: MessageId, mailbox: MailboxId): void {
  forgetRefusal(mail.tx, { account: mail.account, message });
  leave(mail, message, mailbox, { kind: 'append' });
}

export function leaveAppendAgain(mail: MailTx, message: MessageId, mailbox: MailboxId): void {
  for (const intent of openIntentsOfMessage(mail.tx, message)) if (isFree(intent)) dropIntent(mail.tx, intent.id);
  leaveAppend(mail, message, mailbox);
}

export function isRefused({ tx, account }: MailTx, message: MessageId): boolean {
  return isRefusedUpstream(tx, { account, message });
}

/** Upstream is to be told of this change, too, whatever else waits to be told of the message. */
export function leaveFlags(mail: MailTx, message: MessageId, mailbox: MailboxId, change: FlagChange): void {
  const open = openIntentsOfMessage(mail.tx, message);
  if (waitingOf(open, 'append')) return dropFree(mail, open, 'flags');
  if (isRefused(mail, message)) return;
  const earlier = waitingOf(open, 'flags');
  // A flags intent that waits behind a begun one is the last word all the same: nothing of its kind comes after it.
  if (!earlier) return leave(mail, message, mailbox, { kind: 'flags', ...change });
  const merged = {
    add: [...without(earlier.work.add, change.remove), ...without(change.add, earlier.work.add)],
    remove: [...without(earlier.work.remove, change.add), ...without(change.remove, earlier.work.remove)],
  };
  if (merged.add.length + merged.remove.length === 0) dropIntent(mail.tx, earlier.id);
  else updateIntentWork(mail.tx, earlier.id, { kind: 'flags', ...merged });
}

export function leaveMove(mail: MailTx, message: MessageId, place: { readonly from: MailboxId; readonly to: MailboxId }): void {
  const open = openIntentsOfMessage(mail.tx, message);
  if (waitingOf(open, 'append')) return dropFree(mail, open, 'move');
  if (isRefused(mail, message)) return leaveAppend(mail, message, place.to);
  const earlier = waitingOf(open, 'move');
  if (!earlier) return leave(mail, message, place.to, { kind: 'move', ...place });
  if (earlier.work.from === place.to) dropIntent(mail.tx, earlier.id);
  else updateIntentWork(mail.tx, earlier.id, { ...earlier.work, to: place.to });
}

/** @param isMailboxGone the mailbox itself is deleted upstream, so that only what upstream has elsewhere is left to be told */
export function leaveExpunge(mail: MailTx, message: MessageId, mailbox: MailboxId, isMailboxGone = false): void {
  const open = openIntentsOfMessage(mail.tx, message);
  for (const intent of open) if (isFree(intent) && intent.work.kind !== 'expunge') dropIntent(mail.tx, intent.id);
  if (waitingOf(open, 'append') || isRefused(mail, message)) return;
  const from = waitingOf(open, 'move')?.work.from ?? mailbox;
  const isBegun = open.some((intent) => !isFree(intent));
  // A begun move or append may put it into the mailbox before that is deleted, or after: then it must be told on its own.
  if (isMailboxGone && from === mailbox && !isBegun) return;
  leave(mail, message, from, { kind: 'expunge', from });
}

/** Upstream was to lose it and has not yet: where it has it. Undefined: it may have lost it, or never had it. */
export function takeBackExpunge(mail: MailTx, message: MessageId): MailboxId | undefined {
  const earlier = waitingOf(openIntentsOfMessage(mail.tx, message), 'expunge');
  if (earlier) dropIntent(mail.tx, earlier.id);
  return earlier?.work.from;
}

function leave(mail: MailTx, message: MessageId, mailbox: MailboxId, work: IntentWork): void {
  insertIntent(mail.tx, { account: mail.account, message, mailbox, work, nowMs: mail.nowMs });
}

function dropFree(mail: MailTx, open: readonly IntentRow[], kind: IntentWork['kind']): void {
  for (const intent of open) if (intent.work.kind === kind && isFree(intent)) dropIntent(mail.tx, intent.id);
}

/** The last one of its kind, if nobody has begun it. */
function waitingOf<Kind extends IntentWork['kind']>(
  open: readonly IntentRow[],
  kind: Kind,
): { readonly id: IntentRow['id']; readonly work: Extract<IntentWork, { kind: Kind }> } | undefined {
  const last = open.findLast((intent) => intent.work.kind === kind);
  return last && isFree(last) ? { id: last.id, work: last.work as Extract<IntentWork, { kind: Kind }> } : undefined;
}

function isFree({ state, tries, work }: IntentRow): boolean {
  return state === 'waiting' && (tries === 0 || work.kind === 'append' || work.kind === 'move');
}

function without(flags: readonly Flag[], others: readonly Flag[]): Flag[] {
  return flags.filter((flag) => !others.includes(flag));
}
