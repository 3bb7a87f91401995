/* A person's mail in memory, behind the seam: for the tests of this package. It keeps the promises of session.ts and nothing more. */
import { asId, MailError, normalFlags, type Flag, type ModSeq, type Uid } from '@stopgap/core';
import { digestOf, type MessageDigest } from '@stopgap/message';
import type {
  Append,
  CopiedMessages,
  ImapSession,
  ListedMailbox,
  MailboxStatus,
  NewMessage,
  OpenedMailbox,
  SpecialUse,
} from './session.ts';
import { MemoryMailbox } from './test-memory-mailbox.ts';

export interface MemoryMessage {
  readonly uid: Uid;
  readonly emailId: string;
  readonly bytes: Buffer;
  readonly digest: MessageDigest;
  readonly receivedAtMs: number;
  readonly savedAtMs: number;
  flags: readonly Flag[];
  modSeq: ModSeq;
}

export interface MemoryFolder {
  name: string;
  readonly id: string;
  readonly uidValidity: number;
  readonly use?: SpecialUse;
  isSubscribed: boolean;
  isReadOnly: boolean;
  permanentFlags: readonly Flag[] | 'any';
  uidNext: number;
  /** By UID, ascending. */
  messages: MemoryMessage[];
  readonly gone: { readonly uid: Uid; readonly modSeq: ModSeq }[];
  /** What went up to here is not told any more. */
  forgottenModSeq: ModSeq;
  isDeleted: boolean;
}

const NOW_MS = Date.UTC(2026, 10, 26, 12);

/** The mail of one account; each connection gets a session of its own on it. */
export class MemoryMail {
  readonly folders: MemoryFolder[] = [];
  /** Subscribed to, though no folder has the name. */
  readonly goneNames = new Set<string>();
  appendLimitBytes = 1_000_000;
  quotaBytes: number | undefined = 10_000_000;
  /** Whoever asks for the octets of this UID is told that they can not be had. */
  readonly unavailable = new Set<number>();
  /** The octets of this UID end too early. */
  readonly broken = new Set<number>();
  /** Octets come along with a page (as of small messages), or have to be asked for. */
  isContentAtHand = true;
  openSessions = 0;
  pageSize = 3;
  /** How often pages were asked for. */
  fetches = 0;
  #modSeq = 1;
  #validity = 100;
  #emails = 0;
  readonly #waiting = new Set<() => void>();

  constructor() {
    this.make('INBOX');
  }

