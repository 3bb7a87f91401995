/*
 * Which mailbox here a remote one is. By what is known of its name in this space; else by what a path with the same ids knows; else by role; else by name;
 * else it is new. What is no longer listed may have been renamed (the same messages under a name that is new), or is missed. Pure.
 */
import { MAILBOX_SEPARATOR, type IntentId, type MailboxId, type RemoteMailbox } from '@stopgap/core';
import type { MailboxRow, RemoteMailboxRow } from '@stopgap/store';
import { isStandIn } from './free-name.ts';

export interface MailboxFacts {
  readonly space: string;
  /** All that are listed; only so many of them get a match. */
  readonly remotes: readonly RemoteMailbox[];
  /** Of this space and of those that may have the same ids. */
  readonly rows: readonly RemoteMailboxRow[];
  readonly locals: readonly MailboxRow[];
  readonly waiting: WaitingChanges;
  readonly most: number;
}

/** What was done with mailboxes here and waits to be carried back. */
export interface WaitingChanges {
  readonly deleted: ReadonlyMap<MailboxId, Deleted>;
  /** In order. */
  readonly renamed: readonly Renamed[];
}

export interface Renamed {
  readonly id: IntentId;
  readonly from: string;
  readonly to: string;
}

export interface Deleted {
  /** What it was called then. */
  readonly name: string;
  /** Before that. */
  readonly renamed: readonly Renamed[];
}

export interface MailboxMatch {
  readonly remote: RemoteMailbox;
  /** Undefined: to be made here. */
  readonly local: MailboxRow | undefined;
  /** What it is called when it is made here, if no other that is matched is called so. */
  readonly name: string;
  readonly row: RemoteMailboxRow | undefined;
  readonly candidates: readonly RemoteMailboxRow[];
}

export interface MailboxPlan {
  readonly matches: readonly MailboxMatch[];
  /** A row that is no longer listed, and a listed mailbox that nothing is known of: perhaps the same under another name. */
  readonly suspects: readonly { readonly row: RemoteMailboxRow; readonly match: MailboxMatch }[];
  /** A listed mailbox that nothing is known of, and the row of the one that has its name here: renamed by a path with other ids, it may be this one. */
  readonly doubts: readonly { readonly row: RemoteMailboxRow; readonly remote: RemoteMailbox }[];
  readonly vanished: readonly RemoteMailboxRow[];
  /** Rows that serve nothing any more. */
  readonly obsolete: readonly RemoteMailboxRow[];
}

export function planMailboxes(facts: MailboxFacts): MailboxPlan {
  const { remotes, rows, waiting } = facts;
  const locals = new Map(facts.locals.map((local) => [local.id, local]));
  const isAlive = (row: RemoteMailboxRow): boolean => locals.has(row.mailbox) || waiting.deleted.has(row.mailbox);
  const alive = rows.filter(isAlive);
  const taken = new Set<MailboxId>();
  const matches: MailboxMatch[] = [];
  const unknown: RemoteMailbox[] = [];
  const nameless: Pick<MailboxMatch, 'remote' | 'name'>[] = [];
  for (const remote of withinBound(facts, alive)) {
    const named = alive.filter((row) => row.remoteId === remote.id);
    const row = named.find((one) => one.space === facts.space);
    const candidates = named.filter((one) => one !== row);
    const known = row ?? candidates[0];
    if (!known) unknown.push(remote);
    else if (locals.has(known.mailbox) && !taken.has(known.mailbox)) {
      taken.add(known.mailbox);
      matches.push({ remote, local: locals.get(known.mailbox), name: nameOf(remote), row, candidates });
    }
  }
  for (const remote of unknown) {
    const name = nameOf(remote);
    const renamed = nameAfter(name, waiting.renamed);
    // The one that was renamed is known under another name there: this is one that somebody else named so.
    const hereName = facts.locals.some((one) => one.name === renamed && taken.has(one.id)) ? name : renamed;
    const free = facts.locals.filter((local) => !taken.has(local.id));
    const ofRole = remote.role === undefined ? undefined : free.find((one) => one.role === remote.role);
    // Whatever is in it is not shown again before it is known whether it may go there, too; nor in one that was made here under its name since.
    if (!ofRole && isDeletedHere(name, waiting)) continue;
    const local = ofRole ?? free.find((one) => one.name === hereName) ?? free.find((one) => one.name === name);
    // Another one was given this name here: it is made when that is carried back, or was refused.
    if (!local && isGivenHere(name, waiting) && facts.locals.some((one) => one.name === name)) continue;
    if (!local && facts.locals.some((one) => one.name === hereName)) {
      nameless.push({ remote, name: hereName });
      continue;
    }
    if (local) taken.add(local.id);
    matches.push({ remote, local, name: hereName, row: undefined, candidates: [] });
  }
  const doubts = nameless.flatMap(({ remote, name }) => {
    const { row, candidates, local } = matches.find((match) => match.local?.name === name) ?? {};
    const known = row ?? candidates?.[0];
    return known && local?.role === undefined ? [{ row: known, remote }] : [];
  });
  // Its name is another's here: it has one like it, which another path may have given it.
  for (const { remote, name } of nameless) {
    const local = facts.locals.find((one) => !taken.has(one.id) && isStandIn(one.name, name));
    if (local) taken.add(local.id);
    matches.push({ remote, local, name, row: undefined, candidates: [] });
  }
  const listed = new Set(remotes.map((remote) => remote.id));
  const absent = alive.filter((row) => !listed.has(row.remoteId) && !waiting.deleted.has(row.mailbox));
  const fresh = matches.filter((match) => match.row === undefined && match.candidates.length === 0);
  const suspects = absent.flatMap((row) => fresh.filter((match) => mayBeRenamed(row, match)).map((match) => ({ row, match })));
  return {
    matches,
    suspects,
    doubts,
    vanished: absent.filter((row) => !taken.has(row.mailbox)),
    obsolete: [...rows.filter((row) => !isAlive(row)), ...absent.filter((row) => taken.has(row.mailbox))],
  };
}

