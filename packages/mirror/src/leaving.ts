import type { MailboxId, RemoteMailbox } from '@stopgap/core';
import { listRemoteMailboxes, type RemoteMailboxRow } from '@stopgap/store';
import { nameAfter, nameBeforeAside, nameOf, type Deleted } from './mailbox-plan.ts';
import { isKindred, spaceOf, type Place, type Round } from './round.ts';
import { waitingChanges } from './waiting-changes.ts';

/**
 * Mailboxes that were deleted here and are still there. Mail may have been moved out of them before, which has to be done there first. `unknown`: this path
 * can not tell which id is which message.
 */
export type Leaving = Map<MailboxId, Place | 'unknown'>;

export function leavingOf(round: Round, listed: readonly RemoteMailbox[]): Leaving {
  const { deps, account, memory } = round;
  return deps.store.read((reader) => {
    const { deleted } = waitingChanges(reader, account);
    if (deleted.size === 0) return new Map();
    const rows = listRemoteMailboxes(reader, account);
    const found: Leaving = new Map();
    for (const [mailbox, one] of deleted) {
      const own = rows.filter((row) => row.mailbox === mailbox);
      const { row, remote } = counterpartOf(round, one, { rows: own, listed });
      // Under other UIDs nobody knows what is in it: it is kept, and comes back here with what was moved out of it.
      if (!remote || (row && !hasSameUids(remote, row))) continue;
      const isKnown = row && (row.space === spaceOf(round) || memory.proven.has(row.id));
      found.set(mailbox, isKnown ? { remote, mailbox, candidates: [], row } : 'unknown');
    }
    return found;
  });
}

/**
 * Which one that is: by what this path knows of it, or one with the same kind of ids; else by the name that it had. The latter, too, where ids are names
 * and the one that is known is not listed: it was renamed there, and nobody heard of it.
 */
export function counterpartOf(
  round: Round,
  deleted: Deleted,
  among: { readonly rows: readonly RemoteMailboxRow[]; readonly listed: readonly RemoteMailbox[] },
): { readonly row: RemoteMailboxRow | undefined; readonly remote: RemoteMailbox | undefined } {
  const { rows, listed } = among;
  const row = rows.find((one) => one.space === spaceOf(round)) ?? rows.find((one) => isKindred(one.space, round));
  const known = row && listed.find((one) => one.id === row.remoteId);
  if (known || (row && round.session.idKind === 'jmap')) return { row, remote: known };
  const { name, renamed } = deleted;
  const named = listed.find((one) => nameAfter(nameOf(one), renamed) === name);
  return { row, remote: named ?? listed.find((one) => nameBeforeAside(nameOf(one), deleted) !== undefined) };
}

/** Where a path does not tell UIDVALIDITY, each message is looked at before it is touched (verify-ids.ts). */
export function hasSameUids(remote: RemoteMailbox, row: RemoteMailboxRow): boolean {
  return remote.validity === undefined || row.validity === undefined || remote.validity === row.validity;
}
