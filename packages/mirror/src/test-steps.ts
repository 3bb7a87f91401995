/* What can happen to an account, as plain data, so that a run can be drawn at random, shrunk and written down. */
import type { FlagChange } from '@stopgap/core';
import type { ViewKind } from '@stopgap/testkit';
import { letter } from './test-bench.ts';
import type { RoundEnd } from './test-fate.ts';
import type { MailboxChange } from './test-mailbox-changes.ts';

/** The first three are there from the beginning; the others are made, renamed and deleted. Only those without a role are. */
export const NAMES = ['INBOX', 'Sent', 'Work', 'Shop', 'Work/Old'] as const;
export const FLAGS = ['$seen', '$flagged', '$answered', '$deleted', '$draft', 'label1', 'label2'] as const;

/**
 * What somebody does, there or here, where it can be done. Mailboxes and flags by their place in the lists above, messages counted from the newest. Who
 * deletes a mailbox here has seen all that is in it here.
 */
export type Change =
  | { readonly kind: 'deliver'; readonly to: number; readonly content: number }
  | { readonly kind: 'flag there' | 'flag here'; readonly in: number; readonly at: number; readonly flag: number; readonly add: boolean }
  | { readonly kind: 'move there' | 'move here'; readonly in: number; readonly at: number; readonly to: number }
  | { readonly kind: 'expunge there' | 'expunge here' | 'expunge on both sides'; readonly in: number; readonly at: number }
  /** As a program saves a draft again: another version of it comes, and the old one goes. */
  | { readonly kind: 'replace there' | 'replace here'; readonly in: number; readonly at: number }
  | { readonly kind: 'append here'; readonly to: number; readonly hasId: boolean }
  | { readonly kind: 'copy there' | 'copy here'; readonly in: number; readonly at: number; readonly to: number }
  /** What was deleted last but so many, by whomever. */
  | { readonly kind: 'bring back here'; readonly at: number }
  | { readonly kind: 'renumber'; readonly in: number }
  /** The files of the mailbox are put back as they were so many messages ago. */
  | { readonly kind: 'restore'; readonly in: number; readonly at: number }
  | { readonly kind: 'create there' | 'create here' | 'delete there' | 'delete here'; readonly in: number }
  | { readonly kind: 'rename there' | 'rename here'; readonly in: number; readonly to: number };

export type Step = Change | { readonly kind: 'round'; readonly path: ViewKind; readonly trouble: Trouble };

/** What goes wrong in a round, and what is done while it is under way. */
export interface Trouble {
  readonly end: RoundEnd | undefined;
  /** It takes no message: its owner has no room there. */
  readonly full: 'for now' | 'for good' | undefined;
  readonly lie: 'empty' | 'half' | 'void' | 'login-page' | 'short-body' | 'doubled' | 'backwards' | undefined;
  /** At the n-th call of the session, or just before the n-th transaction. */
  readonly meanwhile: { readonly where: 'call' | 'write'; readonly at: number; readonly change: Change } | undefined;
}

export const NO_TROUBLE: Trouble = { end: undefined, full: undefined, lie: undefined, meanwhile: undefined };

type MailboxStep = Extract<Change, { readonly kind: `${MailboxChange['kind']} ${string}` }>;

export function mailboxChange(one: MailboxStep): MailboxChange {
  switch (one.kind) {
    case 'create there':
    case 'create here':
      return { kind: 'create', name: nameAt(one.in) };
    case 'delete there':
    case 'delete here':
      return { kind: 'delete', name: nameAt(one.in) };
    case 'rename there':
    case 'rename here':
      return { kind: 'rename', name: nameAt(one.in), to: nameAt(one.to) };
    default:
      return one satisfies never;
  }
}

export function nameAt(index: number): string {
  return NAMES[index] ?? 'INBOX';
}

/** Few contents, so that equal messages come often; some have no Message-ID, some share one. */
export function content(number: number): Buffer {
  if (number % 5 === 0) return letter(`nameless ${number}`, null);
  return letter(number, number % 7 === 0 ? '<shared@elsewhere.test>' : undefined);
}

export function flagChange(one: { readonly flag: number; readonly add: boolean }): FlagChange {
  const flag = FLAGS[one.flag] ?? '$seen';
  return one.add ? { add: [flag], remove: [] } : { add: [], remove: [flag] };
}
