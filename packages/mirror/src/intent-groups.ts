/*
 * Which intents are carried next, together in one call upstream. Order is kept for each message and for each mailbox: nothing overtakes an earlier one
 * that is open. A mailbox is deleted only when nothing that was done before has still to do with it. Pure.
 */
import type { IntentId, MailboxId, MessageId } from '@stopgap/core';
import type { IntentRow, IntentWork } from '@stopgap/store';

const MOST_TOGETHER = 100;

/** @param resting not to be tried again in this round */
export function nextGroup(open: readonly IntentRow[], nowMs: number, resting: ReadonlySet<IntentId>): readonly IntentRow[] {
  const messages = new Set<MessageId>();
  const mailboxes = new Set<MailboxId>();
  const touched = new Set<MailboxId>();
  const group: IntentRow[] = [];
  for (const intent of open) {
    const isReady = intent.state === 'waiting' && intent.notBeforeMs <= nowMs && !resting.has(intent.id);
    const fits = group.length === 0 || (group.length < MOST_TOGETHER && keyOf(group[0]) === keyOf(intent));
    if (isReady && fits && isNext(intent, { messages, mailboxes, touched })) group.push(intent);
    if (intent.message === undefined) {
      if (intent.mailbox !== undefined) mailboxes.add(intent.mailbox);
    } else messages.add(intent.message);
    for (const mailbox of mailboxesOf(intent)) touched.add(mailbox);
  }
  return group;
}

/** The mailboxes that must be as the intent expects them. */
export function mailboxesOf({ work, mailbox }: Pick<IntentRow, 'work' | 'mailbox'>): readonly MailboxId[] {
  const own = mailbox === undefined ? [] : [mailbox];
  if (work.kind === 'move') return [...new Set([...own, work.from, work.to])];
  return work.kind === 'expunge' ? [...new Set([...own, work.from])] : own;
}

interface Earlier {
  readonly messages: ReadonlySet<MessageId>;
  /** With open intents about themselves. */
  readonly mailboxes: ReadonlySet<MailboxId>;
  readonly touched: ReadonlySet<MailboxId>;
}

function isNext(intent: IntentRow, earlier: Earlier): boolean {
  if (intent.message !== undefined) {
    return !earlier.messages.has(intent.message) && !mailboxesOf(intent).some((mailbox) => earlier.mailboxes.has(mailbox));
  }
  const mailbox = intent.mailbox;
  if (mailbox === undefined || earlier.mailboxes.has(mailbox)) return false;
  return intent.work.kind !== 'delete-mailbox' || !earlier.touched.has(mailbox);
}

function keyOf(intent: IntentRow | undefined): string {
  if (!intent) return '';
  const { work, id } = intent;
  return isCarriedTogether(work) ? JSON.stringify(work) : `${work.kind} ${id}`;
}

function isCarriedTogether({ kind }: IntentWork): boolean {
  return kind === 'flags' || kind === 'move' || kind === 'expunge';
}
