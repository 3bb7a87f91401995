import { MailError, type MessageId } from '@stopgap/core';
import { envelopeLook, envelopeNeedle, type SearchQuery } from '@stopgap/mailbox';
import type { DigestEnvelope } from '@stopgap/message';
import { listEnvelopesLike, listMessageViews, listUnseenUids, pageOfSearchRows, type MailboxRow, type SearchRow } from '@stopgap/store';
import type { SearchCriteria } from '../search-criteria.ts';
import type { SearchFound, UidRange } from '../session.ts';
import { rangesOf } from '../wire/sequence-set.ts';
import { matching, type AskedCriteria, type Rows } from './criteria.ts';
import type { Owner } from './deps.ts';
import { readForText, type ReadAllowance } from './read-for-text.ts';
import { EVERY_UID, pagesOf } from './uid-pages.ts';

const ROWS_AT_ONCE = 10_000;
const VIEWS_AT_ONCE = 500;
const ENVELOPES_AT_ONCE = 1000;
/** Of one page of package mailbox. */
const FOUND_AT_ONCE = 10_000;
/** Of one command; what is beyond is not read, and the client is told. */
const MOST_READ_BYTES = 8 * 1024 ** 3;
/** More runs of UIDs than this are not handed on to narrow a search of texts. */
const MOST_RUNS = 50;

interface Search extends Owner {
  readonly mailbox: MailboxRow;
  readonly signal: AbortSignal;
  readonly isWhole: (rows: Rows) => boolean;
  readonly allowance: ReadAllowance;
  isComplete: boolean;
}

/**
 * What rows decide is decided here; then envelopes are looked into, and the rest is asked of the index and read, among the messages that are still in question.
 * @throws MailError `query-too-large`, `search-failed`
 */
export async function searchMailbox(
  owner: Owner,
  mailbox: MailboxRow,
  { criteria, signal }: { readonly criteria: SearchCriteria; readonly signal: AbortSignal },
): Promise<SearchFound> {
  const { store } = owner.deps;
  if (isUnseenAlone(criteria)) return { uids: store.read((reader) => listUnseenUids(reader, mailbox.id)), isComplete: true };
  const rows: SearchRow[] = [];
  for await (const page of pagesOf(rangesNamedBy(criteria), ROWS_AT_ONCE, (range) =>
    store.read((reader) => pageOfSearchRows(reader, mailbox.id, { ...range, isUnseen: asksForUnseen(criteria) })),
  )) {
    if (signal.aborted) throw givenUp();
    rows.push(...page);
  }
  const search: Search = {
    ...owner,
    mailbox,
    signal,
    isWhole: (some) => some.length === mailbox.total,
    allowance: { octets: MOST_READ_BYTES },
    isComplete: true,
  };
  const found = await matching(criteria, rows, {
    asked: (one, some) => asked(one, some, search),
    datesOf: async (some) => datesOf(some, search),
  });
  return { uids: rows.filter(({ id }) => found.has(id)).map(({ uid }) => uid), isComplete: search.isComplete };
}

/** The search that programs make most: an index answers it. */
function isUnseenAlone(criteria: SearchCriteria): boolean {
  return asksForUnseen(criteria) && (criteria.kind !== 'all' || criteria.of.every(isUnseenAlone));
}

/** It reads what is unread, and nothing else. */
function asksForUnseen(criteria: SearchCriteria): boolean {
  if (criteria.kind === 'all') return criteria.of.some(asksForUnseen);
  return criteria.kind === 'not' && criteria.of.kind === 'flag' && criteria.of.flag === '$seen';
}

/** Where the search asks for UIDs, nothing else is read. */
function rangesNamedBy(criteria: SearchCriteria): readonly UidRange[] {
  if (criteria.kind === 'uid') return criteria.ranges;
  if (criteria.kind !== 'all') return EVERY_UID;
  const narrow = criteria.of.map(rangesNamedBy).filter((ranges) => ranges !== EVERY_UID);
  return narrow[0] ?? EVERY_UID;
}

/**
 * RFC 9051 6.4.4: substrings. TEXT and BODY may find more than that (`flexible matching`), which the index does, and it knows some parts of words only where
 * they begin, little of headers, and of alternatives the plain one: what it does not give is read.
 */
async function asked(criteria: AskedCriteria, rows: Rows, search: Search): Promise<ReadonlySet<MessageId>> {
  const look = envelopeLook(criteria.kind === 'header' ? criteria.name : criteria.field, criteria.value);
  if (look) return inEnvelopes(look, { value: criteria.value, rows, search });
  if (criteria.kind === 'header') return await read(criteria, rows, search);
  if (criteria.value === '') return new Set(rows.map(({ id }) => id));
  const found = await indexed(criteria, rows, search);
  const further = await read(
    criteria,
    rows.filter(({ id }) => !found.has(id)),
    search,
  );
  return new Set([...found, ...further]);
}

async function inEnvelopes(
  look: (envelope: DigestEnvelope) => boolean,
  { value, rows, search }: { readonly value: string; readonly rows: Rows; readonly search: Search },
): Promise<ReadonlySet<MessageId>> {
  const { store } = search.deps;
  const needle = envelopeNeedle(value);
  const found = new Set<MessageId>();
  for (let from = 0; from < rows.length; from += ENVELOPES_AT_ONCE) {
    const ids = rows.slice(from, from + ENVELOPES_AT_ONCE).map(({ id }) => id);
    for (const [id, envelope] of store.read((reader) => listEnvelopesLike(reader, ids, needle))) if (look(envelope)) found.add(id);
    await new Promise((resolve) => setImmediate(resolve));
    if (search.signal.aborted) throw givenUp();
  }
  return found;
}

async function read(criteria: AskedCriteria, rows: Rows, search: Search): Promise<ReadonlySet<MessageId>> {
  const { allowance, signal } = search;
  const { found, isComplete } = await readForText(search.deps.store, criteria, { rows, allowance, signal });
  if (signal.aborted) throw givenUp();
  search.isComplete &&= isComplete;
  return found;
}

async function indexed(criteria: AskedCriteria, rows: Rows, search: Search): Promise<ReadonlySet<MessageId>> {
  const { mailboxes } = search.deps;
  const runs = search.isWhole(rows) ? [] : rangesOf(rows.map(({ uid }) => uid));
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

function givenUp(): MailError {
  return new MailError('transient', 'The search was given up.', { code: 'search-failed', reply: 'the search was given up' });
}
