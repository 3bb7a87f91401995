/*
 * The seam: what this server needs to know of a person's mail. It is grouped by the states of the protocol (RFC 9051 3): `ImapSession` from the log-in
 * on, `SelectedMailbox` from SELECT on. Extras are optional members; what is advertised is derived from what is there.
 *
 * Errors: every member rejects with a MailError, whose `code` decides the reply (error-replies.ts lists them) and whose `reply` is the sentence that the
 * client reads. Anything else is answered as temporary and told to `events.failed`. Names of mailboxes are Unicode, parts joined by `/`, INBOX spelt so.
 *
 * Bounds that both sides keep to: a mailbox of 100,000 messages is opened in 50 ms, so `open` gives numbers in one typed array and no object for each
 * message, and nothing of a mailbox is kept by a connection but runs of UIDs. Whatever is long is asked for in pages.
 */
import type { Flag, FlagChange, ModSeq, Uid } from '@stopgap/core';
import type { DigestEnvelope, DigestPart } from '@stopgap/message';
import type { SearchCriteria } from './search-criteria.ts';

/** First and last UID, both included. Lists of them are sorted, do not touch each other, and may name UIDs that are not there. */
export type UidRange = readonly [first: number, last: number];

/** RFC 6154, as they are spelt on the wire without the backslash. */
export type SpecialUse = 'All' | 'Archive' | 'Drafts' | 'Flagged' | 'Junk' | 'Sent' | 'Trash';

/** One logged-in connection. Nothing of it is called twice at the same time. */
export interface ImapSession {
  /** Every mailbox there is, and names that are subscribed to without one, in any order. */
  list(): Promise<readonly ListedMailbox[]>;
  /** Undefined: no such mailbox. */
  status(name: string): Promise<MailboxStatus | undefined>;
  /** What is marked `\Deleted`, for STATUS (RFC 9051 6.3.11, RFC 9208 4.1.4); asked for alone, for it has to be counted. */
  deletedIn(name: string): Promise<{ readonly messages: number; readonly sizeBytes: number }>;
  /**
   * With the mailboxes above it that are missing.
   * @throws `mailbox-exists`, `mailbox-name`, `too-many-mailboxes`, `use-taken` (another one has this use)
   */
  create(name: string, use: SpecialUse | undefined): Promise<{ readonly mailboxId: string }>;
  /** Its name stays on the list of subscriptions. @throws `mailbox-missing`, `inbox-stays`, `mailbox-has-children` */
  delete(name: string): Promise<void>;
  /** Those below it go with it; of INBOX its messages, and it stays (RFC 9051 6.3.6). @throws `mailbox-missing`, `mailbox-exists`, `mailbox-name`, `inbox-stays` */
  rename(from: string, to: string): Promise<void>;
  /** Away from any name, also of no mailbox. @throws `mailbox-missing`: there is nothing to subscribe to */
  subscribe(name: string, isSubscribed: boolean): Promise<void>;
  /**
   * Begins an APPEND, before any octet of the message is asked for.
   * @throws `mailbox-missing`, `mailbox-read-only`, `over-quota`
   */
  append(name: string): Promise<Append>;
  /** @throws `mailbox-missing` */
  open(name: string, options: { readonly isReadOnly: boolean }): Promise<OpenedMailbox>;
  /** Of one message (RFC 7889). */
  readonly appendLimitBytes: number;
  /** Absent: no quota, and QUOTA is not advertised. `limitBytes` undefined: counted, but without a limit. */
  quota?(): Promise<{ readonly usedBytes: number; readonly limitBytes?: number }>;
  /** The connection is over. Never rejects, must not wait for anything. */
  close(): void;
}

export interface ListedMailbox {
  readonly name: string;
  readonly use?: SpecialUse;
  readonly isSubscribed: boolean;
  /** No mailbox has this name; it is on the list of subscriptions (RFC 9051 6.3.7). */
  readonly isGone?: true;
  /** Undefined: it can not be selected (`\Noselect`). */
  readonly status?: MailboxStatus;
}

/** RFC 9051 6.3.11, RFC 8438, RFC 8474. */
export interface MailboxStatus {
  readonly mailboxId: string;
  readonly messages: number;
  readonly unseen: number;
  readonly uidNext: number;
  readonly uidValidity: number;
  readonly highestModSeq: ModSeq;
  readonly sizeBytes: number;
}

