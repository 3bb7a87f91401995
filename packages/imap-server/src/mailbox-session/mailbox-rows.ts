import { MailError, type AccountId, type MailboxRole } from '@stopgap/core';
import { mailboxName } from '@stopgap/mailbox';
import { findMailboxByName, type MailboxRow, type Reader } from '@stopgap/store';
import type { MailboxStatus, SpecialUse } from '../session.ts';

const USES: Readonly<Partial<Record<MailboxRole, SpecialUse>>> = {
  archive: 'Archive',
  drafts: 'Drafts',
  junk: 'Junk',
  sent: 'Sent',
  trash: 'Trash',
};

export function useOf(role: MailboxRole | undefined): SpecialUse | undefined {
  return role === undefined ? undefined : USES[role];
}

/** Undefined: nobody can have this use here (RFC 6154: All and Flagged are views of the whole account). */
export function roleOf(use: SpecialUse): MailboxRole | undefined {
  return (Object.keys(USES) as MailboxRole[]).find((role) => USES[role] === use);
}

/** Undefined: there is none of this name, or none can have it. */
export function mailboxCalled(reader: Reader, account: AccountId, name: string): MailboxRow | undefined {
  try {
    return findMailboxByName(reader, account, mailboxName(name));
  } catch (error) {
    if (error instanceof MailError && error.code === 'mailbox-name') return undefined;
    throw error;
  }
}

/** @throws MailError `mailbox-missing` */
export function mailboxNamed(reader: Reader, account: AccountId, name: string): MailboxRow {
  const row = mailboxCalled(reader, account, name);
  if (!row) throw new MailError('permanent', 'There is no such mailbox.', { code: 'mailbox-missing', reply: 'there is no such mailbox' });
  return row;
}

export function statusOf(row: MailboxRow): MailboxStatus {
  return {
    mailboxId: mailboxIdOf(row),
    messages: row.total,
    unseen: row.unseen,
    uidNext: row.uidNext,
    uidValidity: row.uidValidity,
    highestModSeq: row.highestModSeq,
    sizeBytes: row.sizeBytes,
  };
}

/** RFC 8474: no two kinds of id can be mistaken for each other. */
export function mailboxIdOf({ id }: Pick<MailboxRow, 'id'>): string {
  return `f${id}`;
}
