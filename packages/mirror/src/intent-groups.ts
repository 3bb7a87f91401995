/*
 * Which intents are carried next, together in one call upstream. Order is kept for each message and for each mailbox: nothing overtakes an earlier one
 * that is open. A mailbox is deleted only when nothing that was done before has still to do with it; and one that takes the name of another, or a name
 * below it, waits until that one was deleted or renamed there, too: it would be taken for it. Pure.
 */
import { MAILBOX_SEPARATOR, type IntentId, type MailboxId, type MessageId } from '@stopgap/core';
import type { IntentRow, IntentWork } from '@stopgap/store';

const MOST_TOGETHER = 100;

export interface GroupFacts {
  readonly nowMs: number;
  /** Not to be tried again in this round. */
  readonly resting: ReadonlySet<IntentId>;
  /** What a mailbox is called here; undefined: it is here no more. */
  readonly nameOf: (mailbox: MailboxId) => string | undefined;
}

export function nextGroup(open: readonly IntentRow[], { nowMs, resting, nameOf }: GroupFacts): readonly IntentRow[] {
  const messages = new Set<MessageId>();
  const mailboxes = new Set<MailboxId>();
  const touched = new Set<MailboxId>();
  const names: string[] = [];
  const group: IntentRow[] = [];
  for (const intent of open) {
    const isReady = intent.state === 'waiting' && intent.notBeforeMs <= nowMs && !resting.has(intent.id);
    const fits = group.length === 0 || (group.length < MOST_TOGETHER && keyOf(group[0]) === keyOf(intent));
    const isFree = names.length === 0 || !wantsName(intent, names, nameOf);
    if (isReady && fits && isFree && isNext(intent, { messages, mailboxes, touched })) group.push(intent);
    if (intent.message === undefined) {
      if (intent.mailbox !== undefined) mailboxes.add(intent.mailbox);
    } else messages.add(intent.message);
    for (const mailbox of mailboxesOf(intent)) touched.add(mailbox);
    if (intent.work.kind === 'delete-mailbox') names.push(intent.work.name);
    if (intent.work.kind === 'rename-mailbox') names.push(intent.work.from, intent.work.to);
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

/** Does it take a name that an earlier one gives up or takes, or one below it; or does it take such a name along when it is renamed? */
function wantsName({ work, mailbox }: IntentRow, names: readonly string[], nameOf: GroupFacts['nameOf']): boolean {
  const { kind } = work;
  const name = mailbox !== undefined && (kind === 'create-mailbox' || kind === 'rename-mailbox') ? nameOf(mailbox) : undefined;
  if (name === undefined) return false;
  return names.some((one) => one === name || isBelow(name, one) || (kind === 'rename-mailbox' && isBelow(one, work.from)));
}

function isBelow(name: string, above: string): boolean {
  return name.startsWith(above + MAILBOX_SEPARATOR);
}

function keyOf(intent: IntentRow | undefined): string {
  if (!intent) return '';
  const { work, id } = intent;
  return isCarriedTogether(work) ? JSON.stringify(work) : `${work.kind} ${id}`;
}

function isCarriedTogether({ kind }: IntentWork): boolean {
  return kind === 'flags' || kind === 'move' || kind === 'expunge';
}
