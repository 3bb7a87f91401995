import { z } from 'zod';
import { changesArguments, getArguments, OUTBOX } from '@stopgap/jmap';
import { cancel, hold, release, resolve, retryNow, type Changed } from '@stopgap/outbox';
import type { SubmissionId } from '@stopgap/core';
import { listSubmissionMarks } from '@stopgap/store';
import { wantedIds, wantedProperties } from '../get.ts';
import { unwire, wire } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { MethodError, setErrorOf, SetProblem } from '../method-error.ts';
import { method, type CallContext, type Json } from '../method.ts';
import { changedSubmissions } from '../submission/changes.ts';
import { ACTIONS, actionsOf, ENTRY_PROPERTIES, entryObject, findEntry, type Action } from './entry-object.ts';

/** `OutboxEntry/get`: without ids the newest ones, those that wait among them. */
export const entryGet = method(OUTBOX, getArguments, async (args, context) => {
  const { deps, account, submissions } = context;
  const wanted = wantedProperties(args.properties, ENTRY_PROPERTIES);
  const state = submissions.current(account);
  const ids =
    wantedIds(args) ??
    deps.store.read((reader) => listSubmissionMarks(reader, account, LIMITS.maxObjectsInGet)).map(({ id }) => wire.submission(id));
  const list: Json[] = [];
  const notFound: string[] = [];
  for (const id of ids) {
    const submission = unwire.submission(id);
    const found = submission === undefined ? undefined : findEntry(submission, context);
    if (found === undefined) notFound.push(id);
    else list.push(await entryObject(found, wanted, context));
  }
  return { state, list, notFound };
});

export const entryChanges = method(OUTBOX, changesArguments, (args, context) => changedSubmissions(args, context, () => true));

const actSchema = z.strictObject({ accountId: z.string(), ids: z.array(z.string()), action: z.enum(ACTIONS) });

/**
 * `OutboxEntry/act`: what a person decides. `acted`: how many recipients it changed, and how many are leaving at this moment and could not be; `notActed`:
 * `notFound`, or `notPossible` where nothing of it can be changed so.
 */
export const entryAct = method(OUTBOX, actSchema, async ({ ids, action }, context) => {
  if (ids.length > LIMITS.maxObjectsInSet) throw new MethodError('requestTooLarge');
  const acted: [string, Changed][] = [];
  const notActed: [string, Json][] = [];
  for (const id of new Set(ids)) {
    const submission = unwire.submission(id);
    const found = submission === undefined ? undefined : findEntry(submission, context);
    if (found === undefined) notActed.push([id, setErrorOf(new SetProblem('notFound'))]);
    else if (!actionsOf(found.detail.recipients).includes(action)) {
      notActed.push([id, setErrorOf(new SetProblem('notPossible', 'That can not be done with it now.'))]);
    } else acted.push([id, await act(found.id, action, context)]);
  }
  if (acted.length > 0) {
    context.deps.notifyOutbox();
    context.deps.news.changed(context.account);
  }
  return {
    acted: Object.fromEntries(acted),
    notActed: Object.fromEntries(notActed),
    newState: context.submissions.current(context.account),
  };
});

function act(id: SubmissionId, action: Action, { deps }: CallContext): Promise<Changed> {
  const options = { store: deps.store, clock: deps.clock };
  switch (action) {
    case 'cancel':
      return cancel(options, id);
    case 'sendNow':
      return retryNow(options, id);
    case 'hold':
      return hold(options, id);
    case 'release':
      return release(options, id);
    case 'delivered':
    case 'resend':
      return resolve(options, id, action);
    default:
      return action satisfies never;
  }
}
