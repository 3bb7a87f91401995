import { demandSound, type RoundcubeSession } from './session.ts';
import { roundcubeError } from './errors.ts';

/** Pages of a listing that are read before it counts as too long to trust. */
const MOST_PAGES = 20;
/** The least of a Message-ID that is worth searching for. */
const SHORTEST_NEEDLE = 6;
const LONGEST_NEEDLE = 200;

/**
 * The UIDs in a mailbox that match an IMAP SEARCH criterion. Throws `void` when the listing can not be trusted, so an empty list means "none".
 * The criterion must be sound IMAP: Roundcube tells a bad one from an empty result only sometimes.
 */
export async function searchMailbox(session: RoundcubeSession, mbox: string, criterion: string, signal: AbortSignal): Promise<number[]> {
  const parameters = { _q: '', _headers: '', _mbox: mbox, _scope: 'base', _filter: criterion };
  // No _sort and no _threads: Roundcube would keep them as the person's own wish.
  const first = demandSound(await session.look({ action: 'search', parameters, signal }), session.host);
  const count = first.env['messagecount'];
  const request = first.env['search_request'];
  if (typeof count !== 'number' || first.env['mailbox'] !== mbox)
    throw roundcubeError('void', 'The webmail answered a search with something else.', { host: session.host });
  const uids = new Set(uidsOf(first.calls));
  // Threads are counted as one and listed as many, so more rows than the count are in order.
  for (let page = 2; uids.size < count; page++) {
    if (page > MOST_PAGES || typeof request !== 'string')
      throw roundcubeError('void', 'The webmail did not list all that it found.', { host: session.host });
    const more = { _mbox: mbox, _page: String(page), _search: request };
    const next = uidsOf(demandSound(await session.look({ action: 'list', parameters: more, signal }), session.host).calls);
    if (next.length === 0) throw roundcubeError('void', 'The webmail did not list all that it found.', { host: session.host });
    for (const uid of next) uids.add(uid);
  }
  return [...uids].toSorted((a, b) => a - b);
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

function uidsOf(calls: readonly { readonly name: string; readonly args: readonly unknown[] }[]): number[] {
  return calls
    .filter((call) => call.name === 'add_message_row')
    .map((call) => Number(call.args[0]))
    .filter((uid) => Number.isSafeInteger(uid) && uid > 0);
}
