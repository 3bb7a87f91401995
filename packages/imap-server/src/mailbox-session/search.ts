import { MailError, type MessageId, type ThreadId, type Uid } from '@stopgap/core';
import type { SearchQuery } from '@stopgap/mailbox';
import { listMessageViews, pageOfSearchRows, type MailboxRow, type SearchRow } from '@stopgap/store';
import type { SearchCriteria } from '../search-criteria.ts';
import type { SearchFound, UidRange } from '../session.ts';
import type { Owner } from './deps.ts';
import { writtenDayOf } from './written-day.ts';
import { EVERY_UID, isAmong, pagesOf } from './uid-pages.ts';

const ROWS_AT_ONCE = 10_000;
const VIEWS_AT_ONCE = 500;
/** Of one page of package mailbox. */
const FOUND_AT_ONCE = 10_000;
/** More runs of UIDs than this are not handed on to narrow a search of texts. */
const MOST_RUNS = 50;
/** A day may be written in a zone up to so far away. */
const ZONES_MS = 26 * 60 * 60 * 1000;

type Rows = readonly SearchRow[];

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
    store.read((reader) => pageOfSearchRows(reader, mailbox.id, range)),
  )) {
    if (signal.aborted) throw givenUp();
    rows.push(...page);
  }
  const search: Search = { ...owner, mailbox, signal, isWhole: (some) => some.length === mailbox.total, isComplete: true };
  const found = await matching(criteria, rows, search);
  return { uids: rows.filter(({ id }) => found.has(id)).map(({ uid }) => uid), isComplete: search.isComplete };
}

/** Where the search asks for UIDs, nothing else is read. */
function rangesOf(criteria: SearchCriteria): readonly UidRange[] {
  if (criteria.kind === 'uid') return criteria.ranges;
  if (criteria.kind !== 'all') return EVERY_UID;
  const narrow = criteria.of.map(rangesOf).filter((ranges) => ranges !== EVERY_UID);
  return narrow[0] ?? EVERY_UID;
}

async function matching(criteria: SearchCriteria, rows: Rows, search: Search): Promise<ReadonlySet<MessageId>> {
  if (rows.length === 0) return new Set();
  switch (criteria.kind) {
    case 'all': {
      let left = rows;
      for (const one of cheapFirst(criteria.of)) {
        const found = await matching(one, left, search);
        left = left.filter(({ id }) => found.has(id));
      }
      return idsOf(left);
    }
    case 'any': {
      const found = new Set<MessageId>();
      for (const one of cheapFirst(criteria.of)) {
        for (const id of await matching(
          one,
          rows.filter(({ id }) => !found.has(id)),
          search,
        ))
          found.add(id);
      }
      return found;
    }
    case 'not': {
      const found = await matching(criteria.of, rows, search);
      return idsOf(rows.filter(({ id }) => !found.has(id)));
    }
    case 'text':
    case 'header':
      return await asked(criteria, rows, search);
    case 'sent':
      return sentBetween(criteria, rows, search);
    case 'uid':
    case 'flag':
    case 'received':
    case 'saved':
    case 'has-save-date':
    case 'size':
    case 'modseq':
    case 'email-id':
    case 'thread-id':
      return idsOf(rows.filter((row) => rowMatches(criteria, row)));
    default:
      return criteria satisfies never;
  }
}

type RowCriteria = Exclude<SearchCriteria, { readonly of: unknown } | { readonly value: string }>;

function rowMatches(criteria: RowCriteria, row: SearchRow): boolean {
  switch (criteria.kind) {
    case 'uid':
      return isAmong(criteria.ranges, row.uid);
    case 'flag':
      return row.flags.includes(criteria.flag);
    case 'received':
    case 'saved':
    case 'sent': {
      const times = { received: row.receivedAtMs, saved: row.savedAtMs, sent: sentAt(row) };
      return isBetween(times[criteria.kind], criteria.fromMs, criteria.untilMs);
    }
    case 'has-save-date':
      return true;
    case 'size':
      return isBetween(row.sizeBytes, criteria.fromBytes, criteria.untilBytes);
    case 'modseq':
      return row.modSeq >= criteria.from;
    case 'email-id':
      return `m${row.id}` === criteria.id;
    case 'thread-id':
      return `t${row.thread satisfies ThreadId}` === criteria.id;
    default:
      return criteria satisfies never;
  }
}

async function asked(
  criteria: Extract<SearchCriteria, { readonly kind: 'text' | 'header' }>,
  rows: Rows,
  search: Search,
): Promise<ReadonlySet<MessageId>> {
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

/** Only messages near the ends of the time can be decided by the zone they were written in; their Date field is looked at. */
function sentBetween(
  criteria: { readonly fromMs?: number; readonly untilMs?: number },
  rows: Rows,
  search: Search,
): ReadonlySet<MessageId> {
  const { fromMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = criteria;
  const isSurelyIn = (row: SearchRow): boolean => sentAt(row) >= fromMs + ZONES_MS && sentAt(row) < untilMs - ZONES_MS;
  const isNear = (row: SearchRow): boolean => !isSurelyIn(row) && sentAt(row) >= fromMs - ZONES_MS && sentAt(row) < untilMs + ZONES_MS;
  const found = new Set(rows.filter(isSurelyIn).map(({ id }) => id));
  const near = rows.filter(isNear);
  for (let from = 0; from < near.length; from += VIEWS_AT_ONCE) {
    const some = near.slice(from, from + VIEWS_AT_ONCE);
    const views = search.deps.store.read((reader) =>
      listMessageViews(
        reader,
        some.map(({ id }) => id),
      ),
    );
    for (const row of some) {
      const dayMs = writtenDayOf(views.get(row.id)?.envelope.date) ?? sentAt(row);
      if (dayMs >= fromMs && dayMs < untilMs) found.add(row.id);
    }
  }
  return found;
}

/** A message without a Date was sent when it came. */
function sentAt(row: SearchRow): number {
  return row.sentAtMs ?? row.receivedAtMs;
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

/** What the row alone decides comes first. */
function cheapFirst(criteria: readonly SearchCriteria[]): readonly SearchCriteria[] {
  return criteria.toSorted((one, other) => costOf(one) - costOf(other));
}

function costOf(criteria: SearchCriteria): number {
  if (criteria.kind === 'not') return costOf(criteria.of);
  if (criteria.kind === 'all' || criteria.kind === 'any') return Math.max(0, ...criteria.of.map(costOf));
  return criteria.kind === 'header' ? 3 : criteria.kind === 'text' ? 2 : criteria.kind === 'sent' ? 1 : 0;
}

function isBetween(value: number, from: number | undefined, until: number | undefined): boolean {
  return (from === undefined || value >= from) && (until === undefined || value < until);
}

function idsOf(rows: Rows): ReadonlySet<MessageId> {
  return new Set(rows.map(({ id }) => id));
}

function givenUp(): MailError {
  return new MailError('transient', 'The search was given up.', { code: 'search-failed', reply: 'the search was given up' });
}
