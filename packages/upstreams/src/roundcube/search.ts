/*
 * Searching by a criterion of IMAP's own (`_filter`), page after page. What was found is kept in the session, so that pages do not shift; only a session
 * that was renewed between two pages has forgotten it, and would then list the whole mailbox instead (list.php, Roundcube 1.6).
 * No `_sort`, `_threads`, `_layout` and `_cols`, ever: Roundcube would keep them as the person's own wish.
 */
import type { Flag } from '@stopgap/core';
import { confirmation, type Answer } from './answer.ts';
import { roundcubeError } from './errors.ts';
import { flagsOfRow } from './row-flags.ts';
import { demandSound, type RoundcubeSession } from './session.ts';

/** Pages of a result that are read before it counts as too long to trust: 10 rows each, as few as anybody sees, make 100,000 messages. */
const MOST_PAGES = 10_000;
/** A message that goes between search and page makes the result void; it is not a message each time. */
const MOST_TRIES = 3;
/** The least of a Message-ID that is worth searching for. */
const SHORTEST_NEEDLE = 6;
const LONGEST_NEEDLE = 200;
const LARGEST_UID = 4_294_967_295;
/** RFC 9051 9: `n:*` is never empty where there is a message at all: it holds the last one. */
const NEWEST = `UID ${LARGEST_UID}:*`;
/** Matches all, and keeps Roundcube from hiding what is marked deleted: it does unless the criterion speaks of it (`skip_deleted`, rcube_imap.php). */
const WHATEVER = 'OR DELETED UNDELETED';

export interface Found {
  /** Flags by UID. */
  readonly rows: ReadonlyMap<number, readonly Flag[]>;
  /** Messages in the mailbox. */
  readonly exists: number;
}

/**
 * The UIDs in a mailbox that match an IMAP SEARCH criterion. Throws `void` when the listing can not be trusted, so an empty list means "none".
 * The criterion must be sound IMAP: Roundcube tells a bad one from an empty result only sometimes.
 */
export async function searchMailbox(session: RoundcubeSession, mbox: string, criterion: string, signal: AbortSignal): Promise<number[]> {
  const { rows } = await searchRows(session, mbox, criterion, signal);
  return [...rows.keys()].toSorted((a, b) => a - b);
}

/** All that match, with their flags. Messages that are marked deleted are among them. */
async function searchRows(session: RoundcubeSession, mbox: string, criterion: string, signal: AbortSignal): Promise<Found> {
  let isNothing = false;
  for (let tries = 1; ; tries++) {
    const found = await readPages(session, mbox, criterion, signal);
    if (found !== undefined && (found.rows.size > 0 || isNothing)) return found;
    if (tries === MOST_TRIES) throw halfList(session);
    isNothing = found !== undefined && (found.exists > 0 ? await holdsSome(session, mbox, signal) : await isEmpty(session, mbox, signal));
  }
}

/**
 * DANGER: when the storage breaks off in the middle, a search is "no matches", in a mailbox of 0 messages, without a word of an error (Roundcube 1.6; seen
 * with the connection cut after the log-in). So nothing at all is believed only on both sides of two answers: the confirmation of a mark that is taken
 * away from a message that is not there, which nobody can give without having opened the mailbox; and a list that counts nothing either, for which the
 * storage has less to say than for the mark. In a mailbox with mail in it a row is the better answer in between.
 */
async function isEmpty(session: RoundcubeSession, mbox: string, signal: AbortSignal): Promise<boolean> {
  const parameters = { _mbox: mbox, _uid: String(LARGEST_UID), _flag: 'undelete' };
  const marked = demandSound(await session.change({ action: 'mark', parameters, signal }), session.host);
  const listed = demandSound(await session.look({ action: 'list', parameters: { _mbox: mbox, _page: '1' }, signal }), session.host);
  if (confirmation(marked) === undefined || listed.env['mailbox'] !== mbox) throw halfList(session);
  return listed.env['messagecount'] === 0 && listed.env['exists'] === 0;
}

