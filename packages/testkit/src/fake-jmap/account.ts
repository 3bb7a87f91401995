import type { MailboxRole } from '@stopgap/core';

export interface FakeJmapMailbox {
  readonly id: string;
  name: string;
  parentId: string | null;
  readonly role: MailboxRole | null;
  isSubscribed: boolean;
}

export interface FakeEmail {
  readonly id: string;
  readonly blobId: string;
  readonly raw: Buffer;
  readonly mailboxIds: Set<string>;
  readonly keywords: Set<string>;
  readonly receivedAtMs: number;
}

type ChangeKind = 'created' | 'updated' | 'destroyed';

const ROLES: readonly (readonly [string, MailboxRole])[] = [
  ['Inbox', 'inbox'],
  ['Drafts', 'drafts'],
  ['Sent', 'sent'],
  ['Trash', 'trash'],
];

/** One person's mail, as a JMAP server holds it. Every change has a number, and the last one is the state. */
export class FakeJmapAccount {
  readonly mailboxes = new Map<string, FakeJmapMailbox>();
  readonly emails = new Map<string, FakeEmail>();
  readonly blobs = new Map<string, Buffer>();
  /** Called at each change, for the streams of events. */
  onChange: () => void = () => undefined;
  readonly #changes: { readonly id: string; readonly kind: ChangeKind }[] = [];
  #made = 0;
  #oldest = 0;

  constructor() {
    for (const [name, role] of ROLES) this.addMailbox({ name, parentId: null, role, isSubscribed: true });
  }

  get state(): string {
    return String(this.#changes.length);
  }

  /** From here on nothing older can be calculated. */
  forgetStates(): void {
    this.#oldest = this.#changes.length + 1;
    this.#note('', 'updated');
  }

  addMailbox(mailbox: Omit<FakeJmapMailbox, 'id'>): FakeJmapMailbox {
    const made = { ...mailbox, id: this.#next('F') };
    this.mailboxes.set(made.id, made);
    return made;
  }

  addBlob(raw: Buffer): string {
    const id = this.#next('B');
    this.blobs.set(id, raw);
    return id;
  }

  addEmail(email: Omit<FakeEmail, 'id' | 'blobId'>): FakeEmail {
    const id = this.#next('E');
    const made = { ...email, id, blobId: this.addBlob(email.raw) };
    this.emails.set(id, made);
    this.#note(id, 'created');
    return made;
  }

  touch(email: FakeEmail): void {
    this.#note(email.id, 'updated');
  }

  destroyEmail(id: string): void {
    if (this.emails.delete(id)) this.#note(id, 'destroyed');
  }

  /** What is in no other mailbox goes with it. */
  removeMailbox(id: string): void {
    this.mailboxes.delete(id);
    for (const email of this.emails.values()) {
      if (!email.mailboxIds.delete(id)) continue;
      if (email.mailboxIds.size === 0) this.destroyEmail(email.id);
      else this.touch(email);
    }
  }

  inMailbox(id: string): FakeEmail[] {
    return [...this.emails.values()].filter((email) => email.mailboxIds.has(id));
  }

  /** Undefined: that state is not known (any more). */
  changesSince(state: string, most: number) {
    const since = /^\d+$/.test(state) ? Number(state) : -1;
    if (since < this.#oldest || since > this.#changes.length) return undefined;
    const sets = { created: new Set<string>(), updated: new Set<string>(), destroyed: new Set<string>() };
    let at = since;
    for (; at < this.#changes.length && sets.created.size + sets.updated.size + sets.destroyed.size < most; at++) {
      const change = this.#changes[at];
      if (change === undefined || change.id === '') continue;
      const { id, kind } = change;
      if (kind === 'updated' && sets.created.has(id)) continue;
      sets.updated.delete(id);
      if (kind === 'destroyed' && sets.created.delete(id)) continue;
      sets[kind].add(id);
    }
    const { created, updated, destroyed } = sets;
    const told = { created: [...created], updated: [...updated], destroyed: [...destroyed] };
    return { ...told, oldState: state, newState: String(at), hasMoreChanges: at < this.#changes.length };
  }

  #note(id: string, kind: ChangeKind): void {
    this.#changes.push({ id, kind });
    this.onChange();
  }

  #next(letter: string): string {
    this.#made += 1;
    return `${letter}${this.#made}`;
  }
}
