import { MailError, type Listing, type MailboxId, type RemoteMailbox, type RemoteMessageId } from '@stopgap/core';
import {
  deleteRemoteMailbox,
  endIntent,
  findMailbox,
  findMailboxByName,
  insertRemoteMailbox,
  listMapped,
  listRemoteMailboxesOf,
  openIntentsOfMailbox,
  updateRemoteMailbox,
  type IntentRow,
  type MailboxRow,
  type RemoteMailboxRow,
} from '@stopgap/store';
import type { MailTx } from '@stopgap/mailbox';
import { placeOf, pushOf, targetOf, type Carrier } from './carrier.ts';
import { haveFallenBack } from './fallen-back.ts';
import { counterpartOf, hasSameUids } from './leaving.ts';
import { progressOf } from './look.ts';
import { asideOf, isBelow, nameAfter, nameBeforeAside, nameOf } from './mailbox-plan.ts';
import type { CarryRun } from './push-back.ts';
import { spaceOf, type Round } from './round.ts';
import { newRow } from './row-of.ts';
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
      // Here for the sake of those below it, and never there: who gives it a name means to have it.
      if (!remote && local && isOnlyHere(carrier, mailbox)) await targetOf(carrier, mailbox, { name: to });
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

function isOnlyHere({ round: { deps } }: Carrier, mailbox: MailboxId): boolean {
  return deps.store.read((reader) => listRemoteMailboxesOf(reader, mailbox)).length === 0;
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

interface LeavingThere {
  readonly rows: readonly RemoteMailboxRow[];
  /** It can have another name without anything else being renamed or made. */
  readonly isAlone: boolean;
  /** Its own name there, while it has another one for its last moment (`setAside`). */
  readonly nameBefore: string | undefined;
}

/** A mailbox that was deleted here, as it is there now. */
async function leavingThere({ round }: Carrier, mailbox: MailboxId): Promise<ReturnType<typeof counterpartOf> & LeavingThere> {
  const { deps, account, session, signal } = round;
  const listed = await session.list(signal);
  const rows = deps.store.read((reader) => listRemoteMailboxesOf(reader, mailbox));
  const deleted = deps.store.read((reader) => waitingChanges(reader, account)).deleted.get(mailbox);
  if (!deleted) return { rows, row: undefined, remote: undefined, isAlone: false, nameBefore: undefined };
  const found = counterpartOf(round, deleted, { rows, listed });
  const name = found.remote && nameOf(found.remote);
  return {
    rows,
    ...found,
    isAlone: found.remote !== undefined && standsAlone(found.remote, listed),
    nameBefore: name === undefined ? undefined : nameBeforeAside(name, deleted),
  };
}

/** Those below it would be renamed, too; and what it is in would be made. */
function standsAlone({ path }: RemoteMailbox, listed: readonly RemoteMailbox[]): boolean {
  const above = path.slice(0, -1).join('/');
  const isAboveThere = above === '' || listed.some((one) => nameOf(one) === above);
  return isAboveThere && !listed.some((one) => isBelow(nameOf(one), path.join('/')));
}

/** Mail that came into it after it was deleted here was never seen by whoever deleted it. */
async function deleteThere(
  carrier: Carrier,
  { intent, mailbox }: { readonly intent: IntentRow; readonly mailbox: MailboxId },
): Promise<string | undefined> {
  const { deps, account } = carrier.round;
  const { rows, row, remote, isAlone, nameBefore } = await leavingThere(carrier, mailbox);
  const mayBeSetAside = carrier.round.session.idKind !== 'jmap' && isAlone && nameBefore === undefined;
  const kept = remote && (await deleteKnown(carrier, { intent, mailbox, remote, row, wasSeen: rows.length > 0, mayBeSetAside }));
  if (kept !== undefined && remote && nameBefore !== undefined) await renamed(carrier, remote, nameBefore);
  await deps.mailboxes.write(account, (mail) => {
    for (const one of rows) deleteRemoteMailbox(mail.tx, one.id);
    if (kept === undefined && remote && nameBefore === undefined) missNamesake(mail, carrier, remote);
  });
  return kept;
}

/** One that is called so here for the sake of those below it goes as what is missed upstream does: when they have gone. */
function missNamesake({ tx, nowMs }: MailTx, { round }: Carrier, remote: RemoteMailbox): void {
  const local = findMailboxByName(tx, round.account, nameOf(remote));
  if (!local || listRemoteMailboxesOf(tx, local.id).length + openIntentsOfMailbox(tx, local.id).length > 0) return;
  insertRemoteMailbox(tx, { ...newRow(round, { remote, mailbox: local.id }), missedAtMs: nowMs });
}

interface DeletionThere {
  readonly intent: IntentRow;
  readonly mailbox: MailboxId;
  readonly remote: RemoteMailbox;
  readonly row: RemoteMailboxRow | undefined;
  /** By any path, before it was deleted here. */
  readonly wasSeen: boolean;
  /** There a mailbox is deleted with mail in it (IMAP), and this one can be renamed, and was not yet. */
  readonly mayBeSetAside: boolean;
}

/** @throws MailError `mailbox-unknown` when nothing tells this path which mail was seen here; `look-again` at the first look */
async function deleteKnown(carrier: Carrier, deletion: DeletionThere): Promise<string | undefined> {
  const { round } = carrier;
  const { intent, remote, row, wasSeen } = deletion;
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
  if (hasNew) return NEW_MAIL;
  const aside = deletion.mayBeSetAside ? await setAside(carrier, deletion) : undefined;
  if (aside && (await hasMore(round, { before: remote, aside, known }))) {
    // Where its name was given to another meanwhile, it keeps this one.
    await renamed(carrier, aside, nameOf(remote));
    return NEW_MAIL;
  }
  return (await isDeletedThere(carrier, aside ?? remote, [...known])) ? undefined : NEW_MAIL;
}

/**
 * IMAP deletes a mailbox with all that is in it, with what has come since the last look, too. Under another name nothing comes any more: there it is looked
 * at once more. Undefined: it can not be renamed.
 */
async function setAside(
  carrier: Carrier,
  { mailbox, remote }: Pick<DeletionThere, 'mailbox' | 'remote'>,
): Promise<RemoteMailbox | undefined> {
  const aside = await renamed(carrier, remote, asideOf(nameOf(remote)));
  if (aside) await rename(carrier, { mailbox, before: remote, after: aside });
  return aside;
}

/** Undefined: it is refused. */
async function renamed(carrier: Carrier, { id }: RemoteMailbox, name: string): Promise<RemoteMailbox | undefined> {
  try {
    return await pushOf(carrier).renameMailbox(id, name.split('/'), carrier.round.signal);
  } catch (error) {
    if (error instanceof MailError && error.kind === 'permanent' && error.code !== 'mailbox-missing') return undefined;
    throw error;
  }
}

/** A server may number anew what it renames: then only how many there are can be told. */
async function hasMore(
  round: Round,
  { before, aside, known }: { readonly before: RemoteMailbox; readonly aside: RemoteMailbox; readonly known: ReadonlySet<RemoteMessageId> },
): Promise<boolean> {
  const listing = await round.session.changes(aside.id, { known, wantsAll: true }, round.signal);
  const messages = listing.kind === 'full' ? listing.messages : listing.changed;
  const isTold = before.validity !== undefined && aside.validity !== undefined;
  const hasOtherIds = isTold ? before.validity !== aside.validity : messages.every((message) => !known.has(message.id));
  return hasOtherIds ? messages.length > known.size : messages.some((message) => !known.has(message.id));
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