/** One APPEND command: messages are taken in one after the other, then all become visible together or none (RFC 3502). */
export interface Append {
  /**
   * Reads `bytes` to its end, which is exactly `sizeBytes` away, unless it rejects first; then the rest is thrown away by the caller.
   * @throws `over-quota`, `store-full`, `message-unreadable`
   */
  add(message: NewMessage): Promise<void>;
  /** Durable when it resolves: the tagged OK is said after it. UIDs in the order of `add`. @throws `mailbox-missing`, `mailbox-full`, `over-quota` */
  commit(): Promise<{ readonly uidValidity: number; readonly uids: readonly Uid[] }>;
  /** Leaves nothing behind. Harmless after `commit` has rejected. */
  abort(): Promise<void>;
}

export interface NewMessage {
  readonly flags: readonly Flag[];
  /** Undefined: now. */
  readonly receivedAtMs?: number;
  readonly sizeBytes: number;
  readonly bytes: AsyncIterable<Buffer>;
}

export interface OpenedMailbox {
  readonly mailbox: SelectedMailbox;
  /** As it was at `modSeq`: one read. It is let go after SELECT. */
  readonly snapshot: MailboxSnapshot;
}

export interface MailboxSnapshot {
  /** Ascending. */
  readonly uids: Uint32Array;
  readonly uidNext: number;
  /** From here on `changesSince` goes on; at least `highestModSeq`. */
  readonly modSeq: ModSeq;
  /** RFC 7162 3.1.2.1. */
  readonly highestModSeq: ModSeq;
  /** The lowest UID without `\Seen`; undefined: none. For IMAP4rev1 (RFC 3501 7.1). */
  readonly firstUnseen?: number;
  /** Keywords in use as far as they are known; more may come. */
  readonly keywords: readonly Flag[];
}

/** An open mailbox. Nothing of it is called twice at the same time, but for `waitForChange`. */
export interface SelectedMailbox {
  readonly name: string;
  readonly mailboxId: string;
  readonly uidValidity: number;
  /** EXAMINE, or a mailbox nobody may change. */
  readonly isReadOnly: boolean;
  /** The flags that can be changed; `any`: all, and new keywords (`\*`). */
  readonly permanentFlags: readonly Flag[] | 'any';
  /**
   * What is different from how it was at `since`. `gone`: the mailbox was deleted, has another UIDVALIDITY, or it can not be told any more; the connection
   * ends, and the client begins anew.
   */
  changesSince(since: ModSeq): Promise<MailboxChanges | 'gone'>;
  /** Resolves with a number after `since` - at once when there is one -, or with `since` when the signal aborts. Never rejects. */
  waitForChange(since: ModSeq, signal: AbortSignal): Promise<ModSeq>;
  /** UIDs that went after `since`, ascending, among these (RFC 7162 3.2.10). `forgotten`: too long ago. */
  vanishedSince(since: ModSeq, ranges: readonly UidRange[]): Promise<readonly Uid[] | 'forgotten'>;
  /** In pages, by UID; messages that are not there are left out. Leaving the loop early is allowed. */
  fetch(ranges: readonly UidRange[], wanted: FetchWanted): AsyncIterable<readonly MessageData[]>;
  /**
   * The message's octets. Undefined: it is not there any more. May have to ask an upstream, under a deadline - and, once that is known to be out of reach,
   * must reject at once: a client asks for a thousand in one command.
   * @throws `body-unavailable` (transient): it can not be had now
   */
  content(uid: Uid, wanted: ContentWanted, signal: AbortSignal): Promise<MessageContent | undefined>;
  /**
   * One change of flags on all of these that are there. With `unchangedSince`, those changed later stay as they are and are told back as `modified`
   * (RFC 7162 3.1.3). `changed`: flags are other ones now. Both ascending.
   * @throws `too-many-flags`, and nothing is changed
   */
  store(ranges: readonly UidRange[], change: FlagStore, options: { readonly unchangedSince?: ModSeq }): Promise<StoredFlags>;
  /** All or none (RFC 9051 6.4.7). `from` ascending, `to` beside it; those not there are left out. @throws `mailbox-missing`, `mailbox-read-only`, `over-quota` */
  copy(ranges: readonly UidRange[], target: string): Promise<CopiedMessages>;
  /** As `copy`; what has moved is told by `changesSince` as vanished. */
  move(ranges: readonly UidRange[], target: string): Promise<CopiedMessages>;
  /** Those marked `\Deleted` among these (undefined: of all) go; `changesSince` tells which. */
  expunge(ranges: readonly UidRange[] | undefined): Promise<void>;
  /** Ascending. @throws `query-too-large`, `search-failed` */
  search(criteria: SearchCriteria, signal: AbortSignal): Promise<SearchFound>;
  /** Never rejects, must not wait for anything. */
  close(): void;
}

