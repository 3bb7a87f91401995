import { z } from 'zod';
import type { MailboxId } from '@stopgap/core';
import { MAIL, queryArguments, queryChangesArguments, type Comparator } from '@stopgap/jmap';
import type { MailboxRow } from '@stopgap/store';
import { predicateOf, type Filter } from '../filters.ts';
import { wire } from '../ids.ts';
import { MethodError } from '../method-error.ts';
import { method, type CallContext } from '../method.ts';
import { listOf, queryChanges, type QueryList } from '../query-lists.ts';
import { windowOf } from '../windows.ts';
import { MailboxTree, shownName, sortOrderOf } from './mailbox-object.ts';

/** RFC 8621 2.3 */
const conditionSchema = z.strictObject({
  parentId: z.string().nullish(),
  name: z.string().optional(),
  role: z.string().nullish(),
  hasAnyRole: z.boolean().optional(),
  isSubscribed: z.boolean().optional(),
});
type Condition = z.infer<typeof conditionSchema>;
const NAME_ORDER = new Intl.Collator('und', { sensitivity: 'base', numeric: true });
const treeArguments = { sortAsTree: z.boolean().default(false), filterAsTree: z.boolean().default(false) };

export const mailboxQuery = method(MAIL, queryArguments.extend(treeArguments), (args, context) => {
  const list = resultOf(args, context);
  return { queryState: list.state, canCalculateChanges: true, ...windowOf(list.ids, args, wire.mailbox) };
});

/** RFC 8621 2.4. Only ids and their order count: what is in a mailbox changes nothing here. */
export const mailboxQueryChanges = method(MAIL, queryChangesArguments.extend(treeArguments), (args, context) => {
  const before = context.queries.mailboxes.get(context.account, keyOf(args), args.sinceQueryState);
  return queryChanges(args, before, { now: resultOf(args, context), wire: wire.mailbox });
});

interface Query {
  readonly filter?: Filter | null | undefined;
  readonly sort?: readonly Comparator[] | null | undefined;
  readonly sortAsTree: boolean;
  readonly filterAsTree: boolean;
}

/** Remembered, so that what changes after it can be told. */
function resultOf(query: Query, context: CallContext): QueryList<MailboxId> {
  const tree = new MailboxTree(context);
  const isMatch = predicateOf(query.filter, conditionSchema, (row: MailboxRow, condition) => matches(row, condition, tree));
  const compare = comparatorOf(query.sort ?? []);
  const isShown = (row: MailboxRow): boolean => isMatch(row) && (!query.filterAsTree || lineOf(row, tree).every(isMatch));
  const found = (query.sortAsTree ? asTree(tree, compare) : tree.rows.toSorted(compare)).filter(isShown);
  const list = listOf(found.map(({ id }) => id));
  context.queries.mailboxes.put(context.account, keyOf(query), list);
  return list;
}

function keyOf({ filter, sort, sortAsTree, filterAsTree }: Query): string {
  return JSON.stringify([filter ?? null, sort ?? [], sortAsTree, filterAsTree]);
}

function matches(row: MailboxRow, { parentId, name, role, hasAnyRole, isSubscribed }: Condition, tree: MailboxTree): boolean {
  const parent = tree.parentOf(row);
  return (
    (parentId === undefined || parentId === (parent === undefined ? null : wire.mailbox(parent.id))) &&
    (name === undefined || shownName(row).toLowerCase().includes(name.toLowerCase())) &&
    (role === undefined || role === (row.role ?? null)) &&
    (hasAnyRole === undefined || hasAnyRole === (row.role !== undefined)) &&
    (isSubscribed === undefined || isSubscribed === row.isSubscribed)
  );
}

/** @throws MethodError unsupportedSort */
function comparatorOf(sort: readonly Comparator[]): (one: MailboxRow, other: MailboxRow) => number {
  const steps = sort.map(({ property, isAscending }) => {
    const sign = isAscending ? 1 : -1;
    if (property === 'name') return (one: MailboxRow, other: MailboxRow) => sign * NAME_ORDER.compare(shownName(one), shownName(other));
    if (property === 'sortOrder') return (one: MailboxRow, other: MailboxRow) => sign * (sortOrderOf(one) - sortOrderOf(other));
    throw new MethodError('unsupportedSort', 'Mailboxes are sorted by name or sortOrder.');
  });
  return (one, other) => {
    for (const step of steps) {
      const difference = step(one, other);
      if (difference !== 0) return difference;
    }
    return one.id - other.id;
  };
}

function asTree(tree: MailboxTree, compare: (one: MailboxRow, other: MailboxRow) => number): readonly MailboxRow[] {
  const below = Map.groupBy(tree.rows, (row) => tree.parentOf(row)?.id);
  const walk = (parent: MailboxRow['id'] | undefined): readonly MailboxRow[] =>
    (below.get(parent) ?? []).toSorted(compare).flatMap((row) => [row, ...walk(row.id)]);
  return walk(undefined);
}

/** Those above it. */
function lineOf(row: MailboxRow, tree: MailboxTree): readonly MailboxRow[] {
  const parent = tree.parentOf(row);
  return parent === undefined ? [] : [parent, ...lineOf(parent, tree)];
}
