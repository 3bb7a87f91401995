import type { AccountId, IncomingSession, IntentId, MailboxId, Path, PathId, RemoteMailbox, RemoteMailboxId } from '@stopgap/core';
import type { RemoteMailboxRow } from '@stopgap/store';
import type { Deps } from './deps.ts';
import type { ReportBook } from './report.ts';

/** What is remembered of an account between rounds on one path. Small: there are thousands of them. Losing it costs a full listing. */
export interface AccountMemory {
  readonly path: PathId;
  /** Rows whose ids were proven to be those of this path since we are on it. */
  readonly proven: Set<number>;
  /** When a row was last listed in full by this path. */
  readonly listedFullyAtMs: Map<number, number>;
  /** Of rows that belong to another path: this path's own cursor and state. */
  readonly guests: Map<number, { readonly cursor?: string; readonly state?: string }>;
  /** Rows of Sent mailboxes in which no message stands twice, as far as is known. */
  readonly tidied: Set<number>;
  /** Rows whose ids have fallen back, and since when that is seen. */
  readonly fallenBackAtMs: Map<number, number>;
  /** Rows that are told with wrong sizes by nature. */
  readonly sized: Set<number>;
  /** Messages that could not be read alone, and how often; 0: one of many that were asked for together. `row id`, blank, remote id. */
  readonly trouble: Map<string, number>;
  /** Appends whose end is not known, and since when they were looked for everywhere, and not found. */
  readonly sought: Map<IntentId, number>;
}

export function newMemory(path: PathId): AccountMemory {
  return {
    path,
    proven: new Set(),
    listedFullyAtMs: new Map(),
    guests: new Map(),
    tidied: new Set(),
    fallenBackAtMs: new Map(),
    sized: new Set(),
    trouble: new Map(),
    sought: new Map(),
  };
}

/** After an outage a mailbox may have come back from a backup, with other messages under the same ids. */
export function forgetProofs({ proven, sized }: AccountMemory): void {
  proven.clear();
  sized.clear();
}

/** One turn of one account on one session. */
export interface Round {
  readonly account: AccountId;
  readonly path: Path;
  readonly session: IncomingSession;
  readonly memory: AccountMemory;
  readonly deps: Deps;
  readonly report: ReportBook;
  readonly signal: AbortSignal;
}

/** A remote mailbox and its counterpart here. */
export interface Place {
  readonly remote: RemoteMailbox;
  readonly mailbox: MailboxId;
  /** Undefined: not listed before by any path that has the same ids. */
  row?: RemoteMailboxRow;
  /** Messages, as counted by its last listing in this round. */
  total?: number;
  /** Rows of other paths under the same remote name, whose ids may be the same ids. */
  readonly candidates: readonly RemoteMailboxRow[];
}

export type Places = ReadonlyMap<RemoteMailboxId, Place>;

/** The ids of this path, as `remote_mailbox.space`. Paths of one kind of ids can find each other's by its beginning. */
export function spaceOf({ session, path }: Pick<Round, 'session' | 'path'>): string {
  return `${session.idKind}:${path.id}`;
}

/** Does this path see everything, so that what it no longer shows is gone? POP3 shows INBOX only, and what left it may have been moved. */
export function provesGone({ session }: Pick<Round, 'session'>): boolean {
  return session.idKind !== 'uidl';
}

/** Only IMAP itself surely shows what is marked as deleted and is still there. */
export function showsDeleted({ path }: Pick<Round, 'path'>): boolean {
  return path.kind === 'imap';
}

/** May the ids of that space be the same ids? IMAP UIDs, by another path of the same provider. */
export function isKindred(space: string, { session }: Pick<Round, 'session'>): boolean {
  return session.idKind === 'imap-uid' && space.startsWith('imap-uid:');
}
