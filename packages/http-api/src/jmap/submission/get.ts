import { getArguments } from '@stopgap/jmap';
import { findJmapSubmission, listJmapSubmissions } from '@stopgap/store';
import { wantedIds, wantedProperties } from '../get.ts';
import { unwire } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { MethodError } from '../method-error.ts';
import { method, type CallContext } from '../method.ts';
import { submissionObject, SUBMISSION_PROPERTIES, USING, withRecipients, type FoundSubmission } from './submission-object.ts';

/** RFC 8621 7.1. Only what came by JMAP is one of these; `OutboxEntry` shows the rest, too. */
export const submissionGet = method(USING, getArguments, (args, context) => {
  const wanted = wantedProperties(args.properties, SUBMISSION_PROPERTIES);
  const state = context.submissions.current(context.account);
  const ids = wantedIds(args);
  if (ids === undefined) {
    const rows = context.deps.store.read((reader) => listJmapSubmissions(reader, context.account, LIMITS.maxObjectsInGet + 1));
    // RFC 8620 5.1: all of them, or none.
    if (rows.length > LIMITS.maxObjectsInGet) throw new MethodError('requestTooLarge', 'Ask for some submissions.');
    const list = rows.flatMap((row) => withRecipients(row, context) ?? []).map((one) => submissionObject(one, wanted, context));
    return { state, list, notFound: [] };
  }
  const found = ids.map((id) => [id, findOne(id, context)] as const);
  return {
    state,
    list: found.flatMap(([, one]) => (one === undefined ? [] : [submissionObject(one, wanted, context)])),
    notFound: found.filter(([, one]) => one === undefined).map(([id]) => id),
  };
});

export function findOne(id: string, context: CallContext): FoundSubmission | undefined {
  const submission = unwire.submission(id);
  if (submission === undefined) return undefined;
  const row = context.deps.store.read((reader) => findJmapSubmission(reader, context.account, submission));
  return row && withRecipients(row, context);
}
