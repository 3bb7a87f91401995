import type { MessageId } from '@stopgap/core';
import type { Comparator } from '@stopgap/jmap';
import { baseSubject } from '@stopgap/message';
import { countFlagInThreads, listMessages, sortTexts, type MessageRow } from '@stopgap/store';
import { MethodError, SetProblem } from '../method-error.ts';
import type { CallContext } from '../method.ts';
import { flagOf } from './keywords.ts';
import { EMAIL_SORTS, type EmailSort } from './sorts.ts';

/** Looked up in one go; between two the event loop turns. */
const AT_ONCE = 2000;
const MOST_COMPARATORS = 5;
const TEXT_ORDER = new Intl.Collator('und', { sensitivity: 'base', numeric: true });

/** Also where nothing is asked for (RFC 8621 4.4.2 leaves it to us). A further comparator has its say among those of one moment. */
export function isNewestFirst(sort: readonly Comparator[] | null | undefined): boolean {
  const [first, second] = sort ?? [];
  return first === undefined || (second === undefined && first.property === 'receivedAt' && !first.isAscending);
}

/** @throws MethodError unsupportedSort, invalidArguments */
export function checkSort(sort: readonly Comparator[] | null | undefined): void {
  if ((sort?.length ?? 0) > MOST_COMPARATORS) throw new MethodError('unsupportedSort', 'That is too much to sort by.');
  for (const { property, keyword, collation } of sort ?? []) {
    const isKnown = (EMAIL_SORTS as readonly string[]).includes(property);
    const isCollation = collation === undefined || collation === 'i;unicode-casemap';
    if (!isKnown || !isCollation) throw new MethodError('unsupportedSort', `It can not be sorted by ${property.slice(0, 100)}.`);
    if (property.endsWith('Keyword') && !isKeyword(keyword))
      throw new MethodError('invalidArguments', `sort: ${property} needs a keyword.`);
  }
}

/** @param ids newest first */
export async function sorted(
  ids: readonly MessageId[],
  sort: readonly Comparator[] | null | undefined,
  context: CallContext,
): Promise<readonly MessageId[]> {
  if (isNewestFirst(sort)) return ids;
  const [first] = sort ?? [];
  if (sort?.length === 1 && first?.property === 'receivedAt') return ids.toReversed();
  const keys: { readonly values: readonly (string | number)[]; readonly sign: number }[] = [];
  for (const comparator of sort ?? []) keys.push({ values: await keysOf(ids, comparator, context), sign: comparator.isAscending ? 1 : -1 });
  const order = ids.map((_, index) => index);
  order.sort((one, other) => {
    for (const { values, sign } of keys) {
      const difference = compare(values[one], values[other]);
      if (difference !== 0) return sign * difference;
    }
    return one - other;
  });
  return order.flatMap((index) => ids[index] ?? []);
}

function compare(one: string | number | undefined, other: string | number | undefined): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return TEXT_ORDER.compare(String(one), String(other));
}

async function keysOf(ids: readonly MessageId[], comparator: Comparator, context: CallContext): Promise<readonly (string | number)[]> {
  const { deps } = context;
  const property = comparator.property as EmailSort;
  const keys: (string | number)[] = [];
  const rowKey = property === 'subject' || property === 'from' || property === 'to' ? undefined : rowKeyOf(property, comparator, context);
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    if (rowKey === undefined) {
      const of = property as 'subject' | 'from' | 'to';
      const texts = deps.store.read((reader) => sortTexts(reader, some, of));
      // RFC 8621 4.4.2: the base subject.
      keys.push(...(of === 'subject' ? texts.map((text) => baseSubject(text).text) : texts));
    } else {
      const rows = new Map(deps.store.read((reader) => listMessages(reader, some)).map((row) => [row.id, row]));
      keys.push(
        ...some.map((id) => {
          const row = rows.get(id);
          return row === undefined ? 0 : rowKey(row);
        }),
      );
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return keys;
}

function rowKeyOf(
  property: Exclude<EmailSort, 'subject' | 'from' | 'to'>,
  { keyword = '' }: Comparator,
  { deps, account }: CallContext,
): (row: MessageRow) => number {
  switch (property) {
    case 'receivedAt':
      return (row) => row.receivedAtMs;
    case 'sentAt':
      return (row) => row.sentAtMs ?? row.receivedAtMs;
    case 'size':
      return (row) => row.sizeBytes;
    case 'hasKeyword': {
      const flag = flagOf(keyword);
      return (row) => (row.flags.includes(flag) ? 1 : 0);
    }
    case 'allInThreadHaveKeyword':
    case 'someInThreadHaveKeyword': {
      const counts = deps.store.read((reader) => countFlagInThreads(reader, account, flagOf(keyword)));
      const isAll = property === 'allInThreadHaveKeyword';
      const holding = new Set(
        counts.filter(({ messages, flagged }) => (isAll ? flagged === messages : flagged > 0)).map(({ thread }) => thread),
      );
      return (row) => (holding.has(row.thread) ? 1 : 0);
    }
    default:
      return property satisfies never;
  }
}

function isKeyword(text: string | undefined): boolean {
  try {
    return text !== undefined && flagOf(text) !== '';
  } catch (error) {
    if (error instanceof SetProblem) return false;
    throw error;
  }
}
