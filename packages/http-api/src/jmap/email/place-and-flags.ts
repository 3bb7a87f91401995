import type { Flag, MailboxId } from '@stopgap/core';
import type { MessageRow } from '@stopgap/store';
import { unwire, wire } from '../ids.ts';
import { SetProblem } from '../method-error.ts';
import type { CallContext, Json } from '../method.ts';
import { messageBlobId } from '../blobs/blob-ids.ts';
import { invalidProperties, mapPatch, patchedProperty, resolvedId, withoutPaths, withoutUnchanged } from '../set.ts';
import { utcDate } from './header-forms.ts';
import { flagOf } from './keywords.ts';

/** More on one message are nobody's; core keeps no more. */
const MOST_KEYWORDS = 100;

/** A map whose values are all true. @throws SetProblem invalidProperties */
function trueKeys(value: unknown, property: string): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidProperties([property]);
  const entries = Object.entries(value);
  if (entries.some(([, one]) => one !== true)) throw invalidProperties([property], 'Its values are true.');
  return entries.map(([name]) => name);
}

/** @throws SetProblem invalidProperties, tooManyMailboxes */
export function mailboxOf(value: unknown, context: Pick<CallContext, 'createdIds'>): MailboxId {
  const ids = trueKeys(value, 'mailboxIds');
  const [id, ...more] = ids;
  if (id === undefined) throw invalidProperties(['mailboxIds'], 'A message is in one mailbox.');
  if (more.length > 0) throw new SetProblem('tooManyMailboxes', 'A message is in one mailbox.');
  const mailbox = unwire.mailbox(resolvedId(id, context));
  if (mailbox === undefined) throw invalidProperties(['mailboxIds'], 'There is no such mailbox.');
  return mailbox;
}

/** @throws SetProblem invalidProperties, tooManyKeywords */
export function flagsOf(value: unknown): readonly Flag[] {
  const flags = trueKeys(value, 'keywords').map(flagOf);
  if (flags.length > MOST_KEYWORDS) throw new SetProblem('tooManyKeywords');
  return [...new Set(flags)];
}

export interface EmailPatch {
  readonly mailbox?: MailboxId;
  readonly add: readonly Flag[];
  readonly remove: readonly Flag[];
}

/** RFC 8621 4.6: of a message that is there only its place and its keywords change. @throws SetProblem */
export function emailPatch(given: Json, row: MessageRow, context: CallContext): EmailPatch {
  const patch = withoutUnchanged(given, {
    id: () => wire.email(row.id),
    blobId: () => messageBlobId(row),
    threadId: () => wire.thread(row.thread),
    size: () => row.sizeBytes,
    receivedAt: () => utcDate(row.receivedAtMs),
  });
  const others = Object.entries(patch).filter(([path]) => !['mailboxIds', 'keywords'].includes(patchedProperty(path)));
  const names = Object.keys(withoutPaths(Object.fromEntries(others)));
  if (names.length > 0) throw invalidProperties(names, 'This can not be changed.');
  const mailbox = placeAfter(patch, row, context);
  return { ...(mailbox === row.mailbox ? {} : { mailbox }), ...flagsAfter(patch, row.flags) };
}

function placeAfter(patch: Json, { mailbox }: Pick<MessageRow, 'mailbox'>, context: CallContext): MailboxId {
  const { whole, steps } = mapPatch(patch, 'mailboxIds');
  if (whole !== undefined) return mailboxOf(whole, context);
  const ids = new Set([wire.mailbox(mailbox)]);
  for (const [step, value] of steps) {
    const id = resolvedId(step, context);
    if (value === true) ids.add(id);
    else if (value === null) ids.delete(id);
    else throw invalidProperties(['mailboxIds']);
  }
  return mailboxOf(Object.fromEntries([...ids].map((id) => [id, true])), context);
}

function flagsAfter(patch: Json, flags: readonly Flag[]): Pick<EmailPatch, 'add' | 'remove'> {
  const { whole, steps } = mapPatch(patch, 'keywords');
  if (whole !== undefined) {
    // Null is the default, which is none (RFC 8620 5.3).
    const wanted = flagsOf(whole ?? {});
    return {
      add: wanted.filter((flag) => !flags.includes(flag)),
      remove: flags.filter((flag) => !wanted.includes(flag) && flag !== '$deleted'),
    };
  }
  const add: Flag[] = [];
  const remove: Flag[] = [];
  for (const [step, value] of steps) {
    if (value === true) add.push(flagOf(step));
    else if (value === null) remove.push(flagOf(step));
    else throw invalidProperties(['keywords']);
  }
  if (new Set([...flags, ...add]).size > MOST_KEYWORDS) throw new SetProblem('tooManyKeywords');
  return { add, remove };
}