/** In the order of the list, which may change: INBOX and what is known have their place before others. */
function withinBound({ remotes, most }: MailboxFacts, alive: readonly RemoteMailboxRow[]): readonly RemoteMailbox[] {
  if (remotes.length <= most) return remotes;
  const known = new Set(alive.map((row) => row.remoteId));
  const rank = (remote: RemoteMailbox): number => (isInbox(remote) ? 0 : known.has(remote.id) ? 1 : 2);
  return remotes.toSorted((one, other) => rank(one) - rank(other)).slice(0, most);
}

export function isInbox({ role, path }: RemoteMailbox): boolean {
  return role === 'inbox' || (path.length === 1 && path[0]?.toUpperCase() === 'INBOX');
}

/** By the name that it has upstream. */
function isDeletedHere(name: string, { deleted }: WaitingChanges): boolean {
  return [...deleted.values()].some((one) => nameAfter(nameBeforeAside(name, one) ?? name, one.renamed) === one.name);
}

const ASIDE = ' (deleted)';

/** What a mailbox is called upstream for the moment in which it is looked at for the last time before it is deleted there. */
export function asideOf(name: string): string {
  return name + ASIDE;
}

/** What it was called upstream before that moment. Undefined: it is called so. */
export function nameBeforeAside(nameThere: string, { name, renamed }: Deleted): string | undefined {
  if (!nameThere.endsWith(ASIDE) || nameAfter(nameThere, renamed) === name) return undefined;
  const before = nameThere.slice(0, -ASIDE.length);
  return nameAfter(before, renamed) === name ? before : undefined;
}

/** What a mailbox will be called when these have been carried. */
export function nameAfter(nameThere: string, renamed: readonly Renamed[]): string {
  return renamed.reduce((name, { from, to }) => (name === from || isBelow(name, from) ? to + name.slice(from.length) : name), nameThere);
}

function isGivenHere(name: string, { renamed }: WaitingChanges): boolean {
  return renamed.some(({ to }) => name === to || isBelow(name, to));
}

export function isBelow(name: string, above: string): boolean {
  return name.startsWith(above + MAILBOX_SEPARATOR);
}

export function nameOf(remote: Pick<RemoteMailbox, 'path'>): string {
  return remote.path.join(MAILBOX_SEPARATOR);
}

/** Renamed upstream, and not here yet: either nothing here has the new name, or it is the mailbox itself, which went along with the one above it. */
function mayBeRenamed(row: RemoteMailboxRow, { remote, local }: MailboxMatch): boolean {
  if (local && local.id !== row.mailbox) return false;
  return remote.validity === undefined || row.validity === undefined || remote.validity === row.validity;
}
