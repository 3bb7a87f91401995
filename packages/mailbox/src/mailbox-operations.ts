import { MailError, MAILBOX_SEPARATOR, type MailboxId, type MailboxRole } from '@stopgap/core';
import {
  countMailboxes,
  deleteMailboxRow,
  dropSubscribedName,
  findMailboxByName,
  findMailboxByRole,
  insertMailbox,
  keepSubscribedName,
  lastUidValidityOf,
  listMailboxesBelow,
  type MailboxRow,
} from '@stopgap/store';
import { emptyMailbox } from './expunge-messages.ts';
import { changeMailbox, closeBooks, forgetMailbox, mailboxOrThrow, nextModSeq, nextUidValidity, type By, type MailTx } from './mail-tx.ts';
import { INBOX, mailboxName, namesAbove } from './mailbox-name.ts';
import { leaveMailboxIntent } from './mailbox-intents.ts';

/** Of one account. */
const MOST_MAILBOXES = 10_000;

export interface NewMailbox {
  readonly name: string;
  readonly role?: MailboxRole;
  readonly isSubscribed: boolean;
  readonly by: By;
}

/**
 * Makes it, with the ones above it that are missing. A role that another mailbox has is left there.
 * @throws MailError `mailbox-name`, `mailbox-exists`, `too-many-mailboxes`
 */
export function createMailbox(mail: MailTx, mailbox: NewMailbox): MailboxRow {
  const name = mailboxName(mailbox.name);
  if (findMailboxByName(mail.tx, mail.account, name)) throw exists();
  createAbove(mail, name, mailbox);
  return createOne(mail, name, mailbox);
}

/**
 * Those below it go with it. Its messages, UIDs and UIDVALIDITY stay, unless a deleted mailbox of the new name had a greater one.
 * @throws MailError `inbox-stays`, `mailbox-name`, `mailbox-exists`, `mailbox-missing`
 */
export function renameMailbox(mail: MailTx, id: MailboxId, options: { readonly name: string; readonly by: By }): void {
  const { tx, account } = mail;
  const mailbox = mailboxOrThrow(mail, id);
  const name = mailboxName(options.name);
  if (name === mailbox.name) return;
  // RFC 9051 6.3.6: renaming INBOX would move its messages and leave an empty INBOX behind. Nobody asks for that by intention.
  if (mailbox.name === INBOX) throw inboxStays('renamed');
  if (name.startsWith(`${mailbox.name}${MAILBOX_SEPARATOR}`)) {
    throw new MailError('permanent', 'A mailbox can not go into itself.', {
      code: 'mailbox-name',
      reply: 'a mailbox can not go into itself',
    });
  }
  const below = listMailboxesBelow(tx, account, mailbox.name);
  const isTaken = (one: MailboxRow) => findMailboxByName(tx, account, mailboxName(name + one.name.slice(mailbox.name.length)));
  if ([mailbox, ...below].some(isTaken)) throw exists();
  createAbove(mail, name, { isSubscribed: mailbox.isSubscribed, by: options.by });
  if (options.by === 'here') leaveMailboxIntent(mail, id, { kind: 'rename-mailbox', from: mailbox.name, to: name });
  const modSeq = nextModSeq(mail);
  for (const one of [mailbox, ...below]) {
    const renamed = mailboxName(name + one.name.slice(mailbox.name.length));
    const floor = lastUidValidityOf(tx, account, renamed);
    const uidValidity = floor < one.uidValidity ? one.uidValidity : nextUidValidity(mail, floor + 1);
    changeMailbox(mail, one.id, { name: renamed, uidValidity, modSeq });
    subscribeIfNameIs(mail, one.id, renamed);
  }
  // Names are looked up in the table by whatever comes next in this transaction.
  closeBooks(mail);
}

/**
 * Its messages are expunged, and can be restored elsewhere. RFC 9051 6.3.7: who was subscribed to it stays so to its name.
 * @throws MailError `inbox-stays`; for what is done here also `mailbox-has-children`
 */
export function deleteMailbox(mail: MailTx, id: MailboxId, by: By): void {
  const mailbox = mailboxOrThrow(mail, id);
  if (mailbox.name === INBOX) throw inboxStays('deleted');
  if (by === 'here' && listMailboxesBelow(mail.tx, mail.account, mailbox.name).length > 0) {
    throw new MailError('permanent', 'There are mailboxes below it.', {
      code: 'mailbox-has-children',
      reply: 'there are mailboxes below it; delete them first',
    });
  }
  emptyMailbox(mail, id, by);
  if (by === 'here') leaveMailboxIntent(mail, id, { kind: 'delete-mailbox', name: mailbox.name });
  if (mailbox.isSubscribed) keepSubscribedName(mail.tx, mail.account, mailbox.name);
  deleteMailboxRow(mail.tx, mailboxOrThrow(mail, id), { modSeq: nextModSeq(mail), atMs: mail.nowMs });
  forgetMailbox(mail, id);
}

