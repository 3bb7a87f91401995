import { sameFlags, type Flag, type Listing, type MessageId, type RemoteMessage, type RemoteMessageId } from '@stopgap/core';

/** What is known of a remote id. */
export interface Mapped {
  readonly remoteId: RemoteMessageId;
  readonly message: MessageId;
  /** As last seen there; the base of a merge. */
  readonly flags: readonly Flag[];
  readonly missedAtMs?: number;
  /**
   * `here`: the message is in the mailbox that is listed. `pending`: it was moved or expunged here, and upstream has still to be told, even if it was
   * brought back meanwhile. `stale`: it has gone elsewhere and nobody is to be told, so that the mapping is of no more use.
   */
  readonly standing: 'here' | 'pending' | 'stale';
}

export interface ListingDiff {
  /** Not known yet, in the order of the listing. */
  readonly fetch: readonly RemoteMessage[];
  /** Other flags than at the last look. */
  readonly changed: readonly { readonly mapped: Mapped; readonly flags: readonly Flag[] }[];
  /** Not there, for the first time (also where that was later than now). One listing proves nothing (law 13). */
  readonly missed: readonly Mapped[];
  /** Missed before, and there again. */
  readonly back: readonly Mapped[];
  /** Not there for long enough, or by the provider's own word. Whether they go here too is the brake's to decide. */
  readonly gone: readonly Mapped[];
  /** Mappings to forget. */
  readonly stale: readonly Mapped[];
}

export interface DiffRules {
  readonly nowMs: number;
  /** Two listings that agree must be so far apart. */
  readonly confirmAfterMs: number;
  /** False where a path does not show all mailboxes (POP3): what it no longer shows may only have been moved. */
  readonly provesGone: boolean;
  /** False where a path hides what is marked as deleted and is still there (JMAP of Cyrus, Roundcube by choice). */
  readonly showsDeleted: boolean;
}

/** What follows from a listing. Pure; a listing that can not be believed must not get here. */
export function diffListing(listing: Listing, known: ReadonlyMap<RemoteMessageId, Mapped>, rules: DiffRules): ListingDiff {
  const diff = {
    fetch: [] as RemoteMessage[],
    changed: [] as { mapped: Mapped; flags: readonly Flag[] }[],
    missed: [] as Mapped[],
    back: [] as Mapped[],
    gone: [] as Mapped[],
    stale: [] as Mapped[],
  };
  // A provider that names an id twice means one message.
  const listed = new Map((listing.kind === 'full' ? listing.messages : listing.changed).map((message) => [message.id, message]));
  for (const message of listed.values()) {
    const mapped = known.get(message.id);
    if (mapped?.standing === 'stale') diff.stale.push(mapped);
    if (!mapped || mapped.standing === 'stale') {
      diff.fetch.push(message);
      continue;
    }
    if (mapped.missedAtMs !== undefined) diff.back.push(mapped);
    if (message.flags && !sameFlags(message.flags, mapped.flags)) diff.changed.push({ mapped, flags: message.flags });
  }
  const absent =
    listing.kind === 'full'
      ? [...known.values()].filter((mapped) => !listed.has(mapped.remoteId))
      : listing.vanished.flatMap((id) => (listed.has(id) ? [] : (known.get(id) ?? [])));
  for (const mapped of absent) {
    if (mapped.standing === 'stale') diff.stale.push(mapped);
    else if (!rules.showsDeleted && mapped.flags.includes('$deleted')) continue;
    else if (rules.provesGone && (listing.kind === 'delta' || isConfirmed(mapped, rules))) diff.gone.push(mapped);
    else if (mapped.missedAtMs === undefined || mapped.missedAtMs > rules.nowMs) diff.missed.push(mapped);
  }
  return diff;
}

function isConfirmed({ missedAtMs }: Mapped, { nowMs, confirmAfterMs }: DiffRules): boolean {
  return missedAtMs !== undefined && nowMs - missedAtMs >= confirmAfterMs;
}
