/*
 * Which intents are carried next, together in one call upstream. Order is kept for each message and for each mailbox: nothing overtakes an earlier one
 * that is open. A mailbox is deleted only when nothing that was done before has still to do with it; and one that takes the name of another, or a name
 * below it, waits until that one was deleted or renamed there, too: it would be taken for it. What was done below a mailbox goes before that is renamed. Pure.
 */
import type { IntentId, MailboxId, MessageId } from '@stopgap/core';
import type { IntentRow, IntentWork } from '@stopgap/store';
import { isBelow } from './mailbox-plan.ts';

const MOST_TOGETHER = 100;
/** Behind the first of a group. */
const LOOK_AHEAD = 2000;

export interface GroupFacts {
  readonly nowMs: number;
  /** Not to be tried again in this round. */
  readonly resting: ReadonlySet<IntentId>;
}

/** @param open of one account, in their order; read only as far as is needed */
export function nextGroup(open: Iterable<IntentRow>, { nowMs, resting }: GroupFacts): readonly IntentRow[] {
  const messages = new Set<MessageId>();
  const mailboxes = new Set<MailboxId>();
  const touched = new Set<MailboxId>();
  const names: string[] = [];
  const made: string[] = [];
  const group: IntentRow[] = [];
  let ahead = 0;
  for (const intent of open) {
    if (group.length > 0) ahead += 1;
    if (group.length === MOST_TOGETHER || ahead > LOOK_AHEAD) break;
    const isReady = intent.state === 'waiting' && intent.notBeforeMs <= nowMs && !resting.has(intent.id);
    const fits = group.length === 0 || keyOf(group[0]) === keyOf(intent);
    const isFree = !wantsName(intent, names) && !takesAlong(intent, names) && !takesAlong(intent, made);
    if (isReady && fits && isFree && isNext(intent, { messages, mailboxes, touched })) group.push(intent);
    if (intent.message === undefined) {
      if (intent.mailbox !== undefined) mailboxes.add(intent.mailbox);
    } else messages.add(intent.message);
    for (const mailbox of mailboxesOf(intent)) touched.add(mailbox);
    if (intent.work.kind === 'delete-mailbox') names.push(intent.work.name);
    if (intent.work.kind === 'rename-mailbox') names.push(intent.work.from, intent.work.to);
    if (intent.work.kind === 'create-mailbox' && intent.work.name !== undefined) made.push(intent.work.name);
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

/** Does it take a name that an earlier one gives up or takes, or one below it? */
function wantsName({ work }: IntentRow, names: readonly string[]): boolean {
  const name = work.kind === 'create-mailbox' ? work.name : work.kind === 'rename-mailbox' ? work.to : undefined;
  return name !== undefined && names.some((one) => one === name || isBelow(name, one));
}

/** Does one of these names go along when it is renamed? */
function takesAlong({ work }: IntentRow, names: readonly string[]): boolean {
  return work.kind === 'rename-mailbox' && names.some((one) => isBelow(one, work.from));
}

function keyOf(intent: IntentRow | undefined): string {
  if (!intent) return '';
  const { work, id } = intent;
  return isCarriedTogether(work) ? JSON.stringify(work) : `${work.kind} ${id}`;
}

function isCarriedTogether({ kind }: IntentWork): boolean {
  return kind === 'flags' || kind === 'move' || kind === 'expunge';
}
