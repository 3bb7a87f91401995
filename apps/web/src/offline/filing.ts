/*
 * What was done with messages here - read, flagged, labelled, moved - on its way to the relay. Until it is there, everything that is shown is what the relay
 * last said with this put over it.
 */
import type { Line } from '../api/lists.ts';
import type { Patch } from '../api/mail.ts';
import type { Mailbox, Member } from '../api/methods.ts';
import { isUnread } from '../list/line-state.ts';

/** What one must know of a message to file it. */
export type Target = Pick<Member, 'id' | 'mailboxIds' | 'keywords'>;

/** What is done with one message. To do it twice is to do it once. */
export interface Step {
  readonly id: string;
  /** The relay has a message in one mailbox. The same: it stays there. */
  readonly from: string;
  readonly to: string;
  /** Set, or taken away; of these alone that were not so. */
  readonly keywords: Readonly<Record<string, boolean>>;
  readonly wasUnread: boolean;
}

export interface Filing {
  readonly id: string;
  /** Whose it is. */
  readonly address: string;
  /** Grows from one to the next: they are carried in this order. */
  readonly atMs: number;
  readonly steps: readonly Step[];
  /** How the messages were shown, for the list that they have come into. This is mail, and goes with it; the rest is what somebody did. */
  readonly lines: readonly Line[];
  /** The relay may have it already. */
  readonly isUnderWay: boolean;
}

export type StepsOf = ReadonlyMap<string, readonly Step[]>;

export const NO_STEPS: StepsOf = new Map();

/** Undefined: it is so already. */
export function stepOf(
  target: Target,
  { to, keywords = {} }: { readonly to?: string; readonly keywords?: Step['keywords'] },
): Step | undefined {
  const [from = ''] = Object.keys(target.mailboxIds);
  const changed = Object.entries(keywords).filter(([keyword, isSet]) => Object.hasOwn(target.keywords, keyword) !== isSet);
  if (changed.length === 0 && (to ?? from) === from) return undefined;
  return { id: target.id, from, to: to ?? from, keywords: Object.fromEntries(changed), wasUnread: isUnread(target) };
}

export function backOf(step: Step): Step {
  const keywords = Object.fromEntries(Object.entries(step.keywords).map(([keyword, isSet]) => [keyword, !isSet]));
  return { id: step.id, from: step.to, to: step.from, keywords, wasUnread: isUnreadAfter(step) };
}

/**
 * RFC 8620 5.3, by paths: what is done elsewhere with the same message stays. One that was moved elsewhere meanwhile would be in two mailboxes, which the
 * relay refuses: it stays where it was put last, and is neither lost nor there twice.
 */
export function patchOf({ from, to, keywords }: Step): Patch {
  const move = from === to ? {} : { [`mailboxIds/${from}`]: null, [`mailboxIds/${to}`]: true };
  const marks = Object.entries(keywords).map(([keyword, isSet]) => [`keywords/${escaped(keyword)}`, isSet ? true : null]);
  return { ...move, ...Object.fromEntries(marks) };
}

export function stepsOf(filings: readonly Pick<Filing, 'steps'>[]): StepsOf {
  if (filings.length === 0) return NO_STEPS;
  return Map.groupBy(
    filings.flatMap(({ steps }) => steps),
    ({ id }) => id,
  );
}

export function filed<Some extends Target>(message: Some, steps: StepsOf): Some {
  return (steps.get(message.id) ?? []).reduce(afterStep, message);
}

export function filedLine(line: Line, steps: StepsOf): Line {
  if (!line.conversation.some(({ id }) => steps.has(id)) && !steps.has(line.id)) return line;
  return { ...filed(line, steps), conversation: line.conversation.map((one) => filed(one, steps)) };
}

export function filedMailboxes(mailboxes: readonly Mailbox[], filings: readonly Pick<Filing, 'steps'>[]): readonly Mailbox[] {
  if (filings.length === 0) return mailboxes;
  const counts = new Map(mailboxes.map(({ id, totalEmails, unreadEmails }) => [id, { totalEmails, unreadEmails }]));
  const add = (id: string, by: 1 | -1, isOneUnread: boolean): void => {
    const count = counts.get(id);
    if (count === undefined) return;
    count.totalEmails = Math.max(0, count.totalEmails + by);
    if (isOneUnread) count.unreadEmails = Math.max(0, count.unreadEmails + by);
  };
  for (const step of filings.flatMap(({ steps }) => steps)) {
    add(step.from, -1, step.wasUnread);
    add(step.to, 1, isUnreadAfter(step));
  }
  return mailboxes.map((mailbox) => ({ ...mailbox, ...counts.get(mailbox.id) }));
}

function afterStep<Some extends Target>(message: Some, { from, to, keywords }: Step): Some {
  const kept = Object.keys(message.keywords).filter((keyword) => keywords[keyword] !== false);
  const set = Object.keys(keywords).filter((keyword) => keywords[keyword] === true);
  return {
    ...message,
    keywords: Object.fromEntries([...kept, ...set].map((keyword) => [keyword, true])),
    // What was moved elsewhere meanwhile will not be moved.
    mailboxIds: from !== to && Object.hasOwn(message.mailboxIds, from) ? { [to]: true } : message.mailboxIds,
  };
}

function isUnreadAfter({ keywords, wasUnread }: Step): boolean {
  return keywords['$seen'] === undefined ? wasUnread : !keywords['$seen'];
}

/** RFC 6901 3: a keyword may hold what means something in a path. */
function escaped(keyword: string): string {
  return keyword.replaceAll('~', '~0').replaceAll('/', '~1');
}
