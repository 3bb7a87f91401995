import { asId, type AccountId, type MailboxId, type MessageId, type ModSeq } from '@stopgap/core';
import { expungedSince, findMailAccount, listMailboxes, mailboxesGoneSince, messagesChangedSince, type Reader } from '@stopgap/store';

/** Whoever missed more than this starts anew, which is cheaper. */
const MOST_CHANGES = 100_000;

export interface Changes {
  /** What to ask from next time. */
  readonly modSeq: ModSeq;
  readonly mailboxes: {
    readonly created: readonly MailboxId[];
    /** Name, role or subscription. */
    readonly updated: readonly MailboxId[];
    /** Only what is in them. */
    readonly recounted: readonly MailboxId[];
    readonly deleted: readonly MailboxId[];
  };
  readonly messages: {
    readonly created: readonly MessageId[];
    /** Flags, mailbox, thread or content. */
    readonly updated: readonly MessageId[];
    readonly expunged: readonly MessageId[];
  };
}

/**
 * A place among the changes: all up to `modSeq` lie before it; where `upToId` is given, of those with that very number only what has an id up to it. So
 * changes can be told in pages although one number may stand for thousands.
 */
export interface ChangePoint {
  readonly modSeq: ModSeq;
  readonly upToId?: number;
}

/** Something that changed, and the number by which it is told. */
export interface Change<Id> {
  readonly id: Id;
  readonly modSeq: ModSeq;
}

type WithModSeq<Lists> = { readonly [Name in keyof Lists]: Lists[Name] extends readonly (infer Id)[] ? readonly Change<Id>[] : never };

/** `Changes`, each with its number: of what was created that of its creation, else that of its last change. */
export interface ChangeList {
  readonly modSeq: ModSeq;
  readonly mailboxes: WithModSeq<Changes['mailboxes']>;
  readonly messages: WithModSeq<Changes['messages']>;
}

/**
 * What is different from how it was at `since`; what came and went between is in none of the lists. `forgotten`: too long ago (or a number that was never
 * given out), everything must be read anew.
 */
export function changesSince(reader: Reader, account: AccountId, since: ModSeq): Changes | 'forgotten' {
  const list = changesAfter(reader, account, { modSeq: since });
  if (list === 'forgotten') return list;
  const { mailboxes, messages, modSeq } = list;
  return {
    modSeq,
    mailboxes: {
      created: idsOf(mailboxes.created),
      updated: idsOf(mailboxes.updated),
      recounted: idsOf(mailboxes.recounted),
      deleted: idsOf(mailboxes.deleted),
    },
    messages: { created: idsOf(messages.created), updated: idsOf(messages.updated), expunged: idsOf(messages.expunged) },
  };
}

/**
 * The same with the numbers, for who tells it in pages: up to any of them it is a state that a client may have, if what was created comes by the number of its
 * creation, even though it changed again later: that is then told as an update.
 */
export function changesAfter(reader: Reader, account: AccountId, point: ChangePoint): ChangeList | 'forgotten' {
  const counters = findMailAccount(reader, account);
  const modSeq = counters?.modSeq ?? asId.modSeq(0);
  const since = point.upToId === undefined ? point.modSeq : asId.modSeq(point.modSeq - 1);
  if (since < (counters?.forgottenModSeq ?? 0) || point.modSeq > modSeq) return 'forgotten';
  const changed = messagesChangedSince(reader, account, since, MOST_CHANGES);
  const gone = expungedSince(reader, account, since, MOST_CHANGES);
  if (changed.length === MOST_CHANGES || gone.length === MOST_CHANGES) return 'forgotten';
  return { modSeq, mailboxes: mailboxChanges(reader, account, { point, since }), messages: messageChanges(changed, gone, point) };
}

/** Whoever is at this point was told of it. */
export function isBefore(modSeq: ModSeq, id: number, point: ChangePoint): boolean {
  return modSeq < point.modSeq || (modSeq === point.modSeq && id <= (point.upToId ?? Number.MAX_SAFE_INTEGER));
}

function idsOf<Id>(changes: readonly Change<Id>[]): readonly Id[] {
  return changes.map(({ id }) => id);
}

function mailboxChanges(
  reader: Reader,
  account: AccountId,
  { point, since }: { readonly point: ChangePoint; readonly since: ModSeq },
): ChangeList['mailboxes'] {
  const there = listMailboxes(reader, account);
  const isKnown = ({ id, createdModSeq }: { readonly id: MailboxId; readonly createdModSeq: ModSeq }) => isBefore(createdModSeq, id, point);
  const isUpdated = ({ id, modSeq }: Change<MailboxId>) => !isBefore(modSeq, id, point);
  const known = there.filter(isKnown);
  return {
    created: there.filter((mailbox) => !isKnown(mailbox)).map(({ id, createdModSeq }) => ({ id, modSeq: createdModSeq })),
    updated: known.filter(isUpdated).map(({ id, modSeq }) => ({ id, modSeq })),
    recounted: known
      .filter((mailbox) => !isUpdated(mailbox) && !isBefore(mailbox.highestModSeq, mailbox.id, point))
      .map(({ id, highestModSeq }) => ({ id, modSeq: highestModSeq })),
    deleted: mailboxesGoneSince(reader, account, since)
      .filter((mailbox) => isKnown(mailbox) && isUpdated(mailbox))
      .map(({ id, modSeq }) => ({ id, modSeq })),
  };
}

interface ChangedMessage extends Change<MessageId> {
  readonly createdModSeq: ModSeq;
}

interface GoneUid {
  readonly message: MessageId;
  readonly createdModSeq: ModSeq;
  readonly modSeq: ModSeq;
}

/** A message that went and came back under its id was known all the time; one that only moved has a UID that is gone and is still there. */
function messageChanges(changed: readonly ChangedMessage[], gone: readonly GoneUid[], point: ChangePoint): ChangeList['messages'] {
  const isKnown = (id: MessageId, createdModSeq: ModSeq): boolean => isBefore(createdModSeq, id, point);
  const wasKnown = new Map(gone.filter((row) => isKnown(row.message, row.createdModSeq)).map((row) => [row.message, row.modSeq]));
  const created: Change<MessageId>[] = [];
  const updated: Change<MessageId>[] = [];
  for (const { id, createdModSeq, modSeq } of changed) {
    const isNew = !isKnown(id, createdModSeq) && !wasKnown.has(id);
    wasKnown.delete(id);
    if (isNew) created.push({ id, modSeq: createdModSeq });
    else if (!isBefore(modSeq, id, point)) updated.push({ id, modSeq });
  }
  const expunged = [...wasKnown].map(([id, modSeq]) => ({ id, modSeq })).filter(({ id, modSeq }) => !isBefore(modSeq, id, point));
  return { created, updated, expunged };
}