export type MailboxChanges = {
  /** From here on next time. */
  readonly modSeq: ModSeq;
  /** New ones and those whose flags (or whatever else) changed, by UID. */
  readonly changed: readonly MessageFlags[];
} & (
  | {
      /** Ascending. May name some that were never told; none of them is in `changed`, and none ever comes back. */
      readonly vanished: readonly Uid[];
    }
  | {
      /** All UIDs, ascending: what vanished is too long ago to be told by name. */
      readonly there: Uint32Array;
    }
);

export interface MessageFlags {
  readonly uid: Uid;
  readonly flags: readonly Flag[];
  readonly modSeq: ModSeq;
}

export interface FetchWanted {
  /** `flags`: UID, flags and number alone. `row`: and dates, size, ids. `view`: and envelope, structure, preview. */
  readonly detail: 'flags' | 'row' | 'view';
  /** Nobody looks at these: they may be missing, and the number of change 0. */
  readonly without?: readonly ('modSeq' | 'row' | 'preview')[];
  /** The octets are asked for next: small ones that are at hand may come along. */
  readonly content?: ContentWanted;
  /** Only those changed after it (RFC 7162 3.1.4.1). */
  readonly changedSince?: ModSeq;
}

/** Of the octets: the header alone, which may be here when the rest is not; all in one go; or parts, for which the structure has to be known. */
export type ContentWanted = 'header' | 'whole' | 'parts';

export interface MessageData extends MessageFlags {
  /** There when `row` or `view` was asked for, not `without` it. */
  readonly row?: {
    readonly receivedAtMs: number;
    readonly savedAtMs?: number;
    readonly sizeBytes: number;
    /** RFC 8474: 1 to 255 of `A-Z a-z 0-9 - _`. */
    readonly emailId: string;
    readonly threadId?: string;
  };
  /** There when `view` was asked for; envelope and structure are made of what is kept when they are called, each time anew. */
  readonly view?: {
    readonly envelope: () => DigestEnvelope;
    readonly structure: () => DigestPart;
    /** Undefined: not known yet, or not asked for. '' is the preview of a message without a text (RFC 8970 3.2). */
    readonly preview?: string;
  };
  readonly content?: MessageContent;
}

/** Of what was asked for with `header` only the header can be relied on. */
export interface MessageContent {
  readonly sizeBytes: number;
  /** All octets, when it is a small message that is at hand; of what was asked for with `header` the header alone. */
  readonly bytes?: Buffer;
  /** Of exactly these octets. */
  structure(): DigestPart | Promise<DigestPart>;
  /** From `start` up to `end`, which is not included; both lie inside of the message. */
  open(start: number, end: number): AsyncIterable<Buffer>;
}

/** FLAGS, or +FLAGS and -FLAGS (one of the lists of the change is empty). */
export type FlagStore =
  | { readonly kind: 'replace'; readonly flags: readonly Flag[] }
  | { readonly kind: 'change'; readonly change: FlagChange };

export interface StoredFlags {
  /** `modSeqBefore`: of the change before this one. Whoever does not know that one knows not all of the flags. */
  readonly changed: readonly (MessageFlags & { readonly modSeqBefore: ModSeq })[];
  readonly modified: readonly Uid[];
}

export interface CopiedMessages {
  /** Of the target. */
  readonly uidValidity: number;
  readonly from: readonly Uid[];
  readonly to: readonly Uid[];
}

export interface SearchFound {
  readonly uids: readonly Uid[];
  /** False: of some messages the text is not here, or there was too much to read; there may be more. The client is told so. */
  readonly isComplete: boolean;
}
