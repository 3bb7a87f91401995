/*
 * Changes to messages. Each of Roundcube's actions has a side that nobody asked for: `delete` and `move` can take along what others have marked deleted,
 * `move` into the trash marks as read (`read_when_deleted`), and none of them tells a new UID.
 */
import type { Flag, FlagChange, RemoteMessageId } from '@stopgap/core';
import { hasCode, roundcubeError } from './errors.ts';
import { copyMessages, deleteMessages, markMessages, moveMessages } from './messages.ts';
import { isKeyword, markOf } from './row-flags.ts';
import { probeMailbox, searchMailbox } from './search.ts';
import type { RoundcubeSession } from './session.ts';

const LARGEST_UID = 4_294_967_295;
/** UIDs in one request: a criterion goes into a URL, and 8 KB is what web servers take. */
const MOST_UIDS = 500;
const MARK_AGAIN_MS = 30_000;

export interface Chosen {
  readonly session: RoundcubeSession;
  readonly mbox: string;
  readonly uids: readonly number[];
  readonly signal: AbortSignal;
}

/** Each once. An id that is no UID names no message here. */
export function uidsOf(ids: Iterable<RemoteMessageId>): number[] {
  const uids = new Set<number>();
  for (const id of ids) if (/^[1-9]\d{0,9}$/.test(id) && Number(id) <= LARGEST_UID) uids.add(Number(id));
  return [...uids];
}

export async function changeFlags(chosen: Chosen, change: FlagChange): Promise<void> {
  const marks: [Flag, string | undefined][] = [
    ...change.add.map((flag): [Flag, string | undefined] => [flag, markOf(flag, true)]),
    ...change.remove.map((flag): [Flag, string | undefined] => [flag, markOf(flag, false)]),
  ];
  for (const part of pieces(chosen)) {
    for (const [flag, mark] of marks) {
      if (mark === undefined) continue;
      try {
        await markMessages(part.session, part, mark);
      } catch (error) {
        if (!isKeyword(flag) || !hasCode(error, 'void')) throw error;
        // A server that keeps no keywords says no to each. Is it that, or is the storage down?
        await probeMailbox(part.session, part.mbox, part.signal);
      }
    }
  }
}

/** Their new UIDs must be looked for. */
export async function move(chosen: Chosen, target: string, trash: string | undefined): Promise<void> {
  if (target === chosen.mbox) return;
  for (const part of pieces(chosen)) {
    const { session, signal } = part;
    const there = await searchMailbox(session, part.mbox, setOf(part.uids), signal);
    if (there.length === 0) continue;
    const unread = target === trash ? await searchMailbox(session, part.mbox, `${setOf(there)} UNSEEN`, signal) : [];
    const others = there.filter((uid) => !unread.includes(uid));
    if (unread.length > 0) await moveUnread({ ...part, uids: unread }, target);
    if (others.length > 0) {
      const moved = { ...part, uids: others };
      await sparingOthers(moved, () => moveMessages(session, moved, target));
    }
  }
}

/** A copy stays unread. It is seen to be there before the original goes. */
async function moveUnread(chosen: Chosen, target: string): Promise<void> {
  const { session, signal, uids } = chosen;
  const { newestUid = 0 } = await probeMailbox(session, target, signal);
  await copyMessages(session, chosen, target);
  const copies = (await searchMailbox(session, target, `UID ${newestUid + 1}:*`, signal)).filter((uid) => uid > newestUid);
  if (copies.length < uids.length)
    throw roundcubeError('void', 'The webmail did not copy all that was to be moved.', { host: session.host });
  await expunge(chosen);
}

export async function expunge(chosen: Chosen): Promise<void> {
  for (const part of pieces(chosen)) await sparingOthers(part, () => deleteMessages(part.session, part));
}

/**
 * Behind a Roundcube may be a server without UIDPLUS, or without MOVE: then everything goes that is marked deleted (rcube_imap_generic::expunge), and
 * nothing says so beforehand. So what others have marked is unmarked meanwhile. A crash in between leaves a mark too few; the other way round it would
 * be mail.
 */
async function sparingOthers(chosen: Chosen, work: () => Promise<void>): Promise<void> {
  const { session, signal, mbox } = chosen;
  const doomed = new Set(chosen.uids);
  const others = (await searchMailbox(session, mbox, 'DELETED', signal)).filter((uid) => !doomed.has(uid));
  const marking = async (mark: string, until: AbortSignal): Promise<void> => {
    for (const part of pieces({ ...chosen, uids: others, signal: until })) await markMessages(session, part, mark);
  };
  await marking('undelete', signal);
  try {
    await work();
  } finally {
    // Also when the caller has given up.
    await marking('delete', AbortSignal.timeout(MARK_AGAIN_MS));
  }
}

export function setOf(uids: readonly number[]): string {
  return `UID ${uids.join(',')}`;
}

function pieces(chosen: Chosen): Chosen[] {
  const found: Chosen[] = [];
  for (let at = 0; at < chosen.uids.length; at += MOST_UIDS) found.push({ ...chosen, uids: chosen.uids.slice(at, at + MOST_UIDS) });
  return found;
}
