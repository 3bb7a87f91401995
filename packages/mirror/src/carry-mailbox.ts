import { MailError, type Listing, type MailboxId, type RemoteMailbox, type RemoteMessageId } from '@stopgap/core';
import {
  deleteRemoteMailbox,
  endIntent,
  findMailbox,
  listMapped,
  listRemoteMailboxesOf,
  updateRemoteMailbox,
  type IntentRow,
  type MailboxRow,
  type RemoteMailboxRow,
} from '@stopgap/store';
import { placeOf, pushOf, targetOf, type Carrier } from './carrier.ts';
import { haveFallenBack } from './fallen-back.ts';
import { counterpartOf, hasSameUids } from './leaving.ts';
import { progressOf } from './look.ts';
import { isBelow, nameAfter, nameOf } from './mailbox-plan.ts';
import type { CarryRun } from './push-back.ts';
import { spaceOf, type Round } from './round.ts';
import { proveSpace } from './space.ts';
import { waitingChanges } from './waiting-changes.ts';

const NEW_MAIL = 'new mail had come into it upstream';
const OTHER_IDS = 'its messages have other ids upstream now, so that new ones can not be told';

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
async function carry(carrier: Carrier, intent: IntentRow): Promise<string | undefined> {
  const { mailbox, work } = intent;
  const { deps, signal } = carrier.round;
  if (mailbox === undefined) return undefined;
  const local = deps.store.read((reader) => findMailbox(reader, mailbox));
  switch (work.kind) {
    case 'create-mailbox':
      if (local) await targetOf(carrier, mailbox, { name: nameThen(carrier, intent, { name: work.name ?? local.name, local }) });
      return undefined;
    case 'rename-mailbox': {
      // Deleted here since, it is renamed all the same: what waits for its old name must not be taken for it.
      const remote = local ? placeOf(carrier, mailbox)?.remote : (await leavingThere(carrier, mailbox)).remote;
      const to = nameThen(carrier, intent, { name: work.to, local });
      if (!remote || nameOf(remote) === to) return undefined;
      const renamed = await pushOf(carrier).renameMailbox(remote.id, to.split('/'), signal);
      await rename(carrier, { mailbox, before: remote, after: renamed });
      return undefined;
    }
    case 'subscribe': {
      const place = placeOf(carrier, mailbox);
      if (local && place) await pushOf(carrier).subscribe?.(place.remote.id, work.isSubscribed, signal);
      return undefined;
    }
    case 'delete-mailbox':
      return deleteThere(carrier, { intent, mailbox });
    case 'flags':
    case 'move':
    case 'append':
    case 'expunge':
      throw new MailError('bug', `${work.kind} is about a message.`, { code: 'intent-kind' });
    default:
      return work satisfies never;
  }
}

/** The name that it was given, if what waits behind makes of it the one that it has now; else upstream had another word meanwhile, and that is what counts. */
function nameThen(
  { round: { deps, account } }: Carrier,
  { id }: IntentRow,
  { name, local }: { readonly name: string; readonly local: MailboxRow | undefined },
): string {
  const { renamed } = deps.store.read((reader) => waitingChanges(reader, account));
  const behind = renamed.filter((one) => one.id > id);
  return local === undefined || nameAfter(name, behind) === local.name ? name : local.name;
}

async function rename(
  carrier: Carrier,
  { mailbox, before, after }: { readonly mailbox: MailboxId; readonly before: RemoteMailbox; readonly after: RemoteMailbox },
): Promise<void> {
  const { deps, account } = carrier.round;
  const place = carrier.places.get(before.id) ?? carrier.leaving.get(mailbox);
  carrier.places.delete(before.id);
  // Those below it have new names, too, which the next list tells.
  for (const [id, { remote }] of carrier.places) {
    if (carrier.round.session.idKind !== 'jmap' && isBelow(nameOf(remote), nameOf(before))) carrier.places.delete(id);
  }
  const rows = deps.store.read((reader) => listRemoteMailboxesOf(reader, mailbox)).filter((row) => row.remoteId === before.id);
  await deps.mailboxes.write(account, ({ tx }) => {
    for (const row of rows) updateRemoteMailbox(tx, { ...row, remoteId: after.id });
  });
  if (place === undefined || place === 'unknown') return;
  const row = rows.find((one) => one.id === place.row?.id);
  const renamed = { remote: after, mailbox, candidates: place.candidates, ...(row ? { row: { ...row, remoteId: after.id } } : {}) };
  if (carrier.leaving.has(mailbox)) carrier.leaving.set(mailbox, renamed);
  else carrier.places.set(after.id, renamed);
}

