import { MAILBOX_SEPARATOR, type MailboxRole } from '@stopgap/core';
import { INBOX } from '@stopgap/mailbox';
import { countMarked, countUnread, type MailboxRow } from '@stopgap/store';
import { picked } from '../get.ts';
import { wire } from '../ids.ts';
import type { CallContext, Json } from '../method.ts';

/** RFC 8621 2 */
export const MAILBOX_PROPERTIES = [
  'id',
  'name',
  'parentId',
  'role',
  'sortOrder',
  'totalEmails',
  'unreadEmails',
  'totalThreads',
  'unreadThreads',
  'myRights',
  'isSubscribed',
] as const;
export type MailboxProperty = (typeof MAILBOX_PROPERTIES)[number];

/** Where people look for them. */
const ORDER: Readonly<Record<MailboxRole, number>> = { inbox: 1, drafts: 2, sent: 3, archive: 4, junk: 5, trash: 6 };
const OTHERS_ORDER = 10;

/** All mailboxes of an account, with what one needs of the others. */
export class MailboxTree {
  readonly rows: readonly MailboxRow[];
  readonly #byName: ReadonlyMap<string, MailboxRow>;
  readonly #byId: ReadonlyMap<string, MailboxRow>;

  constructor({ deps, account }: Pick<CallContext, 'deps' | 'account'>) {
    this.rows = deps.mailboxes.list(account);
    this.#byName = new Map(this.rows.map((row) => [row.name, row]));
    this.#byId = new Map(this.rows.map((row) => [wire.mailbox(row.id), row]));
  }

  byId(id: string): MailboxRow | undefined {
    return this.#byId.get(id);
  }

  parentOf({ name }: Pick<MailboxRow, 'name'>): MailboxRow | undefined {
    const at = name.lastIndexOf(MAILBOX_SEPARATOR);
    return at < 0 ? undefined : this.#byName.get(name.slice(0, at));
  }
}

/** The last part of its name; INBOX as people write it. */
export function shownName({ name }: Pick<MailboxRow, 'name'>): string {
  return name === INBOX ? 'Inbox' : name.slice(name.lastIndexOf(MAILBOX_SEPARATOR) + 1);
}

/** As a person chose it. */
export function sortOrderOf({ role, sortOrder }: MailboxRow): number {
  if (sortOrder !== undefined) return sortOrder;
  return role === undefined ? OTHERS_ORDER : ORDER[role];
}

export function mailboxObject(
  row: MailboxRow,
  wanted: ReadonlySet<MailboxProperty>,
  from: { readonly tree: MailboxTree; readonly context: CallContext },
): Json {
  const { tree, context } = from;
  const counts = () => context.deps.store.read((reader) => countUnread(reader, row.id));
  let counted: ReturnType<typeof counts> | undefined;
  // The counts that are kept are IMAP's: what is marked as deleted is in them, and is not there for JMAP (RFC 8621 4.1.1).
  const marked = () => context.deps.store.read((reader) => countMarked(reader, row.id));
  let deleted: ReturnType<typeof marked> | undefined;
  return picked(wire.mailbox(row.id), wanted, {
    name: () => shownName(row),
    parentId: () => {
      const parent = tree.parentOf(row);
      return parent === undefined ? null : wire.mailbox(parent.id);
    },
    role: () => row.role ?? null,
    sortOrder: () => sortOrderOf(row),
    totalEmails: () => row.total - (deleted ??= marked()).total,
    // The count that is kept is of what was not seen; a draft that nobody "saw" counts only in it. Elsewhere the two are the same.
    unreadEmails: () =>
      row.role === 'drafts' && row.unseen > 0 ? (counted ??= counts()).unreadMessages : row.unseen - (deleted ??= marked()).unseen,
    totalThreads: () => (counted ??= counts()).threads,
    unreadThreads: () => (counted ??= counts()).unreadThreads,
    myRights: () => rightsOf(row),
    isSubscribed: () => row.isSubscribed,
  });
}

export const ALL_RIGHTS: Json = {
  mayReadItems: true,
  mayAddItems: true,
  mayRemoveItems: true,
  maySetSeen: true,
  maySetKeywords: true,
  mayCreateChild: true,
  mayRename: true,
  mayDelete: true,
  maySubmit: true,
};

function rightsOf({ name }: MailboxRow): Json {
  return name === INBOX ? { ...ALL_RIGHTS, mayRename: false, mayDelete: false } : ALL_RIGHTS;
}
