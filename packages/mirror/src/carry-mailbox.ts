import { MailError, type RemoteMailbox, type RemoteMessageId } from '@stopgap/core';
import {
  deleteRemoteMailbox,
  endIntent,
  findMailbox,
  listMapped,
  listRemoteMailboxesOf,
  updateRemoteMailbox,
  type IntentRow,
} from '@stopgap/store';
import { placeOf, pushOf, targetOf, type Carrier } from './carrier.ts';
import { nameOf } from './mailbox-plan.ts';
import type { CarryRun } from './push-back.ts';

/** Creating, renaming, deleting, subscribing: each may be done twice. */
export async function carryMailbox(carrier: Carrier, { group, begin, carried }: CarryRun): Promise<void> {
  const intent = group[0];
  if (!intent) return;
  const { deps, account } = carrier.round;
  await begin([intent]);
  const kept = await carry(carrier, intent);
  await deps.mailboxes.write(account, ({ tx, nowMs }) =>
    endIntent(
      tx,
      intent.id,
      kept === undefined ? { state: 'done', nowMs } : { state: 'failed', nowMs, reason: { class: 'cancelled', text: kept } },
    ),
  );
  if (kept === undefined) carried([intent]);
  else carrier.round.report.decided({ what: `a deleted mailbox is kept`, why: kept });
}

/** Undefined: done, or nothing to do any more. Else why it must not be done. */
async function carry(carrier: Carrier, { mailbox, work }: IntentRow): Promise<string | undefined> {
  const { deps, signal } = carrier.round;
  if (mailbox === undefined) return undefined;
  const local = deps.store.read((reader) => findMailbox(reader, mailbox));
  switch (work.kind) {
    case 'create-mailbox':
      if (local) await targetOf(carrier, mailbox);
      return undefined;
    case 'rename-mailbox': {
      const place = placeOf(carrier, mailbox);
      if (!local || !place || nameOf(place.remote) === local.name) return undefined;
      const renamed = await pushOf(carrier).renameMailbox(place.remote.id, local.name.split('/'), signal);
      await rename(carrier, place.remote, renamed);
      return undefined;
    }
    case 'subscribe': {
      const place = placeOf(carrier, mailbox);
      if (local && place) await pushOf(carrier).subscribe?.(place.remote.id, work.isSubscribed, signal);
      return undefined;
    }
    case 'delete-mailbox':
      return deleteThere(carrier, mailbox);
    case 'flags':
    case 'move':
    case 'append':
    case 'expunge':
      throw new MailError('bug', `${work.kind} is about a message.`, { code: 'intent-kind' });
    default:
      return work satisfies never;
  }
}

async function rename(carrier: Carrier, before: RemoteMailbox, after: RemoteMailbox): Promise<void> {
  const { deps, account } = carrier.round;
  const place = carrier.places.get(before.id);
  if (!place) return;
  carrier.places.delete(before.id);
  const rows = deps.store.read((reader) => listRemoteMailboxesOf(reader, place.mailbox)).filter((row) => row.remoteId === before.id);
  await deps.mailboxes.write(account, ({ tx }) => {
    for (const row of rows) updateRemoteMailbox(tx, { ...row, remoteId: after.id });
  });
  const row = rows.find((one) => one.id === place.row?.id);
  carrier.places.set(after.id, {
    remote: after,
    mailbox: place.mailbox,
    candidates: place.candidates,
    ...(row ? { row: { ...row, remoteId: after.id } } : {}),
  });
}

/** Mail that came into it after it was deleted here was never seen by whoever deleted it. */
async function deleteThere(carrier: Carrier, mailbox: NonNullable<IntentRow['mailbox']>): Promise<string | undefined> {
  const { deps, account, session, signal } = carrier.round;
  const listed = await session.list(signal);
  for (const row of deps.store.read((reader) => listRemoteMailboxesOf(reader, mailbox))) {
    const remote = listed.find((one) => one.id === row.remoteId);
    if (remote) {
      const known = new Set(deps.store.read((reader) => listMapped(reader, row.id)).map((one) => one.remoteId));
      const listing = await session.changes(remote.id, { known }, signal);
      const messages = listing.kind === 'full' ? listing.messages : listing.changed;
      const hasNew = messages.some((message) => !known.has(message.id));
      if (hasNew || !(await isDeletedThere(carrier, remote, [...known]))) {
        await deps.mailboxes.write(account, ({ tx }) => deleteRemoteMailbox(tx, row.id));
        return 'new mail had come into it upstream';
      }
    }
    await deps.mailboxes.write(account, ({ tx }) => deleteRemoteMailbox(tx, row.id));
  }
  return undefined;
}

/** False: something was in it that is not known here. */
async function isDeletedThere(carrier: Carrier, { id }: RemoteMailbox, known: readonly RemoteMessageId[]): Promise<boolean> {
  const { signal } = carrier.round;
  const push = pushOf(carrier);
  const isDeleted = (): Promise<boolean> =>
    push.deleteMailbox(id, signal).then(
      () => true,
      (error: unknown) => {
        if (error instanceof MailError && error.code === 'mailbox-not-empty') return false;
        throw error;
      },
    );
  if (await isDeleted()) return true;
  await push.expunge(id, known, signal);
  return isDeleted();
}
