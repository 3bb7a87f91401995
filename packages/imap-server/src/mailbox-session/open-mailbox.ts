import type { Flag, ModSeq, Uid } from '@stopgap/core';
import { MOST_AT_ONCE, expungeMessages } from '@stopgap/mailbox';
import {
  findMailAccount,
  highestModSeqOf,
  firstUnseenUid,
  flagsChangedSince,
  listDeleted,
  listKeywords,
  listUids,
  uidsExpungedSince,
  type MailboxRow,
  type Reader,
} from '@stopgap/store';
import type { MailboxChanges, OpenedMailbox, SelectedMailbox, UidRange } from '../session.ts';
import { contentOf } from './content.ts';
import type { Owner } from './deps.ts';
import { fetchMessages } from './fetch.ts';
import { mailboxIdOf } from './mailbox-rows.ts';
import { searchMailbox } from './search.ts';
import { storeFlags } from './store-flags.ts';
import { copyOrMove } from './transfer.ts';
import { readOnlyError } from './read-only.ts';
import { EVERY_UID, isAmong } from './uid-pages.ts';

/** Different sets of keywords looked at; what is in others is told when it is met. */
const MOST_KEYWORD_SETS = 1000;
/** In one transaction. */
const EXPUNGED_AT_ONCE = Math.min(500, MOST_AT_ONCE);
/** Who can not wait for changes, because too many of the account do, looks after this time. */
const LOOK_AGAIN_MS = 5000;

export function openMailbox(owner: Owner, row: MailboxRow, { isReadOnly }: { readonly isReadOnly: boolean }): OpenedMailbox {
  const { store } = owner.deps;
  return store.read((reader) => ({
    mailbox: selected(owner, row, isReadOnly),
    snapshot: {
      uids: listUids(reader, row.id),
      uidNext: row.uidNext,
      modSeq: row.highestModSeq,
      highestModSeq: row.highestModSeq,
      ...firstUnseen(reader, row),
      keywords: listKeywords(reader, row.id, MOST_KEYWORD_SETS),
    },
  }));
}

function firstUnseen(reader: Reader, { id, unseen }: MailboxRow): { readonly firstUnseen?: number } {
  const uid = unseen === 0 ? undefined : firstUnseenUid(reader, id);
  return uid === undefined ? {} : { firstUnseen: uid };
}

function selected(owner: Owner, mailbox: MailboxRow, isReadOnly: boolean): SelectedMailbox {
  const { deps } = owner;
  const { store } = deps;
  const refuseIfReadOnly = (): void => {
    if (isReadOnly) throw readOnlyError();
  };
  const permanentFlags: readonly Flag[] | 'any' = isReadOnly ? [] : 'any';
  return {
    name: mailbox.name,
    mailboxId: mailboxIdOf(mailbox),
    uidValidity: mailbox.uidValidity,
    isReadOnly,
    permanentFlags,
    async changesSince(since) {
      return store.read((reader) => changesSince(reader, mailbox, since));
    },
    waitForChange: (since, signal) => waitForChange(owner, mailbox, { since, signal }),
    async vanishedSince(since, ranges) {
      return store.read((reader) => vanishedSince(reader, mailbox, { since, ranges }));
    },
    fetch: (ranges, wanted) => fetchMessages(owner, mailbox, { ranges, wanted }),
    content: (uid, wanted, signal) => contentOf(owner, mailbox, { uid, wanted, signal }),
    async store(ranges, change, options) {
      refuseIfReadOnly();
      return await storeFlags(owner, mailbox, { ranges, change, ...options });
    },
    copy: (ranges, target) => copyOrMove(owner, mailbox, { ranges, target, isMove: false }),
    async move(ranges, target) {
      refuseIfReadOnly();
      return await copyOrMove(owner, mailbox, { ranges, target, isMove: true });
    },
    async expunge(ranges) {
      refuseIfReadOnly();
      await expunge(owner, mailbox, ranges ?? EVERY_UID);
    },
    search: (criteria, signal) => searchMailbox(owner, mailbox, { criteria, signal }),
    close: () => undefined,
  };
}

function changesSince(reader: Reader, mailbox: MailboxRow, since: ModSeq): MailboxChanges | 'gone' {
  const modSeq = highestModSeqOf(reader, mailbox);
  if (modSeq === undefined) return 'gone';
  if (modSeq <= since) return { modSeq: since, changed: [], vanished: [] };
  const changed = flagsChangedSince(reader, { account: mailbox.account, mailbox: mailbox.id }, since);
  if (isForgotten(reader, mailbox, since)) return { modSeq, changed, there: listUids(reader, mailbox.id) };
  return { modSeq, changed, vanished: uidsExpungedSince(reader, mailbox.id, since) };
}

function vanishedSince(
  reader: Reader,
  mailbox: MailboxRow,
  { since, ranges }: { readonly since: ModSeq; readonly ranges: readonly UidRange[] },
): readonly Uid[] | 'forgotten' {
  if ((highestModSeqOf(reader, mailbox) ?? 0) <= since) return [];
  if (isForgotten(reader, mailbox, since)) return 'forgotten';
  return uidsExpungedSince(reader, mailbox.id, since).filter((uid) => isAmong(ranges, uid));
}

function isForgotten(reader: Reader, { account }: MailboxRow, since: ModSeq): boolean {
  return since < (findMailAccount(reader, account)?.forgottenModSeq ?? 0);
}

/** What changes elsewhere in the account wakes nobody. */
async function waitForChange(
  { deps: { mailboxes, store, clock }, account }: Owner,
  mailbox: MailboxRow,
  { since, signal }: { readonly since: ModSeq; readonly signal: AbortSignal },
): Promise<ModSeq> {
  let seen = since;
  for (;;) {
    const modSeq = store.read((reader) => highestModSeqOf(reader, mailbox));
    if (signal.aborted) return since;
    if (modSeq !== undefined && modSeq > since) return modSeq;
    // Gone: the change that took it away is a later one.
    if (modSeq === undefined) return mailboxes.lastChange(account);
    // Resolves at once where something has changed elsewhere: then it is waited for what comes after that.
    const last = await mailboxes.waitForChange(account, seen, signal).catch(() => undefined);
    if (last === undefined) await clock.wait(LOOK_AGAIN_MS, signal);
    else seen = last;
  }
}

async function expunge({ deps, account }: Owner, mailbox: MailboxRow, ranges: readonly UidRange[]): Promise<void> {
  let count = 0;
  try {
    for (const [fromUid, toUid] of ranges) {
      let some: number;
      do {
        some = await deps.mailboxes.write(account, (mail) => {
          const ids = listDeleted(mail.tx, mailbox.id, { fromUid, toUid, limit: EXPUNGED_AT_ONCE });
          return expungeMessages(mail, ids, 'here').length;
        });
        count += some;
      } while (some === EXPUNGED_AT_ONCE);
    }
  } finally {
    if (count > 0) deps.changed(account);
  }
}
