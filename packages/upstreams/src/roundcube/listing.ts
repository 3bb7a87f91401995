/*
 * What is in a mailbox: every UID with its flags, each time anew, so that nothing can be missed and no state can go stale. It costs two requests, however
 * many messages and whatever page size the person has chosen:
 *   1. a search for the newest message, which also tells how many there are;
 *   2. the request by which Roundcube's own page refreshes flags (check-recent, `_uids`), asked for all UIDs there can be, and for a mailbox that is not the
 *      open one: of the open one it tells only what changed since the session last looked (check_recent.php, Roundcube 1.6).
 * The second has no word for "failed in the middle", so it counts only when as many are there as the first one said, and the newest among them. Where they
 * do not add up, or a Roundcube does not answer like this, the pages of a search say it.
 */
import type { Flag } from '@stopgap/core';
import { isRecord } from './answer.ts';
import { mailboxMissing } from './incoming-error.ts';
import { flagsOfRow } from './row-flags.ts';
import { hasCode } from './errors.ts';
import { probeMailbox, searchAll } from './search.ts';
import { demandSound, type RoundcubeSession } from './session.ts';

const LARGEST_UID = 4_294_967_295;
/** Mail arrives between the two requests: they are made again. */
const MOST_TRIES = 3;
/** PHP holds all rows of one answer, at about 2 KB each; more are asked for in pieces. */
const MOST_ROWS = 10_000;

export type Rows = ReadonlyMap<number, readonly Flag[]>;

export async function listMailbox(session: RoundcubeSession, mbox: string, signal: AbortSignal): Promise<Rows> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { exists, newestUid } = await probeMailbox(session, mbox, signal);
    const rows = await readFlags(session, { mbox, exists, newestUid, signal });
    if (rows === undefined) break;
    if (rows.size === exists && (newestUid === undefined || rows.has(newestUid))) return rows;
  }
  return (await searchAll(session, mbox, signal)).rows;
}

/** A `void` that comes of the mailbox not being there, told from the others by the list of all mailboxes. */
export async function unlessMissing<T>(
  work: () => Promise<T>,
  place: { readonly mbox: string; readonly host: string; readonly isThere: () => Promise<boolean> },
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, 'void') && !(await place.isThere())) throw mailboxMissing(place.mbox, place.host);
    throw error;
  }
}

interface Place {
  readonly mbox: string;
  readonly exists: number;
  readonly newestUid: number | undefined;
  readonly signal: AbortSignal;
}

/** Undefined: this webmail does not tell. */
async function readFlags(session: RoundcubeSession, place: Place): Promise<Rows | undefined> {
  const open = session.folders.find((folder) => folder.selectable && folder.id !== place.mbox)?.id;
  if (open === undefined) return undefined;
  const rows = new Map<number, readonly Flag[]>();
  for (const range of rangesOf(place)) {
    const parameters = { _mbox: open, _folderlist: '1', '_uids[]': `${range}-${place.mbox}` };
    const answer = demandSound(await session.change({ action: 'refresh', parameters, signal: place.signal }), session.host);
    const told = answer.env['recent_flags'];
    // PHP writes "none" as an empty list.
    if (!isRecord(told)) {
      if (Array.isArray(told) && told.length === 0) continue;
      return undefined;
    }
    for (const [key, flags] of Object.entries(told)) {
      const uid = Number(key.slice(0, key.indexOf('-')));
      if (!key.endsWith(`-${place.mbox}`) || !Number.isSafeInteger(uid) || uid < 1) return undefined;
      rows.set(uid, flagsOfRow(flags));
    }
  }
  return rows;
}

/** All UIDs that there can be, in pieces of equal width. */
function rangesOf({ exists, newestUid = 0 }: Place): string[] {
  const pieces = Math.ceil(exists / MOST_ROWS);
  if (pieces <= 1) return [`1:${LARGEST_UID}`];
  const width = Math.ceil(newestUid / pieces);
  return Array.from({ length: pieces }, (_, at) => `${at * width + 1}:${at === pieces - 1 ? LARGEST_UID : (at + 1) * width}`);
}
