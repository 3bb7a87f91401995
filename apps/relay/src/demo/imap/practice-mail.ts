import { createHash } from 'node:crypto';
import { MailError } from '@stopgap/core';
import type { SpecialUse } from '@stopgap/imap-server';
import { digestOf, type MessageDigest } from '@stopgap/message';
import { freshFakeMailbox, fromModifiedUtf7, toModifiedUtf7, type FakeMailbox, type FakeStorage } from '@stopgap/testkit';
import { NumberedMailbox } from './numbered-mailbox.ts';

const USES: Readonly<Record<string, SpecialUse>> = { drafts: 'Drafts', sent: 'Sent', junk: 'Junk', trash: 'Trash' };
const FIRST_VALIDITY = 1000;

/** One person's mail at the practice provider, as its IMAP server sees it: the storage of its webmail, by Unicode names. */
export class PracticeMail {
  readonly #storage: FakeStorage;
  readonly #numbered = new WeakMap<FakeMailbox, NumberedMailbox>();
  readonly #digests = new WeakMap<Buffer, MessageDigest>();
  readonly #ids = new WeakMap<Buffer, string>();
  #validity = FIRST_VALIDITY;

  constructor(storage: FakeStorage) {
    this.#storage = storage;
  }

  all(): readonly (readonly [name: string, mailbox: NumberedMailbox])[] {
    return [...this.#storage.values()].map((mailbox) => [fromModifiedUtf7(mailbox.name), this.#number(mailbox)]);
  }

  find(name: string): NumberedMailbox | undefined {
    const mailbox = this.#storage.get(toModifiedUtf7(name));
    return mailbox && this.#number(mailbox);
  }

  /** @throws `mailbox-missing` */
  named(name: string): NumberedMailbox {
    const found = this.find(name);
    if (found === undefined) throw refused('mailbox-missing', 'there is no such mailbox');
    return found;
  }

  /** With those above it. @throws `mailbox-exists`, `mailbox-name` */
  create(name: string): NumberedMailbox {
    const parts = this.#newName(name);
    for (let count = 1; count <= parts.length; count += 1) {
      const wire = toModifiedUtf7(parts.slice(0, count).join('/'));
      if (!this.#storage.has(wire)) this.#storage.set(wire, freshFakeMailbox(wire));
    }
    return this.named(name);
  }

  /** @throws `mailbox-missing`, `inbox-stays`, `mailbox-has-children` */
  delete(name: string): void {
    if (name === 'INBOX') throw refused('inbox-stays', 'INBOX can not be deleted');
    const { mailbox } = this.named(name);
    if (this.all().some(([other]) => other.startsWith(`${name}/`))) throw refused('mailbox-has-children', 'there are mailboxes below it');
    this.#storage.delete(mailbox.name);
  }

  /** Those below it go with it. @throws `mailbox-missing`, `mailbox-exists`, `mailbox-name`, `inbox-stays` */
  rename(from: string, to: string): void {
    if (from === 'INBOX') throw refused('inbox-stays', 'INBOX can not be renamed');
    this.named(from);
    this.#newName(to);
    for (const [name, { mailbox }] of this.all()) {
      if (name !== from && !name.startsWith(`${from}/`)) continue;
      this.#storage.delete(mailbox.name);
      mailbox.name = toModifiedUtf7(to + name.slice(from.length));
      this.#storage.set(mailbox.name, mailbox);
    }
  }

  digest(raw: Buffer): MessageDigest {
    const digest = this.#digests.get(raw) ?? digestOf(raw);
    this.#digests.set(raw, digest);
    return digest;
  }

  /** Of the content: a message keeps it wherever it is moved. */
  emailId(raw: Buffer): string {
    const id = this.#ids.get(raw) ?? `E${createHash('sha256').update(raw).digest('hex').slice(0, 24)}`;
    this.#ids.set(raw, id);
    return id;
  }

  #newName(name: string): string[] {
    const parts = name.split('/');
    if (parts.includes('') || /[%*\x00-\x1f\x7f]/.test(name)) throw refused('mailbox-name', 'a mailbox can not have this name');
    if (this.find(name)) throw refused('mailbox-exists', 'there is a mailbox of this name already');
    return parts;
  }

  #number(mailbox: FakeMailbox): NumberedMailbox {
    const known = this.#numbered.get(mailbox);
    if (known) return known;
    this.#validity += 1;
    const made = new NumberedMailbox(mailbox, this.#validity);
    this.#numbered.set(mailbox, made);
    return made;
  }
}

/** The provider's webmail knows no place for the archive, its IMAP server does. */
export function useOf(name: string, { mailbox }: NumberedMailbox): SpecialUse | undefined {
  return name === 'Archive' ? 'Archive' : USES[mailbox.role ?? ''];
}

export function refused(code: string, reply: string): MailError {
  return new MailError('permanent', reply, { code, reply });
}
