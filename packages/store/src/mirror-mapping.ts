/* What only the mirror asks: remote ids together with where their messages are now. Each statement scans one mailbox, or looks up single messages. */
import {
  asId,
  type AccountId,
  type BlobHash,
  type Flag,
  type IntentId,
  type MailboxId,
  type MessageId,
  type Reason,
  type RemoteMessageId,
} from '@stopgap/core';
import { flagsFrom } from './stored-flags.ts';
import type { Reader, Tx } from './tx.ts';

/*
 * A message that a mailbox upstream should have, by what another path or another life of its ids told, and that its full listing did not show: in
 * `remote_message` under an id that no provider gives (it has a blank in it), so that it can be missed like any other.
 */
const EXPECTED = 'expected ';

export interface MappedRow {
  readonly remoteId: RemoteMessageId;
  readonly message: MessageId;
  readonly flags: readonly Flag[];
  readonly missedAtMs?: number;
  /** Where the message is here; undefined: nowhere any more. */
  readonly mailbox?: MailboxId;
  /** Upstream has still to be told that it was moved or expunged; of one that is in its place again, that it was expunged. */
  readonly isAwaited: boolean;
  /** Of the message as upstream had it. Undefined: it is nowhere any more, or not here in full. */
  readonly sizeBytes?: number;
}

interface StoredMapped {
  readonly remoteId: RemoteMessageId;
  readonly message: MessageId;
  readonly bits: number;
  readonly keywords: string;
  readonly missedAtMs: number | null;
  readonly mailbox: MailboxId | null;
  readonly isAwaited: number;
  readonly sizeBytes: number | null;
}

/** Primary keys, and index intent_message. */
const MAPPED = `
  SELECT r.remote_id AS remoteId, r.message_id AS message, r.flags AS bits, r.keywords, r.missed_at_ms AS missedAtMs, m.mailbox_id AS mailbox,
    EXISTS (SELECT 1 FROM intent i WHERE i.message_id = r.message_id AND i.state IN ('waiting', 'begun')
      AND (i.kind = 'expunge' OR (i.kind = 'move' AND m.mailbox_id IS NOT b.mailbox_id))) AS isAwaited,
    CASE WHEN m.completeness = 'raw' THEN m.size_bytes END AS sizeBytes
  FROM remote_mailbox b JOIN remote_message r ON r.remote_mailbox_id = b.id LEFT JOIN message m ON m.id = r.message_id WHERE b.id = ?`;

/** All that is known of one remote mailbox. */
export function listMapped(reader: Reader, remoteMailbox: number): MappedRow[] {
  return reader.all<StoredMapped>(MAPPED, remoteMailbox).map(mappedFrom);
}

export function findMapped(reader: Reader, remoteMailbox: number, remoteId: RemoteMessageId): MappedRow | undefined {
  const row = reader.get<StoredMapped>(`${MAPPED} AND r.remote_id = ?`, remoteMailbox, remoteId);
  return row && mappedFrom(row);
}

function mappedFrom(row: StoredMapped): MappedRow {
  return {
    remoteId: row.remoteId,
    message: row.message,
    flags: flagsFrom(row.bits, row.keywords),
    ...(row.missedAtMs === null ? {} : { missedAtMs: row.missedAtMs }),
    ...(row.mailbox === null ? {} : { mailbox: row.mailbox }),
    isAwaited: row.isAwaited === 1,
    ...(row.sizeBytes === null ? {} : { sizeBytes: row.sizeBytes }),
  };
}

/** Messages that are in the mailbox here and known to be in the remote one. Scans it. */
export function countMappedHere(reader: Reader, remoteMailbox: number): number {
  const found = reader.get<{ n: number }>(
    `SELECT count(*) AS n FROM remote_mailbox b JOIN remote_message r ON r.remote_mailbox_id = b.id JOIN message m ON m.id = r.message_id
     WHERE b.id = ? AND m.mailbox_id = b.mailbox_id AND r.remote_id NOT LIKE '${EXPECTED}%'`,
    remoteMailbox,
  );
  return found?.n ?? 0;
}

/** The ids that the provider gave, in no order that means anything: a scan of the primary key, without a row of anything else. */
export function listRemoteIds(reader: Reader, remoteMailbox: number): RemoteMessageId[] {
  return reader
    .all<{ id: RemoteMessageId }>(
      `SELECT remote_id AS id FROM remote_message WHERE remote_mailbox_id = ? AND remote_id NOT LIKE '${EXPECTED}%'`,
      remoteMailbox,
    )
    .map(({ id }) => id);
}

/** How many `listRemoteIds` gives. */
export function countRemoteIds(reader: Reader, remoteMailbox: number): number {
  const found = reader.get<{ n: number }>(
    `SELECT count(*) AS n FROM remote_message WHERE remote_mailbox_id = ? AND remote_id NOT LIKE '${EXPECTED}%'`,
    remoteMailbox,
  );
  return found?.n ?? 0;
}

export interface UnmappedRow {
  readonly message: MessageId;
  readonly hash?: BlobHash;
  readonly sizeBytes: number;
  /** Upstream has still to be given it: `begun` may have happened. `failed`: it did not take it. */
  readonly append?: 'waiting' | 'begun' | 'failed';
  /** It was moved to where it is. */
  readonly move?: 'waiting' | 'begun';
}

interface StoredUnmapped {
  readonly message: MessageId;
  readonly hash: BlobHash | null;
  readonly sizeBytes: number;
  readonly append: 'waiting' | 'begun' | 'failed' | null;
  readonly move: 'waiting' | 'begun' | null;
}

export function expectedId(message: MessageId): RemoteMessageId {
  return asId.remoteMessage(`${EXPECTED}${message}`);
}