async function holdsSome(session: RoundcubeSession, mbox: string, signal: AbortSignal): Promise<boolean> {
  const newest = await readPages(session, mbox, NEWEST, signal);
  return newest !== undefined && newest.rows.size > 0;
}

/** Every message, from pages alone. */
export async function searchAll(session: RoundcubeSession, mbox: string, signal: AbortSignal): Promise<Found> {
  for (let tries = 1; ; tries++) {
    const found = await searchRows(session, mbox, 'ALL', signal);
    // Where threads are shown, pages count threads; how many messages there are is told beside.
    if (found.rows.size === found.exists) return found;
    if (tries === MOST_TRIES) throw halfList(session);
  }
}

/** How many messages there are, and the newest: one small request. Throws `void` when the storage is down. */
export async function probeMailbox(
  session: RoundcubeSession,
  mbox: string,
  signal: AbortSignal,
): Promise<{ exists: number; newestUid: number | undefined }> {
  const { rows, exists } = await searchRows(session, mbox, NEWEST, signal);
  if (exists > 0 && rows.size === 0) throw halfList(session);
  return { exists, newestUid: rows.size === 0 ? undefined : Math.max(...rows.keys()) };
}

/** Undefined: less was listed than was found. */
async function readPages(session: RoundcubeSession, mbox: string, criterion: string, signal: AbortSignal): Promise<Found | undefined> {
  const parameters = { _q: '', _headers: '', _mbox: mbox, _scope: 'base', _filter: `${criterion} ${WHATEVER}` };
  const first = demandSound(await session.look({ action: 'search', parameters, signal }), session.host);
  const { messagecount: count, pagecount: pages, exists, search_request: request } = first.env;
  if (!isCount(count) || !isCount(pages) || !isCount(exists) || first.env['mailbox'] !== mbox || pages > MOST_PAGES)
    throw roundcubeError('void', 'The webmail answered a search with something else.', { host: session.host });
  const rows = new Map(rowsOf(first));
  const isThreaded = first.calls.some((call) => call.name === 'init_threads');
  for (let page = 2; page <= pages; page++) {
    const more = { _mbox: mbox, _page: String(page), _search: String(request) };
    const next = demandSound(await session.look({ action: 'list', parameters: more, signal }), session.host);
    if (next.env['search_request'] !== request || next.env['messagecount'] !== count) return undefined;
    for (const [uid, flags] of rowsOf(next)) rows.set(uid, flags);
  }
  const isWhole = isThreaded ? rows.size >= count : rows.size === count;
  return isWhole ? { rows, exists } : undefined;
}

/**
 * A criterion that finds at least every message with this Message-ID; what it finds must be looked into. Angle brackets are stripped from
 * requests as if they were tags, and everything that IMAP would want quoted is left out: HEADER matches substrings. Undefined: nothing
 * in it is fit to be searched for.
 */
export function messageIdCriterion(messageId: string): string | undefined {
  const needle = (messageId.match(/[A-Za-z0-9@._+=$-]+/g) ?? []).reduce(
    (longest, run) => (run.length > longest.length ? run : longest),
    '',
  );
  return needle.length < SHORTEST_NEEDLE ? undefined : `HEADER MESSAGE-ID ${needle.slice(0, LONGEST_NEEDLE)}`;
}

function rowsOf(answer: Answer): [number, readonly Flag[]][] {
  return answer.calls.flatMap((call) => {
    const uid = Number(call.args[0]);
    if (call.name !== 'add_message_row' || !Number.isSafeInteger(uid) || uid < 1) return [];
    return [[uid, flagsOfRow(call.args[2])] as [number, readonly Flag[]]];
  });
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function halfList(session: RoundcubeSession): Error {
  return roundcubeError('void', 'The webmail did not list all that it found.', { host: session.host });
}
