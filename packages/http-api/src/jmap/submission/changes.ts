import { changesArguments } from '@stopgap/jmap';
import { isJmapMark } from '@stopgap/store';
import { wire } from '../ids.ts';
import { MethodError } from '../method-error.ts';
import { method, type CallContext, type Json } from '../method.ts';
import { USING } from './submission-object.ts';

/** RFC 8621 7.2 */
export const submissionChanges = method(USING, changesArguments, (args, context) => changedSubmissions(args, context, isJmapMark));

/** @param isOne by its mark. @throws MethodError cannotCalculateChanges */
export function changedSubmissions(
  { sinceState, maxChanges }: { readonly sinceState: string; readonly maxChanges?: number | null | undefined },
  { submissions, account }: CallContext,
  isOne: (mark: string) => boolean,
): Json {
  const changes = submissions.changes(account, sinceState, { isOne, most: maxChanges ?? Number.MAX_SAFE_INTEGER });
  if (changes === undefined) throw new MethodError('cannotCalculateChanges', 'That state is not remembered.');
  return {
    oldState: sinceState,
    newState: changes.state,
    hasMoreChanges: changes.hasMore,
    created: changes.created.map(wire.submission),
    updated: changes.updated.map(wire.submission),
    destroyed: changes.destroyed.map(wire.submission),
  };
}
