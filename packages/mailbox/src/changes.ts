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
 * What is different from how it was at `since`; what came and went between is in none of the lists. `forgotten`: too long ago (or a number that was never
 * given out), everything must be read anew.
 */
export function changesSince(reader: Reader, account: AccountId, since: ModSeq): Changes | 'forgotten' {
  const counters = findMailAccount(reader, account);
  const modSeq = counters?.modSeq ?? asId.modSeq(0);
  if (since < (counters?.forgottenModSeq ?? 0) || since > modSeq) return 'forgotten';
  const changed = messagesChangedSince(reader, account, since, MOST_CHANGES);
  const gone = expungedSince(reader, account, since, MOST_CHANGES);
  if (changed.length === MOST_CHANGES || gone.length === MOST_CHANGES) return 'forgotten';
  return { modSeq, mailboxes: mailboxChanges(reader, account, since), messages: messageChanges(changed, gone, since) };
}

function mailboxChanges(reader: Reader, account: AccountId, since: ModSeq): Changes['mailboxes'] {
  const there = listMailboxes(reader, account);
  const known = there.filter((mailbox) => mailbox.createdModSeq <= since);
  const isUpdated = ({ modSeq }: { readonly modSeq: ModSeq }) => modSeq > since;
  return {
    created: there.filter((mailbox) => mailbox.createdModSeq > since).map(({ id }) => id),
    updated: known.filter(isUpdated).map(({ id }) => id),
    recounted: known.filter((mailbox) => !isUpdated(mailbox) && mailbox.highestModSeq > since).map(({ id }) => id),
    deleted: mailboxesGoneSince(reader, account, since)
      .filter((mailbox) => mailbox.createdModSeq <= since)
      .map(({ id }) => id),
  };
}

/** A message that went and came back under its id was known all the time; one that only moved has a UID that is gone and is still there. */
function messageChanges(
  changed: readonly { readonly id: MessageId; readonly createdModSeq: ModSeq }[],
  gone: readonly { readonly message: MessageId; readonly createdModSeq: ModSeq }[],
  since: ModSeq,
): Changes['messages'] {
  const wasKnown = new Set(gone.filter((row) => row.createdModSeq <= since).map((row) => row.message));
  const created: MessageId[] = [];
  const updated: MessageId[] = [];
  for (const { id, createdModSeq } of changed) {
    if (createdModSeq <= since || wasKnown.has(id)) updated.push(id);
    else created.push(id);
    wasKnown.delete(id);
  }
  return { created, updated, expunged: [...wasKnown] };
}
