import { MailError } from '@stopgap/core';
import { deleteRemoteMessagesIn, findRemoteMailbox, updateRemoteMailbox, type RemoteMessageRow } from '@stopgap/store';
import { placeOfRow, type Carrier } from './carrier.ts';
import { withoutCursor } from './row-of.ts';
import { compare, contentOf } from './space.ts';

/**
 * Before something is changed upstream by ids that may have been given anew unnoticed (UIDs without UIDVALIDITY, and those of a mailbox that was deleted
 * here, which no look has told of): is each of them still the message that is meant? Samples prove a mailbox, not the one message that is about to be deleted. If not, all ids of the mailbox are forgotten and found anew by content.
 * @throws MailError `ids-changed`; nothing was done
 */
export async function verifyIds(carrier: Carrier, rows: readonly RemoteMessageRow[]): Promise<void> {
  const { round } = carrier;
  if (round.session.idKind !== 'imap-uid') return;
  for (const [rowId, some] of Map.groupBy(rows, (row) => row.remoteMailbox)) {
    const place = placeOfRow(carrier, rowId);
    const wasLookedAt = place !== undefined && carrier.leaving.get(place.mailbox) !== place;
    if (!place || (wasLookedAt && place.remote.validity !== undefined)) continue;
    const meant = new Map(
      some.flatMap((row) => {
        const hash = round.deps.store.read((reader) => contentOf(reader, row.message))?.hash;
        return hash === undefined ? [] : [[row.remoteId, { hash, row }] as const];
      }),
    );
    if (meant.size === 0 || (await compare(round, place.remote.id, meant)) !== 'other') continue;
    await round.deps.mailboxes.write(round.account, ({ tx }) => {
      const row = findRemoteMailbox(tx, rowId);
      deleteRemoteMessagesIn(tx, rowId);
      // From a cursor on, only what has changed since would be told.
      if (row) updateRemoteMailbox(tx, withoutCursor(row));
    });
    round.memory.proven.delete(rowId);
    round.memory.guests.delete(rowId);
    round.memory.listedFullyAtMs.delete(rowId);
    const text = `the ids in ${place.remote.path.join('/')} have changed unnoticed`;
    throw new MailError('transient', text, { code: 'ids-changed', reason: { class: 'cancelled', text } });
  }
}