  get modSeq(): ModSeq {
    return asId.modSeq(this.#modSeq);
  }

  make(name: string, use?: SpecialUse): MemoryFolder {
    this.#validity += 1;
    const folder: MemoryFolder = {
      name,
      id: `M${this.#validity}`,
      uidValidity: this.#validity,
      ...(use && { use }),
      isSubscribed: true,
      isReadOnly: false,
      permanentFlags: 'any',
      uidNext: 1,
      messages: [],
      gone: [],
      forgottenModSeq: asId.modSeq(0),
      isDeleted: false,
    };
    this.folders.push(folder);
    this.goneNames.delete(name);
    this.changed();
    return folder;
  }

  folder(name: string): MemoryFolder {
    const found = this.folders.find((one) => one.name === name);
    if (found) return found;
    throw new MailError('permanent', 'no mailbox', { code: 'mailbox-missing', reply: 'there is no such mailbox' });
  }

  /** Adds a message; line ends may be bare LF, for tests that write them so. */
  deliver(name: string, text: string | Buffer, options: { readonly flags?: readonly string[]; readonly receivedAtMs?: number } = {}): Uid {
    const bytes = typeof text === 'string' ? Buffer.from(text.replaceAll(/\r?\n/g, '\r\n')) : text;
    const modSeq = this.changed();
    const message = this.put(this.folder(name), {
      bytes,
      digest: digestOf(bytes),
      receivedAtMs: options.receivedAtMs ?? NOW_MS,
      flags: normalFlags(options.flags ?? []),
      modSeq,
    });
    this.wake();
    return message.uid;
  }

  put(folder: MemoryFolder, message: Omit<MemoryMessage, 'uid' | 'emailId' | 'savedAtMs'>): MemoryMessage {
    this.#emails += 1;
    const put = { ...message, uid: asId.uid(folder.uidNext), emailId: `E${this.#emails}`, savedAtMs: NOW_MS };
    folder.uidNext += 1;
    folder.messages.push(put);
    return put;
  }

  setFlags(name: string, uid: number, flags: readonly string[]): void {
    const message = this.folder(name).messages.find((one) => one.uid === uid);
    if (!message) return;
    message.flags = normalFlags(flags);
    message.modSeq = this.changed();
    this.wake();
  }

  expunge(name: string, uids: readonly number[]): void {
    this.remove(this.folder(name), uids, this.changed());
    this.wake();
  }

  remove(folder: MemoryFolder, uids: readonly number[], modSeq: ModSeq): void {
    const gone = new Set(uids);
    for (const { uid } of folder.messages) if (gone.has(uid)) folder.gone.push({ uid, modSeq });
    folder.messages = folder.messages.filter(({ uid }) => !gone.has(uid));
  }

  /** A new number. */
  changed(): ModSeq {
    this.#modSeq += 1;
    return this.modSeq;
  }

  wake(): void {
    for (const wake of this.#waiting) wake();
  }

  async wait(since: ModSeq, signal: AbortSignal): Promise<ModSeq> {
    if (this.modSeq > since || signal.aborted) return this.modSeq;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
    return signal.aborted ? since : this.modSeq;
  }

  session(): ImapSession {
    this.openSessions += 1;
    return new MemorySession(this);
  }
}

class MemorySession implements ImapSession {
  readonly #mail: MemoryMail;
  quota?: NonNullable<ImapSession['quota']>;
  #isOpen = true;

  constructor(mail: MemoryMail) {
    this.#mail = mail;
    const limitBytes = mail.quotaBytes;
    if (limitBytes !== undefined) this.quota = async () => ({ usedBytes: usedBytes(mail), limitBytes });
  }

  get appendLimitBytes(): number {
    return this.#mail.appendLimitBytes;
  }

  async list(): Promise<readonly ListedMailbox[]> {
    const there = this.#mail.folders.map((folder) => ({
      name: folder.name,
      isSubscribed: folder.isSubscribed,
      ...(folder.use && { use: folder.use }),
      status: statusOf(folder, this.#mail.modSeq),
    }));
    return [...there, ...[...this.#mail.goneNames].map((name) => ({ name, isSubscribed: true, isGone: true as const }))];
  }

  async status(name: string): Promise<MailboxStatus | undefined> {
    const folder = this.#mail.folders.find((one) => one.name === name);
    return folder && statusOf(folder, this.#mail.modSeq);
  }

  async deletedIn(name: string): ReturnType<ImapSession['deletedIn']> {
    const marked = this.#mail.folder(name).messages.filter(({ flags }) => flags.includes('$deleted'));
    return { messages: marked.length, sizeBytes: marked.reduce((sum, { bytes }) => sum + bytes.length, 0) };
  }

  async create(name: string, use: SpecialUse | undefined): Promise<{ readonly mailboxId: string }> {
    if (name === '' || name.split('/').includes('') || /[\x00-\x1f]/.test(name))
      throw refused('mailbox-name', 'a mailbox can not have this name');
    if (this.#mail.folders.some((one) => one.name === name)) throw refused('mailbox-exists', 'there is a mailbox of this name already');
    if (use && this.#mail.folders.some((one) => one.use === use)) throw refused('use-taken', 'another mailbox has this use');
    return { mailboxId: this.#mail.make(name, use).id };
  }

  async delete(name: string): Promise<void> {
    if (name === 'INBOX') throw refused('inbox-stays', 'INBOX can not be deleted');
    const folder = this.#mail.folder(name);
    if (this.#mail.folders.some((one) => one.name.startsWith(`${name}/`)))
      throw refused('mailbox-has-children', 'there are mailboxes below it');
    folder.isDeleted = true;
    if (folder.isSubscribed) this.#mail.goneNames.add(name);
    this.#mail.folders.splice(this.#mail.folders.indexOf(folder), 1);
    this.#mail.changed();
    this.#mail.wake();
  }

  async rename(from: string, to: string): Promise<void> {
    if (from === 'INBOX') throw refused('inbox-stays', 'INBOX can not be renamed');
    if (this.#mail.folders.some((one) => one.name === to)) throw refused('mailbox-exists', 'there is a mailbox of this name already');
    this.#mail.folder(from);
    for (const folder of this.#mail.folders) {
      if (folder.name === from || folder.name.startsWith(`${from}/`)) folder.name = to + folder.name.slice(from.length);
    }
  }

  async subscribe(name: string, isSubscribed: boolean): Promise<void> {
    if (!isSubscribed && !this.#mail.folders.some((one) => one.name === name)) {
      this.#mail.goneNames.delete(name);
      return;
    }
    this.#mail.folder(name).isSubscribed = isSubscribed;
  }

  async append(name: string): Promise<Append> {
    const mail = this.#mail;
    const folder = mail.folder(name);
    if (folder.isReadOnly) throw refused('mailbox-read-only', 'this mailbox is read-only');
    const staged: (Omit<NewMessage, 'bytes'> & { readonly octets: Buffer })[] = [];
    return {
      async add({ bytes, ...message }) {
        const left = (mail.quotaBytes ?? Infinity) - usedBytes(mail);
        if (message.sizeBytes > left) throw refused('over-quota', 'the mailbox is over its quota');
        const chunks: Buffer[] = [];
        for await (const chunk of bytes) chunks.push(Buffer.from(chunk));
        staged.push({ ...message, octets: Buffer.concat(chunks) });
      },
      async commit() {
        const modSeq = mail.changed();
        const uids = staged.map(
          ({ octets, flags, receivedAtMs }) =>
            mail.put(folder, { bytes: octets, digest: digestOf(octets), receivedAtMs: receivedAtMs ?? NOW_MS, flags, modSeq }).uid,
        );
        mail.wake();
        return { uidValidity: folder.uidValidity, uids };
      },
      async abort() {
        staged.length = 0;
      },
    };
  }

  async open(name: string, { isReadOnly }: { readonly isReadOnly: boolean }): Promise<OpenedMailbox> {
    const folder = this.#mail.folder(name);
    const firstUnseen = folder.messages.find(({ flags }) => !flags.includes('$seen'))?.uid;
    return {
      mailbox: new MemoryMailbox(this.#mail, folder, isReadOnly || folder.isReadOnly),
      snapshot: {
        uids: Uint32Array.from(folder.messages, ({ uid }) => uid),
        uidNext: folder.uidNext,
        modSeq: this.#mail.modSeq,
        highestModSeq: this.#mail.modSeq,
        ...(firstUnseen !== undefined && { firstUnseen }),
        keywords: [],
      },
    };
  }

  close(): void {
    if (this.#isOpen) this.#mail.openSessions -= 1;
    this.#isOpen = false;
  }
}

export function copyInto(mail: MemoryMail, target: MemoryFolder, messages: readonly MemoryMessage[]): CopiedMessages {
  const modSeq = mail.changed();
  const to = messages.map(({ bytes, digest, receivedAtMs, flags }) => mail.put(target, { bytes, digest, receivedAtMs, flags, modSeq }).uid);
  return { uidValidity: target.uidValidity, from: messages.map(({ uid }) => uid), to };
}

function statusOf(folder: MemoryFolder, modSeq: ModSeq): MailboxStatus {
  return {
    mailboxId: folder.id,
    messages: folder.messages.length,
    unseen: folder.messages.filter(({ flags }) => !flags.includes('$seen')).length,
    uidNext: folder.uidNext,
    uidValidity: folder.uidValidity,
    highestModSeq: modSeq,
    sizeBytes: folder.messages.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

function usedBytes(mail: MemoryMail): number {
  return mail.folders.flatMap(({ messages }) => messages).reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function refused(code: string, reply: string): MailError {
  return new MailError('permanent', reply, { code, reply });
}