/** A mailbox that was deleted here, as it is there now. */
async function leavingThere(
  { round }: Carrier,
  mailbox: MailboxId,
): Promise<ReturnType<typeof counterpartOf> & { readonly rows: readonly RemoteMailboxRow[] }> {
  const { deps, account, session, signal } = round;
  const listed = await session.list(signal);
  const rows = deps.store.read((reader) => listRemoteMailboxesOf(reader, mailbox));
  const deleted = deps.store.read((reader) => waitingChanges(reader, account)).deleted.get(mailbox);
  return { rows, ...(deleted ? counterpartOf(round, deleted, { rows, listed }) : { row: undefined, remote: undefined }) };
}

/** Mail that came into it after it was deleted here was never seen by whoever deleted it. */
async function deleteThere(
  carrier: Carrier,
  { intent, mailbox }: { readonly intent: IntentRow; readonly mailbox: MailboxId },
): Promise<string | undefined> {
  const { deps, account } = carrier.round;
  const { rows, row, remote } = await leavingThere(carrier, mailbox);
  const kept = remote && (await deleteKnown(carrier, { intent, remote, row, wasSeen: rows.length > 0 }));
  await deps.mailboxes.write(account, ({ tx }) => {
    for (const one of rows) deleteRemoteMailbox(tx, one.id);
  });
  return kept;
}

interface DeletionThere {
  readonly intent: IntentRow;
  readonly remote: RemoteMailbox;
  readonly row: RemoteMailboxRow | undefined;
  /** By any path, before it was deleted here. */
  readonly wasSeen: boolean;
}

/** @throws MailError `mailbox-unknown` when nothing tells this path which mail was seen here; `look-again` at the first look */
async function deleteKnown(carrier: Carrier, { intent, remote, row, wasSeen }: DeletionThere): Promise<string | undefined> {
  const { round } = carrier;
  const mapped = row ? round.deps.store.read((reader) => listMapped(reader, row.id)) : [];
  const known = new Set(mapped.map((one) => one.remoteId));
  const cursor = row && progressOf(round, row).cursor;
  const since = { known, wantsAll: true as const, ...(cursor === undefined ? {} : { cursor }) };
  const listing = await round.session.changes(remote.id, since, round.signal);
  const messages = listing.kind === 'full' ? listing.messages : listing.changed;
  // No second look is needed to keep it.
  const hasFallenBack = listing.kind === 'full' && listing.hasFallenBack;
  if (hasFallenBack || (row && (await haveFallenBack(round, { remote }, { row, listing, mapped })))) return OTHER_IDS;
  // Whoever saw it saw no mail in it.
  if (messages.length > 0 && row && known.size === 0) return NEW_MAIL;
  if (messages.length > 0 && !(row && (await isOfThisPath(round, { remote, row, listing })))) {
    if (row?.space === spaceOf(round)) return OTHER_IDS;
    if (!wasSeen) return NEW_MAIL;
    throw onlyOthersKnow();
  }
  const hasNew = messages.some((message) => !known.has(message.id));
  const again = `it is looked at once more before it is deleted there, with ${messages.length} messages in it`;
  if (!hasNew && intent.reason?.text !== again) throw lookAgain(again);
  return hasNew || !(await isDeletedThere(carrier, remote, [...known])) ? NEW_MAIL : undefined;
}

/** Ids that can be given anew unnoticed must be proven, and so must those of another path with the same kind of ids. */
async function isOfThisPath(
  round: Round,
  { remote, row, listing }: { readonly remote: RemoteMailbox; readonly row: RemoteMailboxRow; readonly listing: Listing },
): Promise<boolean> {
  if (!hasSameUids(remote, row)) return false;
  // Found by its name alone, it may be another one: UIDVALIDITY may be the second in which both were made.
  const isKnown = row.remoteId === remote.id && (round.session.idKind !== 'imap-uid' || remote.validity !== undefined);
  const isOwn = row.space === spaceOf(round) && isKnown;
  return isOwn || (await proveSpace(round, { remote }, row, listing)) === 'same';
}

/** A storage that is not there looks like a mailbox without mail: two looks, a while apart, have to agree on what is in it, and that nothing of it is new. */
function lookAgain(text: string): MailError {
  return new MailError('transient', text, { code: 'look-again', reason: { class: 'route', text } });
}

/** The mailbox was seen by another path; by this one its mail can not be told from mail that is new. */
function onlyOthersKnow(): MailError {
  const text = 'only another path can tell whether new mail is in the deleted mailbox';
  return new MailError('transient', text, { code: 'mailbox-unknown', reason: { class: 'route', text } });
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
