import { z } from 'zod';
import type { SubmissionId } from '@stopgap/core';
import { queryArguments, queryChangesArguments, type Comparator } from '@stopgap/jmap';
import { listJmapSubmissions } from '@stopgap/store';
import { wire } from '../ids.ts';
import { MethodError } from '../method-error.ts';
import { method, type CallContext } from '../method.ts';
import { listOf, queryChanges, type QueryList } from '../query-lists.ts';
import { windowOf } from '../windows.ts';
import { undoStatusOf, USING, withRecipients, type FoundSubmission } from './submission-object.ts';
import { MOST_SUBMISSIONS } from './submission-states.ts';

/** RFC 8621 7.3 */
const conditionSchema = z.strictObject({
  identityIds: z.array(z.string()).nullish(),
  emailIds: z.array(z.string()).nullish(),
  threadIds: z.array(z.string()).nullish(),
  undoStatus: z.string().nullish(),
  before: z.iso.datetime({ offset: true }).nullish(),
  after: z.iso.datetime({ offset: true }).nullish(),
});
const operatorSchema = z.strictObject({ operator: z.enum(['AND', 'OR', 'NOT']), conditions: z.array(z.record(z.string(), z.unknown())) });
const DEEPEST = 20;

type Filter = Readonly<Record<string, unknown>>;

export const submissionQuery = method(USING, queryArguments, (args, context) => {
  const list = resultOf(args, context);
  return { queryState: list.state, canCalculateChanges: true, ...windowOf(list.ids, args, wire.submission) };
});

/** RFC 8621 7.4 */
export const submissionQueryChanges = method(USING, queryChangesArguments, (args, context) => {
  const before = context.queries.submissions.get(context.account, keyOf(args), args.sinceQueryState);
  return queryChanges(args, before, { now: resultOf(args, context), wire: wire.submission });
});

interface Query {
  readonly filter?: Filter | null | undefined;
  readonly sort?: readonly Comparator[] | null | undefined;
}

/** Remembered, so that what changes after it can be told. */
function resultOf(query: Query, context: CallContext): QueryList<SubmissionId> {
  const filter = query.filter ?? {};
  const rows = context.deps.store.read((reader) => listJmapSubmissions(reader, context.account, MOST_SUBMISSIONS));
  const found = rows.flatMap((row) => withRecipients(row, context) ?? []).filter((one) => matches(one, filter, 0));
  const list = listOf(found.toSorted(comparatorOf(query.sort ?? [])).map(({ row }) => row.submission));
  context.queries.submissions.put(context.account, keyOf(query), list);
  return list;
}

function keyOf({ filter, sort }: Query): string {
  return JSON.stringify([filter ?? null, sort ?? []]);
}

function matches(one: FoundSubmission, filter: Filter, depth: number): boolean {
  if (depth > DEEPEST) throw new MethodError('unsupportedFilter', 'The filter is too deep.');
  if (!Object.hasOwn(filter, 'operator')) return matchesOne(one, filter);
  const parsed = operatorSchema.safeParse(filter);
  if (!parsed.success) throw new MethodError('invalidArguments', 'filter: that is no operator.');
  const results = parsed.data.conditions.map((inner) => matches(one, inner, depth + 1));
  if (parsed.data.operator === 'NOT') return !results.some(Boolean);
  return parsed.data.operator === 'AND' ? results.every(Boolean) : results.some(Boolean);
}

function matchesOne({ row, recipients }: FoundSubmission, filter: Filter): boolean {
  const parsed = conditionSchema.safeParse(filter);
  if (!parsed.success) throw new MethodError('unsupportedFilter', 'filter: not every property of it is known.');
  const { identityIds, emailIds, threadIds, undoStatus, before, after } = parsed.data;
  return (
    (identityIds?.includes(wire.identity(row.address)) ?? true) &&
    (emailIds?.includes(wire.email(row.message)) ?? true) &&
    (threadIds?.includes(wire.thread(row.thread)) ?? true) &&
    (typeof undoStatus !== 'string' || undoStatus === undoStatusOf(recipients)) &&
    (typeof before !== 'string' || row.sendAtMs < Date.parse(before)) &&
    (typeof after !== 'string' || row.sendAtMs >= Date.parse(after))
  );
}

/** Newest first where nothing is asked for. @throws MethodError unsupportedSort */
function comparatorOf(sort: readonly Comparator[]): (one: FoundSubmission, other: FoundSubmission) => number {
  const steps = sort.map(({ property, isAscending }) => {
    const sign = isAscending ? 1 : -1;
    if (property === 'sentAt') return (one: FoundSubmission, other: FoundSubmission) => sign * (one.row.sendAtMs - other.row.sendAtMs);
    if (property === 'emailId') return (one: FoundSubmission, other: FoundSubmission) => sign * (one.row.message - other.row.message);
    if (property === 'threadId') return (one: FoundSubmission, other: FoundSubmission) => sign * (one.row.thread - other.row.thread);
    throw new MethodError('unsupportedSort', 'Submissions are sorted by emailId, threadId or sentAt.');
  });
  return (one, other) => {
    for (const step of steps) {
      const difference = step(one, other);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}
