import { z } from 'zod';
import { MAIL, queryArguments, queryChangesArguments } from '@stopgap/jmap';
import { wire } from '../ids.ts';
import { method } from '../method.ts';
import { queryChanges } from '../query-lists.ts';
import { windowOf } from '../windows.ts';
import { keyOf, runQuery } from './run-query.ts';

const collapseThreads = { collapseThreads: z.boolean().nullish() };

/** RFC 8621 4.4 */
export const emailQuery = method(MAIL, queryArguments.extend(collapseThreads), async (args, context) => {
  const isCollapsed = args.collapseThreads === true;
  const { state, ids } = await runQuery({ ...args, collapseThreads: isCollapsed }, context);
  return {
    queryState: state,
    canCalculateChanges: true,
    ...windowOf(ids, args, wire.email),
    collapseThreads: isCollapsed,
  };
});

/** RFC 8621 4.5; as long as the older result is remembered. */
export const emailQueryChanges = method(MAIL, queryChangesArguments.extend(collapseThreads), async (args, context) => {
  const query = { ...args, collapseThreads: args.collapseThreads === true };
  const now = await runQuery(query, context);
  const before = context.queries.emails.get(context.account, keyOf(query), args.sinceQueryState);
  return queryChanges(args, before, { now, wire: wire.email });
});
