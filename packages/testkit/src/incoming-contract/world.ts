import type { Flag, FlagChange, IncomingSession, MailboxRole } from '@stopgap/core';
import type { HardName } from './hard-messages.ts';

/** A message as the provider's own store holds it. */
export interface StoredMessage {
  readonly bytes: Buffer;
  /** Sorted, without `\Recent`. */
  readonly flags: readonly Flag[];
  readonly receivedAtMs: number;
}

export interface NewMessage {
  readonly bytes: Buffer;
  readonly flags?: readonly Flag[];
  readonly receivedAtMs?: number;
}

/**
 * Straight into the provider's store, not by the path under test: what a delivery, another mail program or the provider itself does to a mailbox.
 * Mailboxes are named by their path, messages by their place in the mailbox: 0 is the one that came first.
 */
export interface BackDoor {
  append(path: readonly string[], message: NewMessage): Promise<void>;
  changeFlags(path: readonly string[], places: readonly number[], change: FlagChange): Promise<void>;
  expunge(path: readonly string[], places: readonly number[]): Promise<void>;
  /** As a client that reads octets sees them, first come first; empty for a mailbox that is not there. Marks nothing as read. */
  messages(path: readonly string[]): Promise<readonly StoredMessage[]>;
  /** Their paths, joined by slashes. */
  mailboxes(): Promise<readonly string[]>;
  /** Not subscribed. */
  createMailbox(path: readonly string[]): Promise<void>;
  renameMailbox(path: readonly string[], to: readonly string[]): Promise<void>;
  deleteMailbox(path: readonly string[]): Promise<void>;
}

export interface IncomingWorld {
  readonly store: BackDoor;
  /** Logs in by the path under test. */
  open(): Promise<IncomingSession>;
  /** Ends, in the provider's name and without a word, whatever sessions are open. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** What the path under test can; the suite asks for all of it, and that the rest is absent. */
export interface IncomingCan {
  /** False: it sees INBOX and nothing else (POP3). */
  readonly mailboxes: boolean;
  /** Those that the world's provider has mailboxes for. */
  readonly roles: readonly MailboxRole[];
  /** False: a session shows the mailbox as it was when it began (POP3). */
  readonly seesNewMail: boolean;
  /** Listings tell flags. */
  readonly flags: boolean;
  /** Words of the user's own survive. */
  readonly keywords: boolean;
  /** Listings tell the number of octets. */
  readonly sizes: boolean;
  /** Listings tell when a message came. */
  readonly dates: boolean;
  /** A second listing is a `delta`, which names those that vanished. */
  readonly delta: boolean;
  /** `list` gives a `state` that stands still while nothing changes; `account`: while nothing changes in any mailbox. */
  readonly state: boolean | 'account';
  /** A mailbox that was deleted and made again has another `validity`. */
  readonly validity: boolean;
  readonly find: boolean;
  readonly idle: boolean;
  readonly push: boolean;
  readonly subscribe: boolean;
  /** Messages that this path can not store as they are, or at all, with the reason. */
  readonly unappendable?: Readonly<Partial<Record<HardName, string>>>;
  /** White space at the very end of what it stores is lost on the way, with the reason. */
  readonly trimsAppended?: string;
  /** False: while others are marked as deleted, nothing can be removed (IMAP without UIDPLUS); moving and expunging reject with `others-marked`. */
  readonly exactExpunge: boolean;
  /** True: messages with the same octets in one mailbox are one, as the server tells them apart by their octets (JMAP of Cyrus). */
  readonly mergesEqual?: boolean;
  /** True: what another program marked as deleted is not shown (JMAP of Cyrus). */
  readonly hidesDeleted?: boolean;
  /** Messages whose octets this path can not give as they are, with the reason. They must not be marked `raw`. */
  readonly inexact?: Readonly<Partial<Record<HardName, string>>>;
  /** Messages that the provider's store does not take, with the reason. */
  readonly unstorable?: Readonly<Partial<Record<HardName, string>>>;
  /** Names of mailboxes, of those in `ODD_NAMES`, that the provider does not take, with the reason. */
  readonly unnameable?: Readonly<Record<string, string>>;
}

export interface IncomingContract {
  readonly can: IncomingCan;
  readonly start: () => Promise<IncomingWorld>;
}
