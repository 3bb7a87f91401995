import {
  MAILBOX_SEPARATOR,
  MailError,
  type MailboxId,
  type MessageId,
  type RemoteMailbox,
  type RemoteMailboxId,
  type RemotePush,
} from '@stopgap/core';
import { renameMailbox, type MailTx } from '@stopgap/mailbox';
import {
  deleteRemoteMessagesIn,
  endIntent,
  findKept,
  findMailbox,
  findMailboxByName,
  findMessageView,
  isExpectedId,
  listMessagesByContent,
  insertRemoteMailbox,
  listRemoteMailboxes,
  listRemoteMessagesOf,
  updateRemoteMailbox,
  type IntentRow,
  type MailboxRow,
  type RemoteMailboxRow,
  type RemoteMessageRow,
} from '@stopgap/store';
import { forgetIds } from './forget-ids.ts';
import { freeName } from './free-name.ts';
import type { Leaving } from './leaving.ts';
import { isBelow, nameOf } from './mailbox-plan.ts';
import { newRow, withoutCursor } from './row-of.ts';
import { spaceOf, type Place, type Round } from './round.ts';

/** What push-back works with in one round. */
export interface Carrier {
  readonly round: Round;
  /** When the round began. */
  readonly startMs: number;
  readonly places: Map<RemoteMailboxId, Place>;
  readonly leaving: Leaving;
  /** Mailboxes are listed that are not mirrored. */
  readonly isCut: boolean;
  /** Mailboxes of which this round knows everything that upstream lists. */
  readonly complete: Set<MailboxId>;
  /** Mailboxes where something got an id that the path did not tell. */
  readonly again: Set<MailboxId>;
}

export function pushOf({ round }: Carrier): RemotePush {
  const { push } = round.session;
  if (!push) throw new MailError('bug', 'This path can only read.', { code: 'no-push' });
  return push;
}

export function placeOf({ places }: Carrier, mailbox: MailboxId): Place | undefined {
  return [...places.values()].find((place) => place.mailbox === mailbox);
}

export function placeOfRow(carrier: Carrier, rowId: number): Place | undefined {
  return sourcesOf(carrier).find((place) => place.row?.id === rowId);
}

/** Where messages can be taken from. */
function sourcesOf({ places, leaving }: Carrier): readonly Place[] {
  return [...places.values(), ...[...leaving.values()].filter((place) => place !== 'unknown')];
}

export function spaceRowsOf(places: Iterable<Place>): ReadonlySet<number> {
  return new Set([...places].flatMap((place) => place.row?.id ?? []));
}

/** Where upstream has a message, as far as this path's ids tell. */
export function idsOf(carrier: Carrier, message: MessageId): readonly RemoteMessageRow[] {
  const rows = spaceRowsOf(sourcesOf(carrier));
  return carrier.round.deps.store
    .read((reader) => listRemoteMessagesOf(reader, message))
    .filter((row) => rows.has(row.remoteMailbox) && !isExpectedId(row.remoteId));
}

/**
 * The mailbox upstream; made anew where it has gone meanwhile, and under another name where this one is another's there.
 * @param options `name`: what it is called there when it is made; undefined: as it is here now
 */
export async function targetOf(
  carrier: Carrier,
  mailbox: MailboxId,
  options: { readonly isMissing?: boolean; readonly name?: string } = {},
): Promise<Place | undefined> {
  const { round, places } = carrier;
  const known = placeOf(carrier, mailbox);
  if (known && options.isMissing !== true) return known;
  const local = round.deps.store.read((reader) => findMailbox(reader, mailbox));
  if (!local) return undefined;
  const remote = await pushOf(carrier).createMailbox((options.name ?? local.name).split(MAILBOX_SEPARATOR), round.signal);
  const there = places.get(remote.id);
  if (there?.mailbox === mailbox) return there;
  if (there && round.deps.store.read((reader) => findMailbox(reader, there.mailbox))) {
    await round.deps.mailboxes.write(round.account, (mail) => standAside(mail, carrier, local));
    return targetOf(carrier, mailbox);
  }
  const place = { remote, mailbox, candidates: [], row: await rowAtTarget(carrier, mailbox, remote) };
  places.set(remote.id, place);
  return place;
}

