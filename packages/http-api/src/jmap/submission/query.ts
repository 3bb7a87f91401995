import { z } from 'zod';
import type { SubmissionId } from '@stopgap/core';
import { queryArguments, queryChangesArguments, type Comparator } from '@stopgap/jmap';
import { listJmapSubmissions } from '@stopgap/store';
import { predicateOf, type Filter } from '../filters.ts';
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
type Condition = z.infer<typeof conditionSchema>;

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
  const isMatch = predicateOf(query.filter, conditionSchema, matches);
  const rows = context.deps.store.read((reader) => listJmapSubmissions(reader, context.account, MOST_SUBMISSIONS));
  const found = rows.flatMap((row) => withRecipients(row, context) ?? []).filter(isMatch);
  const list = listOf(found.toSorted(comparatorOf(query.sort ?? [])).map(({ row }) => row.submission));
  context.queries.submissions.put(context.account, keyOf(query), list);
  return list;
}

function keyOf({ filter, sort }: Query): string {
  return JSON.stringify([filter ?? null, sort ?? []]);
}

function matches({ row, recipients }: FoundSubmission, condition: Condition): boolean {
  const { identityIds, emailIds, threadIds, undoStatus, before, after } = condition;
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
