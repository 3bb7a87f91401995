import type { Flag, FlagChange } from './flags.ts';
import type { RemoteMailboxId, RemoteMessageId } from './ids.ts';

/** RFC 6154 and RFC 8621 2: what a mailbox is for. */
export type MailboxRole = 'inbox' | 'sent' | 'drafts' | 'trash' | 'junk' | 'archive';
export const MAILBOX_ROLES: readonly MailboxRole[] = ['inbox', 'sent', 'drafts', 'trash', 'junk', 'archive'];

/** Between the parts of a mailbox's name, here and in every table: `Projekte/Köln`. A part holds no slash of its own. */
export const MAILBOX_SEPARATOR = '/';

/** Where our own routes put a message for the moment before it is sent: a mailbox at the provider, and none of the person's. */
export const STAGING_MAILBOX = 'Stopgap outbox';

/** A mailbox as a provider shows it. */
export interface RemoteMailbox {
  readonly id: RemoteMailboxId;
  /** Decoded, outermost first; INBOX is `['INBOX']` however the provider spells it. Never empty. */
  readonly path: readonly string[];
  /** At most one mailbox has each role. */
  readonly role?: MailboxRole;
  /** False: only a place for others below it. */
  readonly isSelectable: boolean;
  readonly isSubscribed: boolean;
  /** The life of the message ids in it (UIDVALIDITY). Another value: all ids are worth nothing. Undefined: this path can not tell. */
  readonly validity?: string;
  /** Equal to the last one: nothing has changed in it, and it need not be looked at. Undefined: this path can not tell. */
  readonly state?: string;
  /** Undefined: not told by the list. */
  readonly messages?: number;
}

/** A message as a listing shows it. */
export interface RemoteMessage {
  readonly id: RemoteMessageId;
  /** Undefined: this path can not tell (POP3). */
  readonly flags?: readonly Flag[];
  readonly sizeBytes?: number;
  /** IMAP's INTERNALDATE, JMAP's receivedAt. */
  readonly receivedAtMs?: number;
}

/**
 * What a mailbox holds, against what was known at the last cursor. `cursor` is the session's own text; it is given back next time and saved only when
 * everything of this listing has been taken over. Undefined: the next listing is `full`.
 */
export type Listing =
  /** Everything that is there, newest first. What is known and not in it may be gone - one listing proves nothing (law 13). */
  | {
      readonly kind: 'full';
      readonly validity?: string;
      /** Ids that were given before the cursor may have been given again, to other messages, although `validity` is the same. */
      readonly hasFallenBack?: true;
      readonly messages: readonly RemoteMessage[];
      readonly cursor?: string;
    }
  /** `changed`: new ones and those with other flags. `vanished`: the provider's own word. */
  | {
      readonly kind: 'delta';
      readonly validity?: string;
      readonly changed: readonly RemoteMessage[];
      readonly vanished: readonly RemoteMessageId[];
      readonly cursor?: string;
    };

/** `raw`: the octets as the provider has them. `rebuilt`: put together again by the path. `headers`: the header block alone. */
export type Completeness = 'raw' | 'rebuilt' | 'headers';

export interface FetchedMessage extends RemoteMessage {
  readonly completeness: Completeness;
  /** To be read to its end before the next message is asked for. An array where all of it is here. */
  readonly bytes: AsyncIterable<Buffer> | readonly Buffer[];
}

/** A message to be stored upstream. */
export interface RemoteAppend {
  readonly sizeBytes: number;
  readonly flags: readonly Flag[];
  readonly receivedAtMs: number;
  /** With its angle brackets; undefined: it has none. */
  readonly messageId?: string;
  /** May be called again. */
  open(): AsyncIterable<Buffer>;
}

/** Old id -> new id, as far as the provider told. An id that is absent was moved (or was not there), and its new id must be looked for. */
export type MovedIds = ReadonlyMap<RemoteMessageId, RemoteMessageId>;

