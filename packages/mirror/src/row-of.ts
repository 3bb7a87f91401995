/*
 * Under which row the ids of a listed mailbox are kept: the path's own; or, once samples have proven that they are the same ids, that of another path of
 * the same store. Who tells UIDVALIDITY becomes the owner and keeps cursors in the row; a guest keeps them in memory.
 */
import type { Listing } from '@stopgap/core';
import {
  deleteRemoteMessagesIn,
  findRemoteMailbox,
  insertRemoteMailbox,
  isExpectedId,
  listRemoteMessages,
  updateRemoteMailbox,
  type RemoteMailboxRow,
} from '@stopgap/store';
import type { Brake } from './brake.ts';
import { spaceOf, type Place, type Round } from './round.ts';
import { proveSpace } from './space.ts';

/** Undefined: it is not known yet, and a full listing must tell. */
export function settledRow(round: Round, place: Place): RemoteMailboxRow | undefined {
  const { memory } = round;
  const proven = [...(place.row ? [place.row] : []), ...place.candidates].find((row) => memory.proven.has(row.id));
  const row = proven ?? (place.row && !needsProof(round, place) ? place.row : undefined);
  return row && round.deps.store.read((reader) => findRemoteMailbox(reader, row.id));
}

/**
 * The newest known message is not listed by a path that can not tell UIDVALIDITY: deleted, or the mailbox was restored from a backup and gives its UID again.
 * Samples tell.
 */
export function hasLostItsNewest(round: Round, place: Place, { id }: RemoteMailboxRow, listing: Listing): boolean {
  if (!needsProof(round, place) || listing.kind !== 'full') return false;
  const known = round.deps.store.read((reader) => listRemoteMessages(reader, id));
  const newest = known.reduce(
    (max, one) => (one.missedAtMs === undefined && !isExpectedId(one.remoteId) ? Math.max(max, Number(one.remoteId)) : max),
    0,
  );
  return newest > 0 && !listing.messages.some((message) => Number(message.id) === newest);
}

/** Finds it, or makes it, by a full listing. */
export async function rowOf(round: Round, place: Place, listing: Listing): Promise<RemoteMailboxRow> {
  const { deps, account, memory } = round;
  let isAnew = false;
  for (const row of place.row ? [place.row] : place.candidates) {
    const proof = await proveSpace(round, place, row, listing);
    if (proof === 'same') return settle(round, place, row);
    // Empty on one side: nothing can be mistaken, and nothing is proven.
    if (proof === 'nothing-to-compare') return row;
    isAnew = true;
  }
  if (place.row) {
    memory.proven.add(place.row.id);
    return beginAnew(round, place.row, place.row.validity);
  }
  const row = {
    ...newRow(round, place),
    ...validityOf(place, listing),
    ...(isAnew ? { brake: restoredBrake(round) } : {}),
  };
  const id = await deps.mailboxes.write(account, ({ tx }) => insertRemoteMailbox(tx, row));
  memory.proven.add(id);
  return { ...row, id };
}

/** In this path's own space; nothing is known of its messages. */
export function newRow(round: Round, { remote, mailbox }: Pick<Place, 'remote' | 'mailbox'>): Omit<RemoteMailboxRow, 'id'> {
  const { id: remoteId, validity } = remote;
  return { account: round.account, space: spaceOf(round), remoteId, mailbox, total: 0, ...(validity === undefined ? {} : { validity }) };
}

/** What is known of the old ids goes; messages and UIDs here stay, and find their new ids by content. */
export async function beginAnew(round: Round, row: RemoteMailboxRow, validity: string | undefined): Promise<RemoteMailboxRow> {
  const anew = { ...withoutCursor(row), ...(validity === undefined ? {} : { validity }), brake: restoredBrake(round) };
  await round.deps.mailboxes.write(round.account, ({ tx }) => {
    deleteRemoteMessagesIn(tx, anew.id);
    updateRemoteMailbox(tx, anew);
  });
  return anew;
}

/** Whatever turns out to be missing at the end of the look is held. */
function restoredBrake({ deps }: Round): string {
  const brake: Brake = { state: 'held', sinceMs: deps.clock.nowMs(), gone: 0, of: 0 };
  return JSON.stringify(brake);
}

export function withoutCursor(row: RemoteMailboxRow): RemoteMailboxRow {
  const { cursor: _, state: __, ...rest } = row;
  return rest;
}

export function validityOf(place: Pick<Place, 'remote'>, listing: Listing): { readonly validity?: string } {
  const validity = listing.validity ?? place.remote.validity;
  return validity === undefined ? {} : { validity };
}

/** UIDs without UIDVALIDITY may have been given anew while nobody looked. */
function needsProof({ session }: Round, { remote }: Place): boolean {
  return session.idKind === 'imap-uid' && remote.validity === undefined;
}

async function settle(round: Round, place: Place, row: RemoteMailboxRow): Promise<RemoteMailboxRow> {
  const { deps, account, memory } = round;
  memory.proven.add(row.id);
  const space = spaceOf(round);
  if (row.space === space || place.remote.validity === undefined) return row;
  const owned: RemoteMailboxRow = { ...withoutCursor(row), space, validity: place.remote.validity };
  await deps.mailboxes.write(account, ({ tx }) => updateRemoteMailbox(tx, owned));
  return owned;
}
