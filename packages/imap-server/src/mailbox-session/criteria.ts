/* Which messages search criteria hold for. What rows decide is decided here; what they do not is asked of whoever knows. */
import type { MessageId, ThreadId } from '@stopgap/core';
import type { SearchRow } from '@stopgap/store';
import type { SearchCriteria } from '../search-criteria.ts';
import { isAmong } from './uid-pages.ts';
import { writtenDayOf } from './written-day.ts';

/** A day may be written in a zone up to so far away. */
const ZONES_MS = 26 * 60 * 60 * 1000;

export type Rows = readonly SearchRow[];
export type AskedCriteria = Extract<SearchCriteria, { readonly kind: 'text' | 'header' }>;

/** What rows do not say. */
export interface Oracle {
  /** Those of the messages that hold this text. */
  readonly asked: (criteria: AskedCriteria, rows: Rows) => Promise<ReadonlySet<MessageId>>;
  /** Their Date fields as they stand written. */
  readonly datesOf: (rows: Rows) => Promise<ReadonlyMap<MessageId, string>>;
}

export async function matching(criteria: SearchCriteria, rows: Rows, oracle: Oracle): Promise<ReadonlySet<MessageId>> {
  if (rows.length === 0) return new Set();
  switch (criteria.kind) {
    case 'all': {
      let left = rows;
      for (const one of cheapFirst(criteria.of)) {
        const found = await matching(one, left, oracle);
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
          oracle,
        ))
          found.add(id);
      }
      return found;
    }
    case 'not': {
      const found = await matching(criteria.of, rows, oracle);
      return idsOf(rows.filter(({ id }) => !found.has(id)));
    }
    case 'text':
    case 'header':
      return await oracle.asked(criteria, rows);
    case 'sent':
      return await sentBetween(criteria, rows, oracle);
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
      return `m${row.original}` === criteria.id;
    case 'thread-id':
      return `t${row.thread satisfies ThreadId}` === criteria.id;
    default:
      return criteria satisfies never;
  }
}

/** Only messages near the ends of the time can be decided by the zone they were written in; their Date field is looked at. */
async function sentBetween(
  criteria: { readonly fromMs?: number; readonly untilMs?: number },
  rows: Rows,
  oracle: Oracle,
): Promise<ReadonlySet<MessageId>> {
  const { fromMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = criteria;
  const isSurelyIn = (row: SearchRow): boolean => sentAt(row) >= fromMs + ZONES_MS && sentAt(row) < untilMs - ZONES_MS;
  const isNear = (row: SearchRow): boolean => !isSurelyIn(row) && sentAt(row) >= fromMs - ZONES_MS && sentAt(row) < untilMs + ZONES_MS;
  const found = new Set(rows.filter(isSurelyIn).map(({ id }) => id));
  const near = rows.filter(isNear);
  const dates = await oracle.datesOf(near);
  for (const row of near) {
    const dayMs = writtenDayOf(dates.get(row.id)) ?? sentAt(row);
    if (dayMs >= fromMs && dayMs < untilMs) found.add(row.id);
  }
  return found;
}

/** A message without a Date was sent when it came. */
function sentAt(row: SearchRow): number {
  return row.sentAtMs ?? row.receivedAtMs;
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
