/*
 * A search, newest first, a page at a time. Candidates come from one of two sources and are then checked against the whole query:
 *   the index     when a text must be in it: its own order is newest first, by the second and then by arrival at the index
 *   the messages  else, or when the other conditions leave few: by the time of receipt, then by id
 * The cursor says which source it was, so that the pages of one search fit together.
 */
import { asId, MailError, type AccountId, type MessageId } from '@stopgap/core';
import { findMailbox, listMessages, listNewestMessages, type MessageBounds, type MessageRow, type Store } from '@stopgap/store';
import { isText, matching, textTree, type Evaluation } from './conditions.ts';
import type { TextTree } from './index-messages.ts';
import { checkQuery, conjuncts, type SearchQuery } from './query.ts';
import type { SearchIndex } from './search-index.ts';
import { tableBounds } from './table-bounds.ts';

const MOST_IN_PAGE = 10_000;
/** Candidates looked at in one go; between two the event loop turns. */
const FEWEST_AT_ONCE = 100;
const MOST_AT_ONCE = 1000;
/** A mailbox with fewer is looked through by itself. */
const SMALL_MAILBOX = 2000;
/** Of the index's first candidates fewer than this share are kept by the other conditions: then these are the better place to begin. */
const WORTH_SHARE = 0.1;
/** Messages whose bytes are opened for one page; past it the page ends early. */
const MOST_OPENED = 1000;

export interface SearchPage {
  /** At most so many. */
  readonly limit: number;
  /** Of the page before. */
  readonly cursor?: string;
}

export interface SearchResult {
  /** Newest first. Fewer than asked for, even none, do not mean the end: `cursor` does. */
  readonly ids: readonly MessageId[];
  /** Undefined: there are no more. */
  readonly cursor?: string;
  /** False: the index is still being made, or a text stood for more words than are looked for; there may be more. */
  readonly isComplete: boolean;
  /** The index is still being made; the same search gives more a moment later, though nothing has changed. */
  readonly isBehind?: true;
}

interface Position {
  readonly source: 'index' | 'messages';
  /** A document, or a time of receipt. */
  readonly at: number;
  readonly id: MessageId;
}

interface Candidates {
  readonly rows: readonly MessageRow[];
  readonly positions: ReadonlyMap<MessageId, Position>;
  /** Undefined: these were the last. */
  readonly next?: Position;
}

