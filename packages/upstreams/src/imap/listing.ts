import type { ChangesSince, KnownIds, Listing, RemoteMailboxId, RemoteMessage } from '@stopgap/core';
import { atom, type ImapConnection, type Selected } from './connection.ts';
import { readCursor, writeCursor, type Cursor } from './cursor.ts';
import { voidAnswer } from './errors.ts';
import { fetchRows, messageOf, searchUids, type Row, type Rows } from './rows.ts';
import { idOf, isWithin, mergedRanges, uidsOf, type UidRange } from './uid-set.ts';

/** Known ids that are asked for one by one; for more of them all are read. */
const MOST_ASKED_FOR = 1000;

export interface ChangesAsked {
  readonly mailbox: RemoteMailboxId;
  readonly since: ChangesSince;
  readonly signal: AbortSignal;
  /** Is given the mailbox as it was opened. */
  readonly opened?: (box: Selected) => void;
}

/**
 * What a mailbox holds. Three ways, by what the server can: with QRESYNC it names what changed and what vanished; with CONDSTORE what changed, and
 * what vanished shows in a list of UIDs, read only when the number of messages does not come out; else everything is listed. A way whose numbers do not
 * come out gives way to the next one; a full listing whose numbers do not come out is void.
 */
export async function changesOf(connection: ImapConnection, { mailbox, since, signal, opened }: ChangesAsked): Promise<Listing> {
  const box = await connection.select(mailbox, 'read', signal);
  opened?.(box);
  const cursor = readCursor(since.cursor);
  if (cursor !== undefined && cursor.validity === box.validity) {
    // A mailbox that was restored from a backup, UIDVALIDITY and all: the UIDs that were given out since are given out again, to other messages.
    if (box.uidNext !== undefined && box.uidNext < cursor.uidNext)
      return { ...(await fullListing(connection, box, signal)), hasFallenBack: true };
    const delta = since.wantsAll ? undefined : await deltaSince(connection, { box, cursor, known: since.known, signal });
    if (delta !== undefined) return delta;
  }
  return fullListing(connection, box, signal);
}

async function fullListing(connection: ImapConnection, box: Selected, signal: AbortSignal): Promise<Extract<Listing, { kind: 'full' }>> {
  const found: Rows =
    box.messages === 0
      ? { rows: new Map(), vanished: [], gone: 0, hasGrown: false }
      : await fetchRows(connection, { set: '1:*', messages: box.messages, signal });
  checkFull(connection, box, found);
  const messages = newestFirst(found.rows.values());
  return { kind: 'full', validity: box.validity, messages, cursor: cursorAfter(box, found.rows.keys()) };
}

/** A line that got lost would look like a message that is gone. */
function checkFull(connection: ImapConnection, box: Selected, { rows, gone }: Rows): void {
  if (rows.size < box.messages - gone) throw voidAnswer(connection.host, `it has ${box.messages} messages and lists ${rows.size}`);
  if (gone > 0) return;
  // RFC 9051 2.3.1.1: UIDs grow in the order of the mailbox.
  let last = 0;
  for (const row of [...rows.values()].toSorted((a, b) => a.place - b.place)) {
    if (row.uid <= last) throw voidAnswer(connection.host, 'its UIDs go backwards');
    last = row.uid;
  }
}

interface DeltaAsked {
  readonly box: Selected;
  readonly cursor: Cursor;
  readonly known: KnownIds;
  readonly signal: AbortSignal;
}

/** Undefined: a full listing must tell. */
async function deltaSince(connection: ImapConnection, { box, cursor, known, signal }: DeltaAsked): Promise<Listing | undefined> {
  if (box.modSeq === undefined || cursor.modSeq === undefined || BigInt(box.modSeq) < BigInt(cursor.modSeq)) return undefined;
  const isQuiet = box.modSeq === cursor.modSeq && box.uidNext === cursor.uidNext && box.messages === known.size;
  if (isQuiet) return delta(box, [], []);
  // An empty mailbox is told by its emptiness: one listing that proves nothing.
  if (box.messages === 0) return undefined;
  const hasVanished = connection.isEnabled('QRESYNC');
  const modifiers = [atom('CHANGEDSINCE'), atom(cursor.modSeq), ...(hasVanished ? [atom('VANISHED')] : [])];
  const found = await fetchRows(connection, { set: '1:*', messages: box.messages, modifiers, signal });
  const appeared = [...found.rows.keys()].filter((uid) => !known.has(idOf(uid))).length;
  const vanished = knownWithin(known, mergedRanges(found.vanished)).filter((uid) => !found.rows.has(uid));
  const surplus = known.size - vanished.length + appeared - (box.messages - found.gone);
  if (surplus === 0 || (surplus > 0 && found.hasGrown)) return delta(box, [...found.rows.values()], vanished);
  if (hasVanished) return undefined;
  const there = await searchUids(connection, { criteria: [atom('ALL')], signal });
  if (there.size < box.messages - found.gone) throw voidAnswer(connection.host, `it has ${box.messages} messages and finds ${there.size}`);
  const all = new Set(uidsOf(known));
  // One that is neither known nor told is from before the cursor.
  if ([...there].some((uid) => !all.has(uid) && !found.rows.has(uid))) return undefined;
  return delta(
    box,
    [...found.rows.values()],
    [...all].filter((uid) => !there.has(uid)),
  );
}

/** Mostly one message has gone, and is asked for; `1:4294967295` is a server's good right. */
function knownWithin(known: KnownIds, ranges: readonly UidRange[]): readonly number[] {
  const width = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  if (width > MOST_ASKED_FOR) return uidsOf(known).filter((uid) => isWithin(uid, ranges));
  return ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n)).filter((uid) => known.has(idOf(uid)));
}

function delta(box: Selected, rows: readonly Row[], vanished: readonly number[]): Listing {
  return {
    kind: 'delta',
    validity: box.validity,
    changed: newestFirst(rows),
    vanished: vanished.map(idOf),
    cursor: cursorAfter(
      box,
      rows.map((row) => row.uid),
    ),
  };
}

function newestFirst(rows: Iterable<Row>): readonly RemoteMessage[] {
  return [...rows].toSorted((a, b) => b.uid - a.uid).map(messageOf);
}

/** The HIGHESTMODSEQ of before: what changed while the answer was on its way is told once more. */
function cursorAfter(box: Selected, uids: Iterable<number>): string {
  let uidNext = box.uidNext ?? 1;
  for (const uid of uids) uidNext = Math.max(uidNext, uid + 1);
  return writeCursor({ validity: box.validity, uidNext, ...(box.modSeq === undefined ? {} : { modSeq: box.modSeq }) });
}