export function isExpectedId(id: RemoteMessageId): boolean {
  return id.startsWith(EXPECTED);
}

/** Messages of a mailbox here that have no id in a remote one, lowest UID first. Index UNIQUE (mailbox_id, uid), remote_message_local, intent_message, intent_account. */
export function listUnmapped(reader: Reader, mailbox: MailboxId, remoteMailbox: number): UnmappedRow[] {
  return reader
    .all<StoredUnmapped>(
      `SELECT m.id AS message, v.hash, m.size_bytes AS sizeBytes,
         coalesce((SELECT i.state FROM intent i WHERE i.message_id = m.id AND i.kind = 'append' AND i.state IN ('waiting', 'begun')),
           (SELECT i.state FROM intent i WHERE i.account_id = m.account_id AND i.state = 'failed' AND i.kind = 'append' AND i.message_id = m.id)) AS append,
         (SELECT i.state FROM intent i WHERE i.message_id = m.id AND i.kind = 'move' AND i.state IN ('waiting', 'begun') ORDER BY i.id LIMIT 1) AS move
       FROM message m JOIN message_view v ON v.message_id = m.id WHERE m.mailbox_id = ?
         AND NOT EXISTS (SELECT 1 FROM remote_message r WHERE r.message_id = m.id AND r.remote_mailbox_id = ? AND r.remote_id NOT LIKE '${EXPECTED}%') ORDER BY m.uid`,
      mailbox,
      remoteMailbox,
    )
    .map(({ hash, append, move, ...row }) => ({
      ...row,
      ...(hash === null ? {} : { hash }),
      ...(append === null ? {} : { append }),
      ...(move === null ? {} : { move }),
    }));
}

/** Is there a message of this content in another mailbox, which upstream is known to have? Index message_content, remote_message_local. */
export function isKnownElsewhere(reader: Reader, message: MessageId): boolean {
  return (
    reader.get(
      `SELECT 1 FROM message m JOIN message_view v ON v.message_id = m.id JOIN mailbox b ON b.account_id = m.account_id AND b.id <> m.mailbox_id
         JOIN message o ON o.mailbox_id = b.id AND o.hash_key = m.hash_key JOIN message_view w ON w.message_id = o.id AND w.hash = v.hash
       WHERE m.id = ? AND EXISTS (SELECT 1 FROM remote_message r WHERE r.message_id = o.id AND r.missed_at_ms IS NULL) LIMIT 1`,
      message,
    ) !== undefined
  );
}

/** The intent stays begun, and is looked at again then. */
export function restIntent(
  tx: Tx,
  id: IntentId,
  to: { readonly notBeforeMs: number; readonly unclearSinceMs?: number; readonly refusedSinceMs?: number; readonly reason?: Reason },
): void {
  tx.run(
    `UPDATE intent SET not_before_ms = ?, unclear_since_ms = coalesce(?, unclear_since_ms),
       refused_since_ms = coalesce(?, refused_since_ms), reason = coalesce(?, reason) WHERE id = ? AND state IN ('waiting', 'begun')`,
    to.notBeforeMs,
    to.unclearSinceMs ?? null,
    to.refusedSinceMs ?? null,
    to.reason === undefined ? null : JSON.stringify(to.reason),
    id,
  );
}

/** What was begun by a process that is no more: each is looked into then. A scan of what is open, which is little. */
export function restBegunIntents(tx: Tx, notBeforeMs: number): void {
  tx.run(`UPDATE intent SET not_before_ms = ? WHERE state = 'begun' AND not_before_ms < ?`, notBeforeMs, notBeforeMs);
}

/** Is anything missed in it? */
export function hasMissed(reader: Reader, remoteMailbox: number): boolean {
  return (
    reader.get('SELECT 1 FROM remote_message WHERE remote_mailbox_id = ? AND missed_at_ms IS NOT NULL LIMIT 1', remoteMailbox) !== undefined
  );
}

/** Those that wait, are due, and were left by then, are looked at again then. Index intent_account. */
export function restDueIntents(
  tx: Tx,
  due: { readonly account: AccountId; readonly upTo: IntentId; readonly nowMs: number; readonly notBeforeMs: number },
): void {
  tx.run(
    `UPDATE intent SET not_before_ms = ? WHERE account_id = ? AND state = 'waiting' AND id <= ? AND not_before_ms <= ?`,
    due.notBeforeMs,
    due.account,
    due.upTo,
    due.nowMs,
  );
}

/** When the first of those that are open is due. Undefined: none is open. Index intent_account. */
export function nextIntentMs(reader: Reader, account: AccountId): number | undefined {
  return (
    reader.get<{ at: number | null }>(
      `SELECT min(not_before_ms) AS at FROM intent WHERE account_id = ? AND state IN ('waiting', 'begun')`,
      account,
    )?.at ?? undefined
  );
}

/** Of all accounts; later ones have greater ids. */
export function lastIntentId(reader: Reader): IntentId {
  return reader.get<{ id: IntentId }>('SELECT coalesce(max(id), 0) AS id FROM intent')?.id ?? (0 as IntentId);
}

/** Accounts for which an intent was left after that one. By the primary key: DISTINCT would go through an index from end to end. */
export function accountsWithNewIntents(reader: Reader, after: IntentId): ReadonlySet<AccountId> {
  const rows = reader.all<{ account: AccountId }>('SELECT account_id AS account FROM intent WHERE id > ?', after);
  return new Set(rows.map(({ account }) => account));
}

/** Those that a person asked for. */
export function askedMirrors(reader: Reader): AccountId[] {
  return reader
    .all<{ account: AccountId }>('SELECT account_id AS account FROM mirror WHERE asked_at_ms IS NOT NULL')
    .map(({ account }) => account);
}
