import { createHash } from 'node:crypto';
import { normalFlags, withFlagChange, type Flag, type FlagChange, type MailboxRole } from '@stopgap/core';

export interface MemoryMessage {
  readonly uid: number;
  readonly bytes: Buffer;
  readonly flags: readonly Flag[];
  readonly receivedAtMs: number;
  /** The number of its last change. */
  readonly modSeq: number;
}

export interface MemoryMailbox {
  /** Stays the same when it is renamed. */
  readonly created: number;
  path: readonly string[];
  readonly role: MailboxRole | undefined;
  isSubscribed: boolean;
  validity: number;
  uidNext: number;
  /** In order of UID. */
  messages: MemoryMessage[];
  /** What was there, and the change that took it away. */
  readonly vanished: { readonly uid: number; readonly bytes: Buffer; readonly modSeq: number }[];
  modSeq: number;
}

export interface MailboxBackup {
  readonly messages: readonly MemoryMessage[];
  readonly uidNext: number;
  readonly modSeq: number;
}

export interface Delivery {
  readonly flags?: readonly Flag[];
  readonly receivedAtMs?: number;
}

/** The mail store behind every path of a provider: one account as its other clients change it. Mailboxes are named `A/B`. */
export class MemoryAccount {
  readonly mailboxes: MemoryMailbox[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #nowMs: () => number;
  #validity = 1000;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.createMailbox('INBOX', 'inbox');
  }

  createMailbox(name: string, role?: MailboxRole): MemoryMailbox {
    const there = this.find(name);
    if (there) return there;
    if (name.includes('/')) this.createMailbox(name.slice(0, name.lastIndexOf('/')));
    this.#validity += 1;
    const mailbox: MemoryMailbox = {
      created: this.#validity,
      path: name.split('/'),
      role,
      isSubscribed: true,
      validity: this.#validity,
      uidNext: 1,
      messages: [],
      vanished: [],
      modSeq: 1,
    };
    this.mailboxes.push(mailbox);
    this.#changed(mailbox);
    return mailbox;
  }

  find(name: string): MemoryMailbox | undefined {
    return this.mailboxes.find((mailbox) => mailbox.path.join('/') === name);
  }

  /** @throws when there is none: a test that asks for it is wrong */
  mailbox(name: string): MemoryMailbox {
    const mailbox = this.find(name);
    if (!mailbox) throw new Error(`the provider has no mailbox ${name}`);
    return mailbox;
  }

  /** The UID of the new message. */
  deliver(name: string, bytes: Buffer | string, { flags = [], receivedAtMs = this.#nowMs() }: Delivery = {}): number {
    const mailbox = this.mailbox(name);
    const uid = mailbox.uidNext;
    mailbox.uidNext += 1;
    const modSeq = this.#changed(mailbox);
    mailbox.messages.push({ uid, bytes: Buffer.from(bytes), flags: normalFlags(flags), receivedAtMs, modSeq });
    return uid;
  }

  changeFlags(name: string, uid: number, change: FlagChange): void {
    const mailbox = this.mailbox(name);
    const at = mailbox.messages.findIndex((message) => message.uid === uid);
    const message = mailbox.messages[at];
    if (message) mailbox.messages[at] = { ...message, flags: withFlagChange(message.flags, change), modSeq: this.#changed(mailbox) };
  }

  expunge(name: string, uid: number): MemoryMessage | undefined {
    const mailbox = this.mailbox(name);
    const message = mailbox.messages.find((other) => other.uid === uid);
    if (!message) return undefined;
    mailbox.messages = mailbox.messages.filter((other) => other !== message);
    mailbox.vanished.push({ uid, bytes: message.bytes, modSeq: this.#changed(mailbox) });
    return message;
  }

  /** The UID in the target; undefined: there was no such message. */
  move(name: string, uid: number, target: string): number | undefined {
    this.mailbox(target);
    const message = this.expunge(name, uid);
    return message && this.deliver(target, message.bytes, message);
  }

  /** Those below it go with it; those above the new name are made (RFC 9051 6.3.6). */
  renameMailbox(name: string, to: string): void {
    const parts = this.mailbox(name).path.length;
    for (const one of this.mailboxes.filter((other) => `${other.path.join('/')}/`.startsWith(`${name}/`))) {
      one.path = [...to.split('/'), ...one.path.slice(parts)];
      this.#changed(one);
    }
    if (to.includes('/')) this.createMailbox(to.slice(0, to.lastIndexOf('/')));
  }

  deleteMailbox(name: string): void {
    const mailbox = this.mailbox(name);
    this.mailboxes.splice(this.mailboxes.indexOf(mailbox), 1);
    this.#changed(mailbox);
  }

  /** As after a restored backup: the same mail under other UIDs and another UIDVALIDITY. */
  renumber(name: string): void {
    const mailbox = this.mailbox(name);
    this.#validity += 1;
    mailbox.validity = this.#validity;
    const modSeq = this.#changed(mailbox);
    mailbox.vanished.splice(0);
    mailbox.messages = mailbox.messages.map((message, index) => ({ ...message, uid: index + 1, modSeq }));
    mailbox.uidNext = mailbox.messages.length + 1;
  }

  /** What a backup of it holds. */
  backUp(name: string): MailboxBackup {
    const { messages, uidNext, modSeq } = this.mailbox(name);
    return { messages: [...messages], uidNext, modSeq };
  }

  /** A backup of all its files, so that UIDVALIDITY stays: UIDs that were given out since will be given out again. */
  restore(name: string, backup: MailboxBackup): void {
    const mailbox = this.mailbox(name);
    mailbox.messages = [...backup.messages];
    mailbox.uidNext = backup.uidNext;
    const vanished = mailbox.vanished.filter((one) => one.modSeq <= backup.modSeq);
    mailbox.vanished.splice(0, mailbox.vanished.length, ...vanished);
    mailbox.modSeq = backup.modSeq;
    for (const listener of this.#listeners) listener();
  }

  /** Returns the way to stop it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #changed(mailbox: MemoryMailbox): number {
    mailbox.modSeq += 1;
    for (const listener of this.#listeners) listener();
    return mailbox.modSeq;
  }
}

/** As Cyrus does it: the same content has the same id. */
export function contentId(bytes: Buffer): string {
  return `M${createHash('sha256').update(bytes).digest('hex').slice(0, 24)}`;
}
