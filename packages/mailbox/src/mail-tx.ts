/*
 * An open transaction on one account's mail, with its books: the change counter and the counts of the mailboxes that were touched are kept in memory and
 * written once at its end (`closeBooks`), so that a batch of a hundred messages writes each of them once. Valid only inside the job it was handed to.
 */
import { asId, MailError, type AccountId, type MailboxId, type MessageId, type ModSeq, type ThreadId, type Uid } from '@stopgap/core';
import {
  findMailAccount,
  findMailbox,
  insertMailAccount,
  updateMailAccount,
  updateMailbox,
  type MailAccountRow,
  type MailboxRow,
  type Tx,
} from '@stopgap/store';
import type { IndexedMessage } from './indexed-message.ts';

/** `here`: what a user or a client of ours did; it leaves an intent. `upstream`: what the provider says. */
export type By = 'here' | 'upstream';

export interface MailLimits {
  /** Of all messages of an account together; only what is done here is refused, never what upstream has. Undefined: none. */
  readonly quotaBytes?: number;
  /** An expunged message can be restored for so long. */
  readonly keepExpungedMs: number;
}

export interface MailTx {
  readonly tx: Tx;
  readonly account: AccountId;
  readonly nowMs: number;
  readonly limits: MailLimits;
  readonly books: Books;
}

export interface Books {
  counters: { -readonly [Name in keyof MailAccountRow]: MailAccountRow[Name] };
  readonly opened: MailAccountRow;
  readonly mailboxes: Map<MailboxId, MailboxRow>;
  readonly touched: Set<MailboxId>;
  /** New text for the search index, once this is committed. */
  readonly texts: Map<MessageId, IndexedMessage>;
  /** A new copy -> what it is a copy of: the index has its text already. */
  readonly copies: Map<MessageId, MessageId>;
}

export function openMailTx(tx: Tx, account: AccountId, options: { readonly nowMs: number; readonly limits: MailLimits }): MailTx {
  let row = findMailAccount(tx, account);
  if (!row) {
    insertMailAccount(tx, account);
    row = findMailAccount(tx, account);
    if (!row) throw new MailError('permanent', `There is no account ${account}, or it is being erased.`, { code: 'account-missing' });
  }
  return {
    tx,
    account,
    nowMs: options.nowMs,
    limits: options.limits,
    books: { counters: { ...row }, opened: row, mailboxes: new Map(), touched: new Set(), texts: new Map(), copies: new Map() },
  };
}

/** The number of the next change. What one operation does to many messages has one number. */
export function nextModSeq({ books }: MailTx): ModSeq {
  books.counters.modSeq = asId.modSeq(books.counters.modSeq + 1);
  return books.counters.modSeq;
}

/** Greater than every one before, of whatever mailbox of the account. Seconds, so that it is so even after a restore from a backup. */
export function nextUidValidity({ books, nowMs }: MailTx, atLeast: number): number {
  const { counters } = books;
  counters.uidValidity = Math.max(Math.floor(nowMs / 1000), counters.uidValidity + 1, atLeast);
  return counters.uidValidity;
}

export function nextThread({ books }: MailTx): ThreadId {
  const thread = books.counters.nextThread;
  books.counters.nextThread = asId.thread(thread + 1);
  return thread;
}

/** As it stands in this transaction. */
export function mailboxIn(mail: MailTx, id: MailboxId): MailboxRow | undefined {
  const known = mail.books.mailboxes.get(id);
  if (known) return known;
  const row = findMailbox(mail.tx, id);
  if (!row || row.account !== mail.account) return undefined;
  mail.books.mailboxes.set(id, row);
  return row;
}

/** @throws MailError `mailbox-missing` */
export function mailboxOrThrow(mail: MailTx, id: MailboxId): MailboxRow {
  const row = mailboxIn(mail, id);
  if (!row) throw new MailError('permanent', 'There is no such mailbox.', { code: 'mailbox-missing', reply: 'there is no such mailbox' });
  return row;
}

export function changeMailbox(mail: MailTx, id: MailboxId, change: Partial<MailboxRow>): MailboxRow {
  const row = { ...mailboxOrThrow(mail, id), ...change };
  mail.books.mailboxes.set(id, row);
  mail.books.touched.add(id);
  return row;
}

export function forgetMailbox({ books }: MailTx, id: MailboxId): void {
  books.mailboxes.delete(id);
  books.touched.delete(id);
}

/** Gives out the next UID of a mailbox. RFC 9051 2.3.1.1: an unsigned number of 32 bits, never zero, never used again. */
export function nextUid(mail: MailTx, id: MailboxId): Uid {
  const { uidNext } = mailboxOrThrow(mail, id);
  if (uidNext > 0xffff_fffe)
    throw new MailError('permanent', 'This mailbox has no UIDs left.', { code: 'mailbox-full', reply: 'this mailbox is full' });
  changeMailbox(mail, id, { uidNext: asId.uid(uidNext + 1) });
  return uidNext;
}

/** One message more (or less) in a mailbox, or one that became seen (or unseen). */
export function countIn(
  mail: MailTx,
  id: MailboxId,
  by: { readonly total?: number; readonly unseen?: number; readonly sizeBytes?: number; readonly modSeq: ModSeq },
): void {
  const row = mailboxOrThrow(mail, id);
  changeMailbox(mail, id, {
    total: row.total + (by.total ?? 0),
    unseen: row.unseen + (by.unseen ?? 0),
    sizeBytes: row.sizeBytes + (by.sizeBytes ?? 0),
    highestModSeq: by.modSeq,
  });
}

/** Writes what the books say. After it the transaction must end. */
export function closeBooks({ tx, account, books }: MailTx): void {
  for (const id of books.touched) {
    const row = books.mailboxes.get(id);
    if (row) updateMailbox(tx, row);
  }
  const { counters, opened } = books;
  if (
    counters.modSeq !== opened.modSeq ||
    counters.uidValidity !== opened.uidValidity ||
    counters.nextThread !== opened.nextThread ||
    counters.forgottenModSeq !== opened.forgottenModSeq
  ) {
    updateMailAccount(tx, account, counters);
  }
}
