/*
 * Ids that the provider gives a second time, to other messages, under the same UIDVALIDITY: a mailbox that was restored from a backup of all its files, as
 * happens after outages. What we did by the old ids would hit mail that nobody has seen. There are two signs: the path sees that its ids have fallen back, which
 * is believed at the second look, since a copy of the mailbox that lags behind shows it, too; or a message is listed with another size than it has here, and
 * begins as another message.
 */
import { MailError, type Listing, type RemoteMessage, type RemoteMessageId } from '@stopgap/core';
import { createDigester } from '@stopgap/message';
import { findKept, findMessageView, type MappedRow, type RemoteMailboxRow, type Store } from '@stopgap/store';
import type { Place, Round } from './round.ts';

/** Messages of another size that are looked into, newest first: there the UIDs are that may have been given again. */
const LOOKED_INTO = 5;
/** As far as they are ASCII, every path gives them as they are. What programs write may have no id, and be of the same second. */
const FIELDS = ['messageId', 'date', 'subject'] as const;

/**
 * Were the ids of this row given to other messages since?
 * @throws MailError `void` at the first sign that needs a second one
 */
export async function haveFallenBack(
  round: Round,
  place: Pick<Place, 'remote'>,
  { row, listing, mapped }: { readonly row: RemoteMailboxRow; readonly listing: Listing; readonly mapped: readonly MappedRow[] },
): Promise<boolean> {
  if (listing.kind !== 'full') return false;
  const { memory, deps } = round;
  if (listing.hasFallenBack) {
    const nowMs = deps.clock.nowMs();
    const sinceMs = Math.min(memory.fallenBackAtMs.get(row.id) ?? nowMs, nowMs);
    memory.fallenBackAtMs.set(row.id, sinceMs);
    if (nowMs - sinceMs < deps.settings.confirmAfterMs) throw notYetBelieved(place);
  }
  memory.fallenBackAtMs.delete(row.id);
  if (listing.hasFallenBack) return true;
  if (round.session.idKind === 'jmap' || memory.sized.has(row.id)) return false;
  const known = new Map(mapped.map((one) => [one.remoteId, one]));
  const odd = listing.messages.filter(({ id, sizeBytes }) => {
    const one = known.get(id);
    const here = one && sizeHere(deps.store, one);
    return here !== undefined && sizeBytes !== undefined && sizeBytes !== here;
  });
  if (odd.length === 0) return false;
  if (await areOthers(round, place, { odd: odd.slice(0, LOOKED_INTO), known })) return true;
  // It tells wrong sizes of good messages.
  memory.sized.add(row.id);
  return false;
}

/** Also of one that was expunged here. Undefined: not here in full. */
function sizeHere(store: Store, { message, mailbox, sizeBytes }: MappedRow): number | undefined {
  if (sizeBytes !== undefined || mailbox !== undefined) return sizeBytes;
  const kept = store.read((reader) => findKept(reader, message))?.kept.message;
  return kept?.completeness === 'raw' ? kept.sizeBytes : undefined;
}

async function areOthers(
  { session, deps, signal }: Round,
  { remote }: Pick<Place, 'remote'>,
  { odd, known }: { readonly odd: readonly RemoteMessage[]; readonly known: ReadonlyMap<RemoteMessageId, MappedRow> },
): Promise<boolean> {
  const ids = odd.map((message) => message.id);
  for await (const { id, bytes } of session.fetch(remote.id, ids, signal)) {
    const digester = createDigester();
    for await (const chunk of bytes) digester.write(chunk);
    const there = digester.finish().envelope;
    const message = known.get(id)?.message;
    if (message === undefined) continue;
    const here = deps.store.read((reader) => findMessageView(reader, message) ?? findKept(reader, message)?.kept.view)?.envelope;
    if (here && FIELDS.some((name) => here[name] !== there[name])) return true;
  }
  return false;
}

function notYetBelieved({ remote }: Pick<Place, 'remote'>): MailError {
  const text = `the ids in ${remote.path.join('/')} have fallen back; that is believed at the second look`;
  return new MailError('protocol', text, { code: 'void', reason: { class: 'protocol', text } });
}
