import { MailError, type MessageId, type Uid } from '@stopgap/core';
import type { SearchQuery } from '@stopgap/mailbox';
import { listMessageViews, pageOfSearchRows, type MailboxRow, type SearchRow } from '@stopgap/store';
import type { SearchCriteria } from '../search-criteria.ts';
import type { SearchFound, UidRange } from '../session.ts';
import { matching, type AskedCriteria, type Rows } from './criteria.ts';
import type { Owner } from './deps.ts';
import { EVERY_UID, pagesOf } from './uid-pages.ts';

const ROWS_AT_ONCE = 10_000;
const VIEWS_AT_ONCE = 500;
/** Of one page of package mailbox. */
const FOUND_AT_ONCE = 10_000;
/** A shorter part of a word is found by the index only where words begin. */
const FEWEST_LETTERS = 3;
/** More runs of UIDs than this are not handed on to narrow a search of texts. */
const MOST_RUNS = 50;

interface Search extends Owner {
  readonly mailbox: MailboxRow;
  readonly signal: AbortSignal;
  readonly isWhole: (rows: Rows) => boolean;
  isComplete: boolean;
}

/**
 * What rows decide is decided here; texts and header fields are asked of package mailbox, each alone, among the messages that are still in question.
 * @throws MailError `query-too-large`, `search-failed`
 */
export async function searchMailbox(
  owner: Owner,
  mailbox: MailboxRow,
  { criteria, signal }: { readonly criteria: SearchCriteria; readonly signal: AbortSignal },
): Promise<SearchFound> {
  const { store } = owner.deps;
  const rows: SearchRow[] = [];
  for await (const page of pagesOf(rangesOf(criteria), ROWS_AT_ONCE, (range) =>
    store.read((reader) => pageOfSearchRows(reader, mailbox.id, { ...range, isUnseen: asksForUnseen(criteria) })),
  )) {
    if (signal.aborted) throw givenUp();
    rows.push(...page);
  }
  const search: Search = { ...owner, mailbox, signal, isWhole: (some) => some.length === mailbox.total, isComplete: true };
  const found = await matching(criteria, rows, {
    asked: (one, some) => asked(one, some, search),
    datesOf: async (some) => datesOf(some, search),
  });
  return { uids: rows.filter(({ id }) => found.has(id)).map(({ uid }) => uid), isComplete: search.isComplete };
}

/** The search that programs make most: it reads what is unread, and nothing else. */
function asksForUnseen(criteria: SearchCriteria): boolean {
  if (criteria.kind === 'all') return criteria.of.some(asksForUnseen);
  return criteria.kind === 'not' && criteria.of.kind === 'flag' && criteria.of.flag === '$seen';
}

/** Where the search asks for UIDs, nothing else is read. */
function rangesOf(criteria: SearchCriteria): readonly UidRange[] {
  if (criteria.kind === 'uid') return criteria.ranges;
  if (criteria.kind !== 'all') return EVERY_UID;
  const narrow = criteria.of.map(rangesOf).filter((ranges) => ranges !== EVERY_UID);
  return narrow[0] ?? EVERY_UID;
}

/** RFC 9051 6.4.4: substrings. Flexible matching, which the index does, is allowed for TEXT and BODY alone. */
async function asked(criteria: AskedCriteria, rows: Rows, search: Search): Promise<ReadonlySet<MessageId>> {
  const found = await matchesOf(criteria, rows, search);
  if (criteria.kind === 'header' || criteria.field === 'text' || criteria.field === 'body' || isSurelyFound(criteria.value)) return found;
  const { field, value } = criteria;
  return new Set([...found, ...(await matchesOf({ kind: 'header', name: field, value }, rows, search))]);
}

/** Inside of words the index knows no less than three letters, and nothing of what is between words. */
function isSurelyFound(value: string): boolean {
  const words = value.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return [words[0], words.at(-1)].every((word) => word !== undefined && Array.from(word).length >= FEWEST_LETTERS);
}

async function matchesOf(criteria: AskedCriteria, rows: Rows, search: Search): Promise<ReadonlySet<MessageId>> {
  const { mailboxes } = search.deps;
  const runs = search.isWhole(rows) ? [] : runsOf(rows.map(({ uid }) => uid));
  const query: SearchQuery = {
    kind: 'all',
    of: [
      { kind: 'mailbox', of: [search.mailbox.id] },
      ...(runs.length > 0 && runs.length <= MOST_RUNS ? [{ kind: 'uid', ranges: runs } as const] : []),
      criteria,
    ],
  };
  const found = new Set<MessageId>();
  for (let cursor: string | undefined; ;) {
    const result = await mailboxes.search(search.account, query, { limit: FOUND_AT_ONCE, ...(cursor === undefined ? {} : { cursor }) });
    if (search.signal.aborted) throw givenUp();
    for (const id of result.ids) found.add(id);
    search.isComplete &&= result.isComplete;
    cursor = result.cursor;
    if (cursor === undefined) break;
  }
  return new Set(rows.filter(({ id }) => found.has(id)).map(({ id }) => id));
}

function datesOf(rows: Rows, { deps: { store } }: Search): ReadonlyMap<MessageId, string> {
  const dates = new Map<MessageId, string>();
  for (let from = 0; from < rows.length; from += VIEWS_AT_ONCE) {
    const ids = rows.slice(from, from + VIEWS_AT_ONCE).map(({ id }) => id);
    for (const [id, { envelope }] of store.read((reader) => listMessageViews(reader, ids))) {
      if (envelope.date !== undefined) dates.set(id, envelope.date);
    }
  }
  return dates;
}

function runsOf(uids: readonly Uid[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const uid of uids) {
    const last = runs.at(-1);
    if (last && uid === last[1] + 1) last[1] = uid;
    else runs.push([uid, uid]);
  }
  return runs;
}

function givenUp(): MailError {
  return new MailError('transient', 'The search was given up.', { code: 'search-failed', reply: 'the search was given up' });
}