/**
 * A live log-in on an incoming path. One call at a time. An absent member means "can not". Every member rejects with a MailError that has a `reason`;
 * besides the general ones the codes are
 *   `mailbox-missing`   there is no such mailbox (any more)
 *   `void`              the answer can not be believed (an error among the data, a login page, half a list): nothing may follow from it
 *   `session-ended`     the session is over; a new one may work
 *   `others-marked`     this provider can only remove all messages that are marked as deleted, and others are marked; nothing was moved or removed
 *   `mailbox-not-empty`  this provider deletes no mailbox that still holds mail
 *   `mailbox-exists`, `name-refused`   a mailbox of that name is there already, or can not be there; asking again does not help
 * Unknown is transient.
 */
export interface IncomingSession {
  /** Path-wide: two paths whose message ids can be the same ids of one store name the same kind (`imap-uid`), else one of their own. */
  readonly idKind: 'imap-uid' | 'jmap' | 'uidl';
  /** All mailboxes, also those that are not subscribed. */
  list(signal: AbortSignal): Promise<readonly RemoteMailbox[]>;
  /** @param known the ids that are known in this mailbox, for paths that need them to tell what is new */
  changes(mailbox: RemoteMailboxId, since: ChangesSince, signal: AbortSignal): Promise<Listing>;
  /**
   * Whole messages, in the order of `ids` as far as the path can; those that are gone meanwhile are left out. Never marks anything as read. Leaving the
   * loop early is allowed.
   */
  fetch(mailbox: RemoteMailboxId, ids: readonly RemoteMessageId[], signal: AbortSignal): AsyncIterable<FetchedMessage>;
  /** Ids of messages with this Message-ID (with its angle brackets), as a read-back. May find more than one. */
  find?(mailbox: RemoteMailboxId, messageId: string, signal: AbortSignal): Promise<readonly RemoteMessageId[]>;
  /** Resolves at the first sign of a change in this mailbox since this session listed it last, or when the signal aborts. */
  idle?(mailbox: RemoteMailboxId, signal: AbortSignal): Promise<void>;
  /** Absent: this path can only read. */
  readonly push?: RemotePush;
  /** Logs out as well as it can; never rejects. */
  close(): Promise<void>;
}

export interface ChangesSince {
  readonly cursor?: string;
  readonly known: KnownIds;
  /** A full listing is wanted, whatever the cursor would allow. */
  readonly wantsAll?: true;
}

/** A `Set` is one. There may be a million of them on disk: only what is asked for is read, and asking costs a look-up each time. */
export interface KnownIds extends Iterable<RemoteMessageId> {
  readonly size: number;
  has(id: RemoteMessageId): boolean;
}

/** What can be changed upstream. Ids that are not there are passed over in silence: who must know looks again. */
export interface RemotePush {
  /** Resolves when the provider has confirmed. Keywords that it can not keep are left out. */
  changeFlags(mailbox: RemoteMailboxId, ids: readonly RemoteMessageId[], change: FlagChange, signal: AbortSignal): Promise<void>;
  /** A copy is checked to be there before the original is deleted, where the provider has no MOVE. */
  move(mailbox: RemoteMailboxId, ids: readonly RemoteMessageId[], target: RemoteMailboxId, signal: AbortSignal): Promise<MovedIds>;
  /** Undefined: stored, and the id must be looked for. A rejection without a `reason.class` of `lost-answer` means: nothing was stored. */
  append(mailbox: RemoteMailboxId, message: RemoteAppend, signal: AbortSignal): Promise<RemoteMessageId | undefined>;
  /** For good: exactly these and no others that carry `\Deleted`. */
  expunge(mailbox: RemoteMailboxId, ids: readonly RemoteMessageId[], signal: AbortSignal): Promise<void>;
  /** With the parts above it, where those are missing. One that is there already is returned. */
  createMailbox(path: readonly string[], signal: AbortSignal): Promise<RemoteMailbox>;
  renameMailbox(mailbox: RemoteMailboxId, path: readonly string[], signal: AbortSignal): Promise<RemoteMailbox>;
  deleteMailbox(mailbox: RemoteMailboxId, signal: AbortSignal): Promise<void>;
  subscribe?(mailbox: RemoteMailboxId, isSubscribed: boolean, signal: AbortSignal): Promise<void>;
}
