import type { Line } from '../api/lists.ts';
import type { EmailAddress, Member } from '../api/methods.ts';
import { shortName } from './address-text.ts';
import { labelsOf } from './labels.ts';

/** Names of a conversation on its line. */
const MOST_NAMES = 4;

/** From where a list is looked at. */
export interface ListScope {
  /** Undefined: the list is no mailbox. */
  readonly mailboxId: string | undefined;
  /** Mailboxes whose messages belong to no conversation that is looked at from elsewhere: trash and junk. */
  readonly leftOut: readonly string[];
}

/** What is done with a line is done with these: what of its conversation is in this mailbox. */
export function targetsOf({ conversation }: Pick<Line, 'conversation'>, { mailboxId }: ListScope): readonly Member[] {
  return mailboxId === undefined ? conversation : conversation.filter(({ mailboxIds }) => Object.hasOwn(mailboxIds, mailboxId));
}

/** What is read as one conversation. */
export function readTogether<T extends Pick<Member, 'mailboxIds'>>(members: readonly T[], { leftOut }: ListScope): readonly T[] {
  return members.filter(({ mailboxIds }) => !Object.keys(mailboxIds).every((id) => leftOut.includes(id)));
}

export interface LineState {
  /** Of messages that are read as one. */
  readonly count: number;
  readonly isUnread: boolean;
  readonly isFlagged: boolean;
  readonly hasAttachment: boolean;
  /** As keywords. */
  readonly labels: readonly string[];
  /** Who wrote, each once, in the order in which they came. */
  readonly people: readonly EmailAddress[];
}

export function stateOf(line: Pick<Line, 'conversation'>, scope: ListScope): LineState {
  const targets = targetsOf(line, scope);
  const together = readTogether(line.conversation, scope);
  return {
    count: together.length,
    isUnread: targets.some(isUnread),
    isFlagged: targets.some(({ keywords }) => Object.hasOwn(keywords, '$flagged')),
    hasAttachment: together.some(({ hasAttachment }) => hasAttachment),
    labels: labelsOf(targets),
    people: peopleOf(together),
  };
}

export function isUnread({ keywords }: Pick<Member, 'keywords'>): boolean {
  return !Object.hasOwn(keywords, '$seen') && !Object.hasOwn(keywords, '$draft');
}

/** The first who wrote and the last ones, when there are many. @param me how oneself is called */
export function namesOf(people: readonly EmailAddress[], own: string, me: string): string {
  const names = people.map((one) => (one.email.toLowerCase() === own.toLowerCase() ? me : shortName(one)));
  if (names.length <= MOST_NAMES) return names.join(', ');
  return [names[0], '…', ...names.slice(2 - MOST_NAMES)].join(', ').replace(', …,', ' …');
}

function peopleOf(members: readonly Member[]): readonly EmailAddress[] {
  const people = members.filter(({ keywords }) => !Object.hasOwn(keywords, '$draft')).flatMap(({ from }) => from ?? []);
  return [...new Map(people.map((one) => [one.email.toLowerCase(), one])).values()];
}