export function setSubscribed(mail: MailTx, id: MailboxId, options: { readonly isSubscribed: boolean; readonly by: By }): void {
  const { isSubscribed } = options;
  if (mailboxOrThrow(mail, id).isSubscribed === isSubscribed) return;
  if (options.by === 'here') leaveMailboxIntent(mail, id, { kind: 'subscribe', isSubscribed });
  changeMailbox(mail, id, { isSubscribed, modSeq: nextModSeq(mail) });
}

/** Of a name that no mailbox has, but that is on the list of subscriptions. False: it is not. */
export function unsubscribeName({ tx, account }: MailTx, name: string): boolean {
  return dropSubscribedName(tx, account, name);
}

/** Undefined takes it away. Ours alone: no other protocol knows of it, so no intent is left. */
export function setSortOrder(mail: MailTx, id: MailboxId, sortOrder: number | undefined): void {
  const { sortOrder: before, ...mailbox } = mailboxOrThrow(mail, id);
  if (before === sortOrder) return;
  mail.books.mailboxes.set(id, { ...mailbox, ...(sortOrder === undefined ? {} : { sortOrder }), modSeq: nextModSeq(mail) });
  mail.books.touched.add(id);
}

/** Undefined takes it away. Another mailbox that has the role loses it. */
export function setRole(mail: MailTx, id: MailboxId, role: MailboxRole | undefined): void {
  const { role: before, ...mailbox } = mailboxOrThrow(mail, id);
  if (before === role) return;
  const modSeq = nextModSeq(mail);
  const holder = role === undefined ? undefined : findMailboxByRole(mail.tx, mail.account, role);
  if (holder) putWithout(mail, holder.id, modSeq);
  putWithout(mail, id, modSeq);
  if (role !== undefined) changeMailbox(mail, mailbox.id, { role });
  closeBooks(mail);
}

function putWithout(mail: MailTx, id: MailboxId, modSeq: MailboxRow['modSeq']): void {
  const { role: _, ...rest } = mailboxOrThrow(mail, id);
  mail.books.mailboxes.set(id, { ...rest, modSeq });
  mail.books.touched.add(id);
  // One role, one mailbox: it must be free in the table before the other one takes it.
  closeBooks(mail);
}

function createAbove(mail: MailTx, name: string, like: Pick<NewMailbox, 'isSubscribed' | 'by'>): void {
  for (const above of namesAbove(name)) {
    if (!findMailboxByName(mail.tx, mail.account, above)) createOne(mail, above, like);
  }
}

function createOne(mail: MailTx, name: string, like: Pick<NewMailbox, 'isSubscribed' | 'by' | 'role'>): MailboxRow {
  const { tx, account } = mail;
  if (countMailboxes(tx, account) >= MOST_MAILBOXES) {
    throw new MailError('permanent', 'The account has too many mailboxes.', { code: 'too-many-mailboxes', reply: 'too many mailboxes' });
  }
  const role = name === INBOX ? 'inbox' : like.role;
  const id = insertMailbox(tx, {
    account,
    name,
    ...(role === undefined || findMailboxByRole(tx, account, role) ? {} : { role }),
    isSubscribed: like.isSubscribed,
    uidValidity: nextUidValidity(mail, lastUidValidityOf(tx, account, name) + 1),
    modSeq: nextModSeq(mail),
  });
  if (like.by === 'here') leaveMailboxIntent(mail, id, { kind: 'create-mailbox', name });
  // RFC 9051 6.3.4: CREATE subscribes to nothing, and the next list of upstream would say so here.
  if (like.by === 'here' && like.isSubscribed) leaveMailboxIntent(mail, id, { kind: 'subscribe', isSubscribed: true });
  subscribeIfNameIs(mail, id, name);
  return mailboxOrThrow(mail, id);
}

/** The subscription to the name is one to whatever mailbox has it. Upstream may have dropped it with the mailbox, so it is told. */
function subscribeIfNameIs(mail: MailTx, id: MailboxId, name: string): void {
  if (dropSubscribedName(mail.tx, mail.account, name)) setSubscribed(mail, id, { isSubscribed: true, by: 'here' });
}

function exists(): MailError {
  return new MailError('permanent', 'There is a mailbox of this name.', {
    code: 'mailbox-exists',
    reply: 'there is a mailbox of this name already',
  });
}

function inboxStays(what: string): MailError {
  return new MailError('permanent', `INBOX is not ${what}.`, { code: 'inbox-stays', reply: `INBOX can not be ${what}` });
}
