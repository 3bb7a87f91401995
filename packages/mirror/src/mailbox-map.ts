import { MAILBOX_SEPARATOR, MailError, STAGING_MAILBOX, type MailboxId, type RemoteMailbox } from '@stopgap/core';
import { createMailbox, renameMailbox, setRole, setSubscribed, type MailTx } from '@stopgap/mailbox';
import {
  deleteRemoteMailbox,
  findMailbox,
  findMailboxByName,
  findMailboxByRole,
  findRemoteMailbox,
  insertRemoteMailbox,
  listMailboxes,
  listRemoteMailboxes,
  listRemoteMessages,
  openIntentsOfMailbox,
  updateRemoteMailbox,
  type RemoteMailboxRow,
} from '@stopgap/store';
import { freeName } from './free-name.ts';
import { leavingOf, type Leaving } from './leaving.ts';
import { isInbox, nameOf, planMailboxes, type MailboxMatch, type MailboxPlan } from './mailbox-plan.ts';
import { waitingChanges } from './waiting-changes.ts';
import { missMailboxes } from './mailbox-missed.ts';
import { isKindred, provesGone, spaceOf, type Place, type Places, type Round } from './round.ts';
import { newRow } from './row-of.ts';
import { compare, samplesOf } from './space.ts';

export interface MappedMailboxes {
  readonly places: Places;
  readonly leaving: Leaving;
  /** More are listed than are mirrored. */
  readonly isCut: boolean;
}

/**
 * Brings the mailboxes here in line with what the path lists, and says which is which.
 * @throws MailError `void` for a list that can not be true
 */
export async function mapMailboxes(round: Round): Promise<MappedMailboxes> {
  const { deps, account } = round;
  const most = deps.settings.mostMailboxes;
  const listed = await round.session.list(round.signal);
  const remotes = listed.filter((remote) => remote.isSelectable && !isStaging(remote));
  if (!remotes.some(isInbox)) {
    throw new MailError('protocol', 'The provider lists no INBOX.', {
      code: 'void',
      reason: { class: 'protocol', text: 'the provider lists no INBOX' },
    });
  }
  const space = spaceOf(round);
  const planWith = (moved: Moved): MailboxPlan =>
    deps.store.read((reader) =>
      planMailboxes({
        space,
        remotes,
        rows: listRemoteMailboxes(reader, account)
          .filter((row) => row.space === space || isKindred(row.space, round))
          .map((row) => moved.get(row.id) ?? row),
        locals: listMailboxes(reader, account),
        waiting: waitingChanges(reader, account),
        most,
      }),
    );
  const first = planWith(new Map());
  const unseen = await movedUnseen(round, first);
  const plan = unseen.size === 0 ? first : planWith(unseen);
  const renamed = await provenRenames(round, plan);
  const places = await deps.mailboxes.write(account, (mail) => apply(mail, round, { plan, renamed, unseen }));
  const isCut = remotes.length > most;
  if (isCut) round.report.unreadable({ what: `mailboxes beyond the first ${most}`, why: 'so many of an account are mirrored' });
  return { places, leaving: leavingOf(round, remotes), isCut };
}

/** Some providers keep all mailboxes below INBOX. */
function isStaging({ path }: RemoteMailbox): boolean {
  return path.at(-1) === STAGING_MAILBOX && (path.length === 1 || (path.length === 2 && path[0] === 'INBOX'));
}

/** Rows as they are now, by their id. */
type Moved = ReadonlyMap<number, RemoteMailboxRow>;

/** It was renamed and its old name given to another while no path with these ids looked: unless that one has its mail, names tell. */
async function movedUnseen(round: Round, { doubts }: MailboxPlan): Promise<Moved> {
  const moved = new Map<number, RemoteMailboxRow>();
  // There a mailbox that is renamed keeps its id.
  if (round.session.idKind === 'jmap') return moved;
  for (const { row, remote } of doubts) {
    const samples = samplesOf(
      round.deps.store.read((reader) => listRemoteMessages(reader, row.id)),
      round,
    );
    if (samples.size > 0 && (await compare(round, row.remoteId, samples)) === 'same') continue;
    moved.set(row.id, { ...row, remoteId: remote.id });
  }
  return moved;
}

type Renames = ReadonlyMap<MailboxMatch, RemoteMailboxRow>;

async function provenRenames(round: Round, { suspects }: MailboxPlan): Promise<Renames> {
  const renamed = new Map<MailboxMatch, RemoteMailboxRow>();
  const used = new Set<number>();
  // There a mailbox that is renamed keeps its id.
  if (round.session.idKind === 'jmap') return renamed;
  for (const { row, match } of suspects) {
    if (renamed.has(match) || used.has(row.id)) continue;
    const rows = round.deps.store.read((reader) => listRemoteMessages(reader, row.id));
    const samples = samplesOf(rows, round);
    const { validity, messages } = match.remote;
    // UIDVALIDITY alone may be the second in which two of them were made.
    const isEmptyTwin = rows.length === 0 && messages === 0 && validity !== undefined && validity === row.validity;
    if (!isEmptyTwin && (samples.size === 0 || (await compare(round, match.remote.id, samples)) !== 'same')) continue;
    renamed.set(match, row);
    used.add(row.id);
  }
  return renamed;
}

