import type { AccountId } from '@stopgap/core';
import { findMailbox, findRemoteMailbox, listMailboxes, type Reader } from '@stopgap/store';
import { parsedBrake } from './brake-text.ts';
import type { MirrorReport } from './report.ts';
import type { Place } from './round.ts';

/** `mirror.state`. */
export type MirrorState = 'waiting' | 'syncing' | 'idle' | 'held' | 'down' | 'refused';

/** `mirror.progress`, as JSON. `messages` are here, `total` is what the last listing told. */
export interface MirrorProgress {
  readonly mailboxes: readonly { readonly name: string; readonly messages: number; readonly total: number }[];
  readonly messages: number;
  readonly total: number;
  /** In this round, as `leftS` is reckoned by it. */
  readonly ratePerS: number;
  /** About how many seconds the rest will take. Null: nobody can say. */
  readonly leftS: number | null;
}

export function progressOfPlaces(
  reader: Reader,
  account: AccountId,
  { places, ratePerS }: { readonly places: readonly Place[]; readonly ratePerS: number },
): MirrorProgress {
  const totals = new Map(
    places.map((place) => [
      place.mailbox,
      place.total ?? place.remote.messages ?? (place.row && findRemoteMailbox(reader, place.row.id)?.total) ?? 0,
    ]),
  );
  const mailboxes = listMailboxes(reader, account).map(({ id, name, total }) => ({
    name,
    messages: total,
    total: Math.max(total, totals.get(id) ?? 0),
  }));
  const messages = mailboxes.reduce((sum, one) => sum + one.messages, 0);
  const total = mailboxes.reduce((sum, one) => sum + one.total, 0);
  return { mailboxes, messages, total, ratePerS: Math.round(ratePerS * 10) / 10, leftS: leftOf(total - messages, ratePerS) };
}

function leftOf(messages: number, ratePerS: number): number | null {
  if (messages === 0) return 0;
  return ratePerS > 0 ? Math.ceil(messages / ratePerS) : null;
}

/** Deletions upstream that wait for a person. */
export function heldIn(
  reader: Reader,
  rows: readonly { readonly mailbox: Place['mailbox']; readonly brake?: string }[],
): MirrorReport['held'] {
  return rows.flatMap(({ mailbox, brake: text }) => {
    const brake = parsedBrake(text);
    if (brake?.state !== 'held' || brake.gone === 0) return [];
    return [{ mailbox: findMailbox(reader, mailbox)?.name ?? '', gone: brake.gone, of: brake.of, sinceMs: brake.sinceMs }];
  });
}
