/* One look at a mailbox: its listing, and everything that follows from it but for the bytes of what is new. */
import type { KnownIds, Listing, RemoteMessage, RemoteMessageId } from '@stopgap/core';
import {
  countRemoteIds,
  findMailbox,
  findMapped,
  hasMissed,
  isExpectedId,
  listMapped,
  listRemoteIds,
  type MappedRow,
  type Reader,
  type RemoteMailboxRow,
  type Store,
} from '@stopgap/store';
import { applyListing } from './apply-listing.ts';
import { haveFallenBack } from './fallen-back.ts';
import { diffListing, type Mapped } from './listing-diff.ts';
import { provesGone, showsDeleted, spaceOf, type Place, type Round } from './round.ts';
import { beginAnew, hasLostItsNewest, rowOf, settledRow, validityOf } from './row-of.ts';

export interface Look {
  readonly place: Place;
  readonly row: RemoteMailboxRow;
  readonly listing: Listing;
  /** Not known here, newest first. */
  readonly toFetch: readonly RemoteMessage[];
  readonly total: number;
}

/** Undefined: nothing has changed since the last look. */
export async function lookAt(round: Round, place: Place, { isForced }: { readonly isForced: boolean }): Promise<Look | undefined> {
  const { deps, memory } = round;
  let row = settledRow(round, place);
  const isFull = row === undefined || isForced || mustBeFull(round, row);
  const last = row && progressOf(round, row);
  if (row && !isFull && place.remote.state !== undefined && place.remote.state === last?.state) {
    place.row = row;
    return undefined;
  }
  let listing = await list(round, place, { row, cursor: last?.cursor, wantsAll: isFull });
  if (row && hasLostItsNewest(round, place, row, listing)) {
    memory.proven.delete(row.id);
    row = undefined;
  }
  row ??= await rowOf(round, place, listing);
  const { validity } = validityOf(place, listing);
  const { id } = row;
  let mapped = deps.store.read((reader) => rowsFor(reader, id, listing));
  // RFC 9051 2.3.1.1: another UIDVALIDITY, and the old ids are worth nothing.
  const isAnotherLife = row.validity !== undefined && validity !== undefined && row.validity !== validity;
  if (isAnotherLife || (await haveFallenBack(round, place, { row, listing, mapped }))) {
    row = await beginAnew(round, row, validity);
    mapped = [];
    if (listing.kind === 'delta') listing = await list(round, place, { row, cursor: undefined, wantsAll: true });
  }
  if (listing.kind === 'full') memory.listedFullyAtMs.set(row.id, deps.clock.nowMs());
  place.row = row;
  const known = mappedIn(mapped, place.mailbox);
  const rules = {
    nowMs: deps.clock.nowMs(),
    confirmAfterMs: deps.settings.confirmAfterMs,
    provesGone: provesGone(round),
    showsDeleted: showsDeleted(round),
  };
  const diff = diffListing(listing, known, rules);
  await applyListing(round, { place, rowId: id, diff, kind: listing.kind });
  const total =
    listing.kind === 'full' ? new Set(listing.messages.map((message) => message.id)).size : (place.remote.messages ?? row.total);
  place.total = total;
  return { place, row, listing, toFetch: diff.fetch, total };
}

/** Where this path's listing of it goes on. */
export function progressOf({ memory, ...round }: Round, row: RemoteMailboxRow): { readonly cursor?: string; readonly state?: string } {
  return row.space === spaceOf(round) ? row : (memory.guests.get(row.id) ?? {});
}

async function list(
  round: Round,
  { remote }: Place,
  {
    row,
    cursor,
    wantsAll,
  }: { readonly row: RemoteMailboxRow | undefined; readonly cursor: string | undefined; readonly wantsAll: boolean },
): Promise<Listing> {
  const known = row ? knownIn(round.deps.store, row) : new Set<never>();
  const since = { known, ...(cursor === undefined ? {} : { cursor }), ...(wantsAll ? { wantsAll } : {}) };
  return round.session.changes(remote.id, since, round.signal);
}

/** Read when it is asked for: after a single change in a mailbox of a million messages, that is next to nothing. */
function knownIn(store: Store, { id: rowId }: RemoteMailboxRow): KnownIds {
  return {
    get size() {
      return store.read((reader) => countRemoteIds(reader, rowId));
    },
    has: (id) => store.read((reader) => findMapped(reader, rowId, id)) !== undefined,
    [Symbol.iterator]: () => store.read((reader) => listRemoteIds(reader, rowId))[Symbol.iterator](),
  };
}

/** What is known of the messages that a listing is about: of all, when it is a full one. */
function rowsFor(reader: Reader, rowId: number, listing: Listing): readonly MappedRow[] {
  if (listing.kind === 'full') return listMapped(reader, rowId);
  const ids = new Set([...listing.changed.map((message) => message.id), ...listing.vanished]);
  return [...ids].flatMap((id) => findMapped(reader, rowId, id) ?? []);
}

/** A cursor tells of changes only. Whether what was missed is back, and whether all that is here is there, only a full listing tells. */
function mustBeFull({ deps, memory }: Round, row: RemoteMailboxRow): boolean {
  const listedAtMs = memory.listedFullyAtMs.get(row.id);
  const sinceMs = listedAtMs === undefined ? undefined : deps.clock.nowMs() - listedAtMs;
  // Less than none: the clock was set back.
  if (sinceMs === undefined || sinceMs < 0 || sinceMs >= deps.settings.fullEveryMs) return true;
  return row.brake !== undefined || deps.store.read((reader) => hasMissed(reader, row.id));
}

/** By remote id, with where each message stands as seen from this mailbox. */
export function mappedIn(rows: readonly MappedRow[], mailbox: Place['mailbox']): ReadonlyMap<RemoteMessageId, Mapped> {
  const known = new Map<RemoteMessageId, Mapped>();
  for (const { mailbox: at, isAwaited, ...row } of rows) {
    if (isExpectedId(row.remoteId)) continue;
    known.set(row.remoteId, { ...row, standing: isAwaited ? 'pending' : at === mailbox ? 'here' : 'stale' });
  }
  return known;
}

/** Is the mailbox itself still here? It may have been deleted while upstream was asked. */
export function isHere({ deps }: Round, { mailbox }: Pick<Place, 'mailbox'>): boolean {
  return deps.store.read((reader) => findMailbox(reader, mailbox)) !== undefined;
}