interface Mapping {
  readonly plan: MailboxPlan;
  readonly renamed: Renames;
  readonly unseen: Moved;
}

function apply(mail: MailTx, round: Round, { plan, renamed, unseen }: Mapping): Places {
  const { tx } = mail;
  for (const row of unseen.values()) {
    round.memory.proven.delete(row.id);
    updateRemoteMailbox(tx, row);
  }
  const found = new Set([...renamed.values()].map((row) => row.id));
  const matched = new Set(plan.matches.flatMap(({ local }) => local?.id ?? []));
  for (const row of plan.obsolete) if (!found.has(row.id)) deleteRemoteMailbox(tx, row.id);
  const places = plan.matches.map((match): Place => {
    const before = renamed.get(match);
    const moved = before && { ...before, remoteId: match.remote.id };
    if (moved) updateRemoteMailbox(tx, moved);
    const space = spaceOf(round);
    const row = match.row ?? (moved?.space === space ? moved : undefined);
    const candidates = moved && moved.space !== space ? [moved] : match.candidates;
    for (const one of [row, ...candidates]) {
      if (one?.missedAtMs === undefined) continue;
      const { missedAtMs: _, ...seen } = one;
      updateRemoteMailbox(tx, seen);
    }
    const known = match.local?.id ?? moved?.mailbox;
    const mailbox = known ?? createHere(mail, match, matched);
    if (provesGone(round)) follow(mail, mailbox, { remote: match.remote, isRenamed: moved !== undefined || isOtherName(match) });
    // From its first moment on: without a row nobody would miss it, were it gone before the first look.
    const rowId = row?.id ?? (known === undefined ? insertNew(mail, round, { remote: match.remote, mailbox }) : undefined);
    const current = rowId === undefined ? undefined : findRemoteMailbox(tx, rowId);
    return { remote: match.remote, mailbox, candidates, ...(current ? { row: current } : {}) };
  });
  if (provesGone(round)) {
    missMailboxes(
      mail,
      round,
      plan.vanished.filter((row) => !found.has(row.id)),
    );
  }
  return new Map(places.map((place) => [place.remote.id, place]));
}

/** A mailbox that keeps its id when it is renamed (JMAP), and is called otherwise now. Where it stands may be told otherwise by each path. */
function isOtherName({ remote, row, local }: MailboxMatch): boolean {
  if (!row || !local || local.role !== undefined || remote.role !== undefined || row.remoteId === nameOf(remote)) return false;
  return !row.space.startsWith('imap-uid:') && local.name.split('/').at(-1) !== remote.path.at(-1);
}

/** Below a mailbox that was renamed here, and there not yet, it is made where it will be. */
function createHere(mail: MailTx, { remote, name: hereName }: MailboxMatch, matched: ReadonlySet<MailboxId>): MailboxId {
  const { role, isSubscribed } = remote;
  const wanted = isInbox(remote) ? 'INBOX' : hereName;
  const here = findMailboxByName(mail.tx, mail.account, wanted);
  // Made a moment ago, for one below it.
  if (here && !matched.has(here.id)) return here.id;
  const name = here ? freeName(mail.tx, mail.account, wanted) : wanted;
  return createMailbox(mail, { name, ...(role === undefined ? {} : { role }), isSubscribed, by: 'upstream' }).id;
}

function insertNew({ tx }: MailTx, round: Round, place: Pick<Place, 'remote' | 'mailbox'>): number {
  const id = insertRemoteMailbox(tx, newRow(round, place));
  round.memory.proven.add(id);
  return id;
}

/** It or one that it is in was renamed here, which takes it along when it is carried: until then its name there is an old one. */
export function waitsForName({ tx, account }: MailTx, name: string): boolean {
  const parts = name.split(MAILBOX_SEPARATOR);
  return parts.some((_, index) => {
    const one = findMailboxByName(tx, account, parts.slice(0, index + 1).join(MAILBOX_SEPARATOR));
    return one !== undefined && openIntentsOfMailbox(tx, one.id).some(({ work }) => work.kind === 'rename-mailbox');
  });
}

/** Name, role and subscription, unless something about it waits to be carried back. */
function follow(mail: MailTx, id: MailboxId, { remote, isRenamed }: { readonly remote: RemoteMailbox; readonly isRenamed: boolean }): void {
  const { tx, account } = mail;
  const local = findMailbox(tx, id);
  if (!local || openIntentsOfMailbox(tx, id).length > 0) return;
  const name = nameOf(remote);
  const mayFollow = isRenamed && local.name !== name && local.role === undefined && !waitsForName(mail, local.name);
  if (mayFollow && !findMailboxByName(tx, account, name)) {
    renameMailbox(mail, id, { name, by: 'upstream' });
  }
  if (remote.role !== undefined && local.role === undefined && !findMailboxByRole(tx, account, remote.role)) setRole(mail, id, remote.role);
  if (remote.isSubscribed !== local.isSubscribed) setSubscribed(mail, id, { isSubscribed: remote.isSubscribed, by: 'upstream' });
}
