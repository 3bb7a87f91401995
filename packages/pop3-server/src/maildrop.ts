import type { AccountId, MailboxId, MessageId } from '@stopgap/core';
import { createMailbox, expungeMessages, INBOX, messagesIn, moveMessages, type MailTx } from '@stopgap/mailbox';
import {
  findKept,
  findMailboxByName,
  findMailboxByRole,
  findMessage,
  listMessageSizes,
  type MessageSizeRow,
  type Reader,
  type Store,
} from '@stopgap/store';
import type { Settings } from './settings.ts';

/** Of the newest; with more, older ones are shown when some of these are gone. */
export const MOST_MESSAGES = 250_000;
/** In one transaction. */
const REMOVED_AT_ONCE = 500;
const TRASH = 'Trash';

/** A message by its number in this session. */
export interface MaildropMessage {
  readonly number: number;
  readonly id: MessageId;
  /** RFC 1939 11: as it is sent, but for the dots that are doubled. */
  readonly sizeBytes: number;
  /** RFC 1939 7: the same for ever, never another message's. */
  readonly uidl: string;
}

export type Found = { readonly kind: 'there'; readonly message: MaildropMessage } | { readonly kind: 'deleted' | 'none' };

/**
 * INBOX as it was at the log-in (RFC 1939 4). A message whose bytes are not here is not in it: clients fetch in order and most give up at the first error,
 * so that it would keep all that come after it from being fetched.
 */
export class Maildrop {
  readonly account: AccountId;
  readonly #inbox: MailboxId | undefined;
  readonly #uidValidity: number;
  readonly #rows: readonly MessageSizeRow[];
  readonly #deleted = new Set<number>();

  constructor(account: AccountId, { read }: Pick<Store, 'read'>) {
    this.account = account;
    const inbox = read((reader) => inboxOf(reader, account));
    this.#inbox = inbox?.id;
    this.#uidValidity = inbox?.uidValidity ?? 0;
    this.#rows = inbox ? read((reader) => listMessageSizes(reader, inbox.id, MOST_MESSAGES)) : [];
  }

  /** Without the deleted ones, in their order. */
  *messages(): Generator<MaildropMessage> {
    for (const [index, row] of this.#rows.entries()) if (!this.#deleted.has(index)) yield this.#messageOf(row, index);
  }

  /** Without the deleted ones. */
  totals(): { readonly messages: number; readonly sizeBytes: number } {
    let sizeBytes = 0;
    for (const [index, row] of this.#rows.entries()) if (!this.#deleted.has(index)) sizeBytes += row.sizeBytes;
    return { messages: this.#rows.length - this.#deleted.size, sizeBytes };
  }

  find(number: number): Found {
    const row = this.#rows[number - 1];
    if (!row) return { kind: 'none' };
    return this.#deleted.has(number - 1) ? { kind: 'deleted' } : { kind: 'there', message: this.#messageOf(row, number - 1) };
  }

  delete(message: MaildropMessage): void {
    this.#deleted.add(message.number - 1);
  }

  reset(): void {
    this.#deleted.clear();
  }

  /** Undefined: its bytes are not here (any more). One that was moved or expunged during the session is still had. */
  open(message: MaildropMessage, { read, blobs }: Settings['store']): AsyncIterable<Buffer> | undefined {
    const row = read((reader) => findMessage(reader, message.id) ?? findKept(reader, message.id)?.kept.message);
    return row?.blob && row.completeness !== 'headers' ? blobs.open(row.blob) : undefined;
  }

  /** RFC 1939 6 UPDATE: what is deleted and still in INBOX goes, in short transactions. Yields how many went in each. */
  async *removeDeleted({ mailboxes, deletion }: Pick<Settings, 'mailboxes' | 'deletion'>): AsyncGenerator<number> {
    const inbox = this.#inbox;
    if (inbox === undefined) return;
    const ids = [...this.#deleted].sort((one, other) => one - other).flatMap((index) => this.#rows[index]?.id ?? []);
    for (let from = 0; from < ids.length; from += REMOVED_AT_ONCE) {
      const some = ids.slice(from, from + REMOVED_AT_ONCE);
      yield await mailboxes.write(this.account, (mail) => {
        // Somebody may have put it elsewhere meanwhile; there it stays.
        const there = messagesIn(mail, some).flatMap(({ id, mailbox }) => (mailbox === inbox ? id : []));
        if (there.length === 0) return 0;
        if (deletion === 'expunge') return expungeMessages(mail, there, 'here').length;
        return moveMessages(mail, there, trashOf(mail), 'here').length;
      });
    }
  }

  #messageOf(row: MessageSizeRow, index: number): MaildropMessage {
    return { number: index + 1, id: row.id, sizeBytes: row.sizeBytes, uidl: `${this.#uidValidity}.${row.uid}` };
  }
}

export function inboxOf(reader: Reader, account: AccountId) {
  return findMailboxByRole(reader, account, 'inbox') ?? findMailboxByName(reader, account, INBOX);
}

function trashOf(mail: MailTx): MailboxId {
  const { tx, account } = mail;
  const trash = findMailboxByRole(tx, account, 'trash') ?? findMailboxByName(tx, account, TRASH);
  return trash?.id ?? createMailbox(mail, { name: TRASH, role: 'trash', isSubscribed: true, by: 'here' }).id;
}
