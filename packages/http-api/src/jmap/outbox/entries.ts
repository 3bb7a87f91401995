import { z } from 'zod';
import { changesArguments, getArguments, OUTBOX } from '@stopgap/jmap';
import { cancel, hold, release, resolve, retryNow, type Changed } from '@stopgap/outbox';
import type { SubmissionId } from '@stopgap/core';
import { listSubmissionMarks } from '@stopgap/store';
import { wantedIds, wantedProperties } from '../get.ts';
import { unwire, wire } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { MethodError, setErrorOf, SetProblem } from '../method-error.ts';
import { problemOf, readOr } from '../method-failure.ts';
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
 * `notFound`, `notPossible` where nothing of it can be changed so, or what failed here: each is done by itself, and what was done is told.
 */
export const entryAct = method(OUTBOX, actSchema, async ({ ids, action }, context) => {
  if (ids.length > LIMITS.maxObjectsInSet) throw new MethodError('requestTooLarge');
  const where = { ...context, method: 'OutboxEntry/act' };
  const oldState = context.submissions.current(context.account);
  const acted: [string, Changed][] = [];
  const notActed: [string, Json][] = [];
  for (const id of new Set(ids)) {
    const changed = await actOn(id, action, context).catch((error: unknown) => problemOf(error, where));
    if (changed instanceof SetProblem) notActed.push([id, setErrorOf(changed)]);
    else acted.push([id, changed]);
  }
  if (acted.length > 0) {
    context.deps.notifyOutbox();
    context.deps.news.changed(context.account);
  }
  return {
    acted: Object.fromEntries(acted),
    notActed: Object.fromEntries(notActed),
    newState: readOr(() => context.submissions.current(context.account), oldState, where),
  };
});

/** @throws SetProblem notFound, notPossible */
async function actOn(id: string, action: Action, context: CallContext): Promise<Changed> {
  const submission = unwire.submission(id);
  const found = submission === undefined ? undefined : findEntry(submission, context);
  if (found === undefined) throw new SetProblem('notFound');
  if (!actionsOf(found.detail.recipients).includes(action)) throw new SetProblem('notPossible', 'That can not be done with it now.');
  return await act(found.id, action, context);
}

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
    case 'cancelled':
      return resolve(options, id, action);
    default:
      return action satisfies never;
  }
}