/** @throws MailError `query-too-large`, `query-cursor`, `search-failed` */
export async function search(
  { store, index }: { readonly store: Store; readonly index: SearchIndex },
  account: AccountId,
  query: SearchQuery,
  page: SearchPage,
): Promise<SearchResult> {
  checkQuery(query);
  const limit = Math.min(Math.max(1, page.limit), MOST_IN_PAGE);
  const isReady = !needsIndex(query) || (await index.isReady(account));
  const at: Evaluation = { store, index, account, isAll: true, opened: 0 };
  const conditions = conjuncts(query);
  let position = page.cursor === undefined ? undefined : parsed(page.cursor);
  let source = position?.source ?? sourceFor(conditions, at);
  let mayTurn = position === undefined && Object.keys(boundsOf(conditions)).length > 0;
  let found: MessageId[] = [];
  let atOnce = Math.min(Math.max(FEWEST_AT_ONCE, limit), MOST_AT_ONCE);
  const behind = isReady ? {} : ({ isBehind: true } as const);
  for (;;) {
    const candidates =
      source === 'index' ? await fromIndex(conditions, position, atOnce, at) : fromMessages(conditions, position, atOnce, at);
    // What comes from the index has its texts.
    const open = source === 'index' ? conditions.filter((one) => !isText(one)) : conditions;
    const ids = await matching({ kind: 'all', of: open }, candidates.rows, at);
    for (const { id } of candidates.rows) {
      if (!ids.has(id)) continue;
      found.push(id);
      const here = candidates.positions.get(id);
      if (found.length === limit && here) return { ids: found, cursor: written(here), isComplete: isReady && at.isAll, ...behind };
    }
    position = candidates.next;
    if (source === 'index' && mayTurn && position !== undefined && found.length < candidates.rows.length * WORTH_SHARE) {
      source = 'messages';
      position = undefined;
      found = [];
      mayTurn = false;
      continue;
    }
    mayTurn = false;
    const isEnough = at.opened >= MOST_OPENED;
    if (position === undefined || isEnough) {
      return { ids: found, ...(position === undefined ? {} : { cursor: written(position) }), isComplete: isReady && at.isAll, ...behind };
    }
    atOnce = Math.min(atOnce * 2, MOST_AT_ONCE);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function sourceFor(conditions: readonly SearchQuery[], at: Evaluation): Position['source'] {
  if (!conditions.some(isText)) return 'messages';
  const { mailbox } = boundsOf(conditions);
  if (mailbox === undefined) return 'index';
  const total = at.store.read((reader) => findMailbox(reader, mailbox)?.total ?? 0);
  return total < SMALL_MAILBOX ? 'messages' : 'index';
}

async function fromIndex(
  conditions: readonly SearchQuery[],
  after: Position | undefined,
  limit: number,
  at: Evaluation,
): Promise<Candidates> {
  const tree: TextTree = { kind: 'all', of: conditions.filter(isText).map(textTree) };
  const answer = await at.index.match(at.account, tree, { limit, ...(after === undefined ? {} : { from: after.at }) });
  at.isAll &&= answer.isAll;
  const hits = answer.hits.filter(({ doc, id }) => after === undefined || doc < after.at || id < after.id);
  const rows = new Map(
    at.store
      .read((reader) =>
        listMessages(
          reader,
          hits.map(({ id }) => id),
        ),
      )
      .filter((row) => row.account === at.account)
      .map((row) => [row.id, row]),
  );
  return {
    rows: hits.map(({ id }) => rows.get(id)).filter((row) => row !== undefined),
    positions: new Map(hits.map(({ doc, id }) => [id, { source: 'index', at: doc, id }])),
    ...(answer.next === undefined ? {} : { next: { source: 'index', at: answer.next, id: asId.message(Number.MAX_SAFE_INTEGER) } }),
  };
}

function fromMessages(conditions: readonly SearchQuery[], after: Position | undefined, limit: number, at: Evaluation): Candidates {
  const page = { limit, ...(after === undefined ? {} : { after: { receivedAtMs: after.at, id: after.id } }) };
  const rows = at.store.read((reader) => listNewestMessages(reader, at.account, boundsOf(conditions), page));
  const positions = new Map(rows.map(({ id, receivedAtMs }) => [id, { source: 'messages', at: receivedAtMs, id } as const]));
  const last = rows.length < limit ? undefined : rows.at(-1);
  const next = last && positions.get(last.id);
  return { rows, positions, ...(next === undefined ? {} : { next }) };
}

function boundsOf(conditions: readonly SearchQuery[]): MessageBounds {
  return tableBounds({ kind: 'all', of: conditions }).bounds;
}

function needsIndex(query: SearchQuery): boolean {
  if (query.kind === 'not') return needsIndex(query.of);
  if (query.kind === 'all' || query.kind === 'any') return query.of.some(needsIndex);
  return query.kind === 'text' && query.value !== '';
}

function written({ source, at, id }: Position): string {
  return `${source} ${at} ${id}`;
}

function parsed(cursor: string): Position {
  const [, source, at = '', id = ''] = /^(index|messages) (-?\d{1,16}) (\d{1,16})$/.exec(cursor) ?? [];
  if (source !== 'index' && source !== 'messages') {
    throw new MailError('permanent', 'That is no cursor of a search.', {
      code: 'query-cursor',
      reply: 'the search can not go on from there',
    });
  }
  return { source, at: Number(at), id: asId.message(Number(id)) };
}
