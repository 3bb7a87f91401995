/* What can still be restored, as people look for it. Nothing is changed here. */
import { asId, MailError, type AccountId, type MailboxId, type MessageId } from '@stopgap/core';
import {
  findKept,
  findMessage,
  listAccountMessagesByContent,
  listKept,
  listMailboxes,
  mailboxesGoneSince,
  wantedMessages,
  type KeptRow,
  type Reader,
} from '@stopgap/store';
import { INBOX } from './mailbox-name.ts';
import { envelopeLook } from './search/envelope-text.ts';

/** Read at once. */
const PAGE = 500;
/** Equal messages that are looked at. */
const MOST_EQUAL = 100;
const SEARCHED = ['from', 'to', 'cc', 'subject'];

export interface DeletedMessage extends KeptRow {
  /** Where it was, by the name that has now, or had last. */
  readonly mailboxName: string;
  readonly isMailboxGone: boolean;
  /** Mailboxes that hold the same content now: another client moved it, or the provider brought it back. */
  readonly alsoIn: readonly string[];
}

export interface DeletedFilter {
  /** Deleted then or later. What is older than it is kept is never told. */
  readonly sinceMs?: number;
  readonly mailbox?: string;
  /** In sender, recipients or subject. */
  readonly text?: string;
}

/** How it stands with one message. */
export type Restorable =
  | { readonly kind: 'kept'; readonly message: DeletedMessage }
  /** Nobody deleted it, or it is back. */
  | { readonly kind: 'alive'; readonly mailboxName: string }
  | { readonly kind: 'expired'; readonly expungedAtMs: number }
  | { readonly kind: 'unknown' };

/** Of one account at one moment. */
export class DeletedMessages {
  readonly #reader: Reader;
  readonly #account: AccountId;
  /** What was expunged before is kept no longer. */
  readonly #keptFromMs: number;
  readonly #names = new Map<MailboxId, { readonly name: string; readonly isGone: boolean }>();

  constructor(reader: Reader, account: AccountId, keptFromMs: number) {
    this.#reader = reader;
    this.#account = account;
    this.#keptFromMs = keptFromMs;
    for (const { id, name } of mailboxesGoneSince(reader, account, asId.modSeq(0))) this.#names.set(id, { name, isGone: true });
    for (const { id, name } of listMailboxes(reader, account)) this.#names.set(id, { name, isGone: false });
  }

  /**
   * The last deletion first.
   * @throws MailError `mailbox-missing`
   */
  *list(filter: DeletedFilter = {}): Generator<DeletedMessage> {
    const { mailbox, text = '' } = filter;
    const mailboxes = mailbox === undefined ? {} : { mailboxes: this.#mailboxesCalled(mailbox) };
    const looks = SEARCHED.map((field) => envelopeLook(field, text));
    const sinceMs = Math.max(filter.sinceMs ?? 0, this.#keptFromMs);
    let before: KeptRow | undefined;
    for (;;) {
      const page = listKept(this.#reader, this.#account, { before, sinceMs, ...mailboxes, limit: PAGE });
      for (const row of page) if (text === '' || looks.some((look) => look?.(row.kept.view.envelope))) yield this.#told(row);
      before = page.at(-1);
      if (page.length < PAGE) return;
    }
  }

  /** Those that somebody asked for and that are not back yet. */
  *wanted(): Generator<DeletedMessage> {
    for (const id of wantedMessages(this.#reader, this.#account)) {
      const found = this.find(id);
      if (found.kind === 'kept') yield found.message;
    }
  }

  /** The number may be anybody's: of another account's messages nothing is told. */
  find(id: MessageId): Restorable {
    const message = findMessage(this.#reader, id);
    if (message?.account === this.#account) return { kind: 'alive', mailboxName: this.#nameOf(message.mailbox).name };
    const row = findKept(this.#reader, id);
    if (row?.account !== this.#account) return { kind: 'unknown' };
    const { expungedAtMs } = row;
    return expungedAtMs < this.#keptFromMs ? { kind: 'expired', expungedAtMs } : { kind: 'kept', message: this.#told(row) };
  }

  #told(row: KeptRow): DeletedMessage {
    const { name, isGone } = this.#nameOf(row.mailbox);
    const { hash } = row.kept.view;
    const equal = hash === undefined ? [] : listAccountMessagesByContent(this.#reader, this.#account, { hash, limit: MOST_EQUAL });
    const alsoIn = [...new Set(equal.map(({ mailbox }) => this.#nameOf(mailbox).name))];
    return { ...row, mailboxName: name, isMailboxGone: isGone, alsoIn };
  }

  /** Of a mailbox that nothing is known of any more, its messages go to INBOX. */
  #nameOf(id: MailboxId): { readonly name: string; readonly isGone: boolean } {
    return this.#names.get(id) ?? { name: INBOX, isGone: true };
  }

  /** The one of that name, and those that had it before they were deleted. */
  #mailboxesCalled(name: string): readonly MailboxId[] {
    const found = [...this.#names].filter(([, one]) => one.name === name).map(([id]) => id);
    if (found.length > 0) return found;
    throw new MailError('permanent', `There is no mailbox ${name}, and none was deleted of which mail is kept.`, {
      code: 'mailbox-missing',
    });
  }
}