/**
 * Upstream has another mailbox of that name: this one gets the name that it has there, if it is there and that is free here; else one that nothing has.
 * Nothing is done where it was renamed here meanwhile.
 */
export function standAside(mail: MailTx, carrier: Carrier, { id, name }: MailboxRow): void {
  const { tx, account } = mail;
  if (findMailbox(tx, id)?.name !== name) return;
  const remote = placeOf(carrier, id)?.remote;
  const there = remote && nameOf(remote);
  const isFree = there !== undefined && !isBelow(there, name) && !findMailboxByName(tx, account, there);
  const aside = isFree ? there : freeName(tx, account, name);
  renameMailbox(mail, id, { name: aside, by: 'upstream' });
  carrier.round.report.decided({ what: `${name} is called ${aside}`, why: 'upstream has another mailbox of that name' });
}

/** Which mailbox it is must be known before it can be renamed on either side. Where it was there before, its ids must be proven again. */
async function rowAtTarget({ round }: Carrier, mailbox: MailboxId, remote: RemoteMailbox): Promise<RemoteMailboxRow> {
  const { deps, account, memory } = round;
  const rows = deps.store.read((reader) => listRemoteMailboxes(reader, account, spaceOf(round)));
  const former = rows.find((one) => one.remoteId === remote.id);
  if (former) {
    memory.proven.delete(former.id);
    if (former.mailbox === mailbox) return former;
    await deps.mailboxes.write(account, ({ tx }) => {
      deleteRemoteMessagesIn(tx, former.id);
      updateRemoteMailbox(tx, { ...withoutCursor(former), mailbox });
    });
    return { ...withoutCursor(former), mailbox };
  }
  const row = newRow(round, { remote, mailbox });
  const id = await deps.mailboxes.write(account, ({ tx }) => insertRemoteMailbox(tx, row));
  return { ...row, id };
}

/**
 * Upstream does not know the message under this path's ids. If all of the mailbox is known, it is gone there, and there is nothing to be told; else the
 * intent waits. True: it was ended.
 */
export async function endIfGone(carrier: Carrier, intent: IntentRow, mailbox: MailboxId): Promise<boolean> {
  const { deps, account, report } = carrier.round;
  const name = deps.store.read((reader) => findMailbox(reader, mailbox))?.name;
  if (name === undefined ? carrier.leaving.get(mailbox) === 'unknown' : !carrier.complete.has(mailbox)) return false;
  // It came there in this round, under an id that the next look tells.
  if (carrier.again.has(mailbox) || isTwin(carrier, intent, mailbox)) return false;
  const text = 'it was gone upstream before it could be carried';
  await deps.mailboxes.write(account, ({ tx, nowMs }) => {
    if (intent.work.kind === 'expunge' && intent.message !== undefined) forgetIds(tx, intent.message);
    endIntent(tx, intent.id, { state: 'done', nowMs, reason: { class: 'cancelled', text } });
  });
  // Is it gone, or did somebody else move it as well? Only all of the target tells.
  if (intent.work.kind === 'move') carrier.again.add(intent.work.to);
  if (intent.work.kind !== 'expunge')
    report.decided({ what: `${intent.work.kind} of a message in ${name ?? 'a deleted mailbox'}`, why: text });
  return true;
}

/** Where ids are made of content (JMAP), equal messages of one mailbox have one id: another path can tell them apart. */
export function isTwin({ round }: Carrier, { message }: IntentRow, mailbox: MailboxId): boolean {
  if (round.session.idKind !== 'jmap' || message === undefined) return false;
  return round.deps.store.read((reader) => {
    const hash = findMessageView(reader, message)?.hash ?? findKept(reader, message)?.kept.view.hash;
    return hash !== undefined && listMessagesByContent(reader, mailbox, hash).some((other) => other.id !== message);
  });
}
