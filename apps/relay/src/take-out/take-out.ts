import { asId, type AccountId, type MailboxId, type MessageId, type ModSeq } from '@stopgap/core';
import { vcardOf } from '@stopgap/message';
import {
  findMailAccount,
  findMailbox,
  findMessage,
  listContacts,
  listMailboxes,
  listMailboxMessages,
  listMessages,
  messagesChangedSince,
  type MessageRow,
  type Store,
} from '@stopgap/store';
import { MaildirTree, type MaildirFolder } from './maildir-tree.ts';

/** Rows that are held at once. */
const PAGE = 200;
/** A message whose content is replaced again and again while it is read is not ours to wait for. */
const TRIES = 5;

export interface TakenMailbox {
  readonly name: string;
  /** Its place in the directory; `.`: the directory itself. */
  readonly folder: string;
  readonly messages: number;
  readonly sizeBytes: number;
}

export interface TakenOut {
  readonly mailboxes: readonly TakenMailbox[];
  readonly messages: number;
  readonly sizeBytes: number;
  readonly contacts: number;
  /** Put together again by the path they came by; not the provider's own bytes. */
  readonly rebuilt: number;
  /** Left out: not more than their headers has come so far. */
  readonly incomplete: number;
}

export interface TakeOutOptions {
  readonly store: Store;
  readonly account: AccountId;
  readonly directory: string;
}

/**
 * Writes everything an account has here into an empty directory: a Maildir++ tree, and `contacts.vcf`. Beside a running `serve`: mailboxes are read one
 * after the other, and what changed meanwhile is looked at once more, so that a message that is moved under way is taken once and not missed.
 */
export async function takeOut(options: TakeOutOptions): Promise<TakenOut> {
  const { store, account, directory } = options;
  const since = store.read((reader) => findMailAccount(reader, account)?.modSeq ?? asId.modSeq(0));
  const work = new TakeOut(store, await MaildirTree.begin(directory));
  const mailboxes = store.read((reader) => listMailboxes(reader, account));
  for (const { id, name } of mailboxes) await work.addMailbox(id, name);
  for (const { id } of mailboxes) await work.addMessagesOf(id);
  await work.addWhatChanged(account, since);
  const contacts = store.read((reader) => listContacts(reader, account));
  await work.tree.writeText('contacts.vcf', contacts.map(vcardOf).join(''));
  await work.tree.finish();
  return work.result(contacts.length);
}

interface Target {
  readonly name: string;
  readonly folder: MaildirFolder;
  messages: number;
  sizeBytes: number;
}

class TakeOut {
  readonly tree: MaildirTree;
  readonly #store: Store;
  readonly #targets = new Map<MailboxId, Target>();
  readonly #seen = new Set<MessageId>();
  #rebuilt = 0;
  #incomplete = 0;

  constructor(store: Store, tree: MaildirTree) {
    this.#store = store;
    this.tree = tree;
  }

  async addMailbox(id: MailboxId, name: string): Promise<Target> {
    const target: Target = { name, folder: await this.tree.addFolder(name), messages: 0, sizeBytes: 0 };
    this.#targets.set(id, target);
    return target;
  }

  async addMessagesOf(mailbox: MailboxId): Promise<void> {
    for (let afterUid = 0; ;) {
      const page = { afterUid, limit: PAGE };
      const rows = this.#store.read((reader) => listMailboxMessages(reader, mailbox, page));
      for (const row of rows) await this.#add(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      afterUid = last.uid;
    }
  }

  /** All of it at once: it is little, and many messages may have one change number. */
  async addWhatChanged(account: AccountId, since: ModSeq): Promise<void> {
    const changed = this.#store.read((reader) => messagesChangedSince(reader, account, since, Number.MAX_SAFE_INTEGER));
    const missed = changed.map(({ id }) => id).filter((id) => !this.#seen.has(id));
    for (const row of this.#store.read((reader) => listMessages(reader, missed))) await this.#add(row);
  }

  async #add(first: MessageRow): Promise<void> {
    if (this.#seen.has(first.id)) return;
    this.#seen.add(first.id);
    let row: MessageRow | undefined = first;
    for (let tries = 1; row !== undefined; tries++) {
      if (row.blob === undefined || row.completeness === 'headers') {
        this.#incomplete += 1;
        return;
      }
      const target: Target | undefined = this.#targets.get(row.mailbox) ?? (await this.#lateMailbox(row.mailbox));
      if (target === undefined) return;
      try {
        target.sizeBytes += await this.tree.addMessage(target.folder, row, this.#store.blobs.open(row.blob));
        target.messages += 1;
        if (row.completeness === 'rebuilt') this.#rebuilt += 1;
        return;
      } catch (error) {
        // Its bytes may have been replaced, or it may be gone for good, since its row was read.
        const now = this.#store.read((reader) => findMessage(reader, first.id));
        if (now?.blob?.id === row.blob.id || tries === TRIES) throw error;
        row = now;
      }
    }
  }

  /** Made while we were at work. */
  async #lateMailbox(id: MailboxId): Promise<Target | undefined> {
    const mailbox = this.#store.read((reader) => findMailbox(reader, id));
    return mailbox === undefined ? undefined : this.addMailbox(id, mailbox.name);
  }

  result(contacts: number): TakenOut {
    const mailboxes = [...this.#targets.values()].map(({ name, folder, messages, sizeBytes }) => ({
      name,
      folder: folder.name === '' ? '.' : folder.name,
      messages,
      sizeBytes,
    }));
    const sum = (of: (mailbox: TakenMailbox) => number) => mailboxes.reduce((total, mailbox) => total + of(mailbox), 0);
    return {
      mailboxes,
      messages: sum((mailbox) => mailbox.messages),
      sizeBytes: sum((mailbox) => mailbox.sizeBytes),
      contacts,
      rebuilt: this.#rebuilt,
      incomplete: this.#incomplete,
    };
  }
}
