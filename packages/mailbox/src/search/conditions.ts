/* Which messages of a page a query holds for. Conditions on rows cost nothing, so they thin the page out before texts, views and bytes are asked for. */
import type { AccountId, BlobRef, MessageId } from '@stopgap/core';
import { findHeaderEnd, headerFieldHolds, MAX_HEADER_BYTES } from '@stopgap/message';
import { listMessageViews, type MessageRow, type MessageView, type Store } from '@stopgap/store';
import { envelopeLook } from './envelope-text.ts';
import type { TextTree } from './index-messages.ts';
import type { SearchQuery } from './query.ts';
import type { SearchIndex } from './search-index.ts';

export interface Evaluation {
  readonly store: Store;
  readonly index: SearchIndex;
  readonly account: AccountId;
  /** A text stood for too many words, so that not everything was found. */
  isAll: boolean;
  /** Messages whose bytes were opened. */
  opened: number;
}

type Rows = readonly MessageRow[];
type RowQuery = Extract<SearchQuery, { kind: 'flag' | 'received' | 'sent' | 'size' | 'uid' | 'id' | 'mailbox' | 'thread' | 'changed' }>;

export async function matching(query: SearchQuery, rows: Rows, at: Evaluation): Promise<ReadonlySet<MessageId>> {
  if (rows.length === 0) return new Set();
  switch (query.kind) {
    case 'all': {
      let left = rows;
      for (const one of cheapFirst(query.of)) left = kept(left, await matching(one, left, at));
      return idsOf(left);
    }
    case 'any': {
      const found = new Set<MessageId>();
      for (const one of cheapFirst(query.of)) {
        const rest = rows.filter(({ id }) => !found.has(id));
        for (const id of await matching(one, rest, at)) found.add(id);
      }
      return found;
    }
    case 'not': {
      const found = await matching(query.of, rows, at);
      return idsOf(rows.filter(({ id }) => !found.has(id)));
    }
    case 'text':
      return matchingText({ ...query, kind: 'text' }, rows, at);
    case 'attachment':
      return matchingViews(rows, at, ({ attachments }) => attachments.some(({ isInline }) => !isInline));
    case 'header':
      return matchingHeaders(query, rows, at);
    case 'flag':
    case 'received':
    case 'sent':
    case 'size':
    case 'uid':
    case 'id':
    case 'mailbox':
    case 'thread':
    case 'changed':
      return idsOf(rows.filter((row) => rowMatches(query, row)));
    default:
      return query satisfies never;
  }
}

/** By index alone or not at all. */
export function isText(query: SearchQuery): boolean {
  if (query.kind === 'text') return query.value !== '';
  return (query.kind === 'all' || query.kind === 'any') && query.of.length > 0 && query.of.every(isText);
}

/** Only of a query that `isText`. */
export function textTree(query: SearchQuery): TextTree {
  if (query.kind === 'text') return query;
  const of = query.kind === 'all' || query.kind === 'any' ? query.of.map(textTree) : [];
  return { kind: query.kind === 'any' ? 'any' : 'all', of };
}

function rowMatches(query: RowQuery, row: MessageRow): boolean {
  switch (query.kind) {
    case 'flag':
      return row.flags.includes(query.flag);
    case 'received':
      return isBetween(row.receivedAtMs, query.fromMs, query.untilMs);
    case 'sent':
      // RFC 9051 6.4.4 SENTSINCE goes by the Date field; a message that has none was sent when it came.
      return isBetween(row.sentAtMs ?? row.receivedAtMs, query.fromMs, query.untilMs);
    case 'size':
      return isBetween(row.sizeBytes, query.fromBytes, query.untilBytes);
    case 'uid':
      return query.ranges.some(([first, last]) => row.uid >= first && row.uid <= last);
    case 'id':
      return query.of.includes(row.id);
    case 'mailbox':
      return query.of.includes(row.mailbox);
    case 'thread':
      return query.of.includes(row.thread);
    case 'changed':
      return row.modSeq > query.since;
    default:
      return query satisfies never;
  }
}

async function matchingText(tree: TextTree, rows: Rows, at: Evaluation): Promise<ReadonlySet<MessageId>> {
  if (tree.kind === 'text' && tree.value === '') return idsOf(rows);
  const { ids, isAll } = await at.index.filter(
    at.account,
    tree,
    rows.map(({ id }) => id),
  );
  at.isAll &&= isAll;
  return new Set(ids);
}

function matchingViews(rows: Rows, at: Evaluation, isMatch: (view: MessageView) => boolean): ReadonlySet<MessageId> {
  const views = at.store.read((reader) =>
    listMessageViews(
      reader,
      rows.map(({ id }) => id),
    ),
  );
  return idsOf(
    rows.filter(({ id }) => {
      const view = views.get(id);
      return view !== undefined && isMatch(view);
    }),
  );
}

async function matchingHeaders(
  query: Extract<SearchQuery, { kind: 'header' }>,
  rows: Rows,
  at: Evaluation,
): Promise<ReadonlySet<MessageId>> {
  const name = query.name.toLowerCase();
  const look = envelopeLook(name, query.value);
  if (look) return matchingViews(rows, at, ({ envelope }) => look(envelope));
  const found: MessageRow[] = [];
  for (const row of rows) {
    if (!row.blob) continue;
    at.opened += 1;
    if (headerFieldHolds(await headerOf(at.store, row.blob), name, query.value)) found.push(row);
  }
  return idsOf(found);
}

async function headerOf(store: Store, blob: BlobRef): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of store.blobs.open(blob)) {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const end = findHeaderEnd(bytes);
    if (end >= 0) return bytes.subarray(0, Math.min(end, MAX_HEADER_BYTES));
    if (bytes.length >= MAX_HEADER_BYTES) break;
  }
  return bytes.subarray(0, MAX_HEADER_BYTES);
}

/** What the row alone decides comes first. */
function cheapFirst(queries: readonly SearchQuery[]): readonly SearchQuery[] {
  return queries.toSorted((one, other) => costOf(one) - costOf(other));
}

function costOf(query: SearchQuery): number {
  switch (query.kind) {
    case 'not':
      return costOf(query.of);
    case 'all':
    case 'any':
      return Math.max(0, ...query.of.map(costOf));
    case 'text':
      return 1;
    case 'attachment':
      return 2;
    case 'header':
      return 3;
    case 'flag':
    case 'received':
    case 'sent':
    case 'size':
    case 'uid':
    case 'id':
    case 'mailbox':
    case 'thread':
    case 'changed':
      return 0;
    default:
      return query satisfies never;
  }
}

function isBetween(value: number, from: number | undefined, until: number | undefined): boolean {
  return (from === undefined || value >= from) && (until === undefined || value < until);
}

function kept(rows: Rows, ids: ReadonlySet<MessageId>): Rows {
  return rows.filter(({ id }) => ids.has(id));
}

function idsOf(rows: Rows): ReadonlySet<MessageId> {
  return new Set(rows.map(({ id }) => id));
}
