import { z } from 'zod';
import { OUTBOX, setArguments } from '@stopgap/jmap';
import { cancel, type KeptBeside } from '@stopgap/outbox';
import {
  deleteJmapSubmission,
  findJmapSubmission,
  findJmapSubmissionByKey,
  findMessage,
  findMessageView,
  insertJmapSubmission,
  type JmapSubmissionRow,
} from '@stopgap/store';
import { setEmails } from '../email/set.ts';
import { utcDate } from '../email/header-forms.ts';
import { unwire, wire } from '../ids.ts';
import { SetProblem, setProblemOf } from '../method-error.ts';
import { answerWith, method, type CallContext, type Json } from '../method.ts';
import { invalidProperties, notFoundProblem, resolvedId, setParts, SetOutcome, withoutUnchanged, type SetParts } from '../set.ts';
import { expectState } from '../states.ts';
import { envelopeOf, envelopeSchema } from './envelope.ts';
import { findOne } from './get.ts';
import { identitiesOf } from './identities.ts';
import { send } from './send.ts';
import { submissionObject, SUBMISSION_PROPERTIES, undoStatusOf, USING, type FoundSubmission } from './submission-object.ts';

const schema = setArguments.extend({
  onSuccessUpdateEmail: z.record(z.string(), z.record(z.string(), z.unknown())).nullish(),
  onSuccessDestroyEmail: z.array(z.string()).nullish(),
});

/** RFC 8621 7.5; `key` is of `urn:stopgap:outbox`: the same key again is the same submission, however often a client asks. */
const creationSchema = z.strictObject({
  identityId: z.string(),
  emailId: z.string(),
  envelope: envelopeSchema.nullish(),
  key: z.string().min(1).max(200).optional(),
});

export const submissionSet = method(USING, schema, async (args, context) => {
  const { deps, account, submissions } = context;
  const parts = setParts(args);
  const oldState = submissions.current(account);
  expectState(args.ifInState, oldState);
  const outcome = new SetOutcome(context.createdIds);
  const emails = new Map<string, string>();
  for (const [creationId, object] of parts.create) {
    const made = await createOne(object, context).catch((error: unknown) => setProblemOf(error));
    if (made instanceof SetProblem) {
      outcome.refuse('created', creationId, made);
      continue;
    }
    outcome.create(creationId, () => made.object);
    emails.set(`#${creationId}`, wire.email(made.row.message)).set(made.object.id, wire.email(made.row.message));
  }
  await changeOthers(parts, { context, outcome, emails });
  deps.notifyOutbox();
  deps.news.changed(account);
  const value = outcome.json({ oldState, newState: submissions.current(account) });
  const further = await afterSuccess(args, emails, context);
  return answerWith(value, further === undefined ? [] : [['Email/set', { accountId: args.accountId, ...further }]]);
});

interface Made {
  readonly row: JmapSubmissionRow;
  readonly object: Json & { readonly id: string };
}

async function createOne(object: Json, context: CallContext): Promise<Made> {
  const { deps, account } = context;
  const parsed = creationSchema.safeParse(object);
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => String(issue.path[0] ?? ('keys' in issue ? issue.keys[0] : '')));
    throw invalidProperties([...new Set(names)], parsed.error.issues[0]?.message);
  }
  const { key } = parsed.data;
  if (key !== undefined && !context.using.has(OUTBOX)) throw invalidProperties(['key'], 'It belongs to urn:stopgap:outbox.');
  const known = key === undefined ? undefined : deps.store.read((reader) => findJmapSubmissionByKey(reader, account, key));
  if (known !== undefined) return madeOf(known);
  const identity = identitiesOf(context).find(({ id }) => id === parsed.data.identityId);
  if (identity === undefined) throw invalidProperties(['identityId'], 'There is no such identity.');
  const message = unwire.email(resolvedId(parsed.data.emailId, context));
  const email = message === undefined ? undefined : deps.store.read((reader) => findMessage(reader, message));
  const view = email && deps.store.read((reader) => findMessageView(reader, email.id));
  if (email === undefined || view === undefined || email.account !== account)
    throw invalidProperties(['emailId'], 'There is no such message.');
  const envelope = envelopeOf(parsed.data.envelope, view.envelope, { context, identity: identity.address });
  const made: Omit<JmapSubmissionRow, 'submission'> = {
    account,
    message: email.id,
    thread: email.thread,
    address: identity.address,
    ...(key === undefined ? {} : { key }),
    sendAtMs: envelope.sendAtMs ?? deps.clock.nowMs(),
    ...(envelope.parameters === undefined ? {} : { parameters: envelope.parameters }),
  };
  const beside: KeptBeside = {
    find: (tx) => (key === undefined ? undefined : findJmapSubmissionByKey(tx, account, key)?.submission),
    keep: (tx, submission) => insertJmapSubmission(tx, { ...made, submission }),
  };
  const submission = await send(email, envelope, { context, beside });
  // What stands here already (the client lost our answer) is told as it stands.
  return madeOf(deps.store.read((reader) => findJmapSubmission(reader, account, submission)) ?? { ...made, submission });
}

function madeOf(row: JmapSubmissionRow): Made {
  const object = {
    id: wire.submission(row.submission),
    threadId: wire.thread(row.thread),
    sendAt: utcDate(row.sendAtMs),
    undoStatus: 'pending',
  };
  return { row, object };
}

interface Changing {
  readonly context: CallContext;
  readonly outcome: SetOutcome;
  /** Of each submission that was touched. */
  readonly emails: Map<string, string>;
}

async function changeOthers({ update, destroy }: SetParts, { context, outcome, emails }: Changing): Promise<void> {
  const { deps } = context;
  for (const [id, patch] of update) {
    const real = outcome.idOf(id);
    const one = findOne(real, context);
    if (one === undefined) {
      outcome.refuse('updated', id, notFoundProblem());
      continue;
    }
    const problem = await faultOfUpdate(one, patch, context);
    if (problem !== undefined) outcome.refuse('updated', id, problem);
    else {
      outcome.update(id, () => null);
      emails.set(id, wire.email(one.row.message));
    }
  }
  for (const id of destroy) {
    const one = findOne(outcome.idOf(id), context);
    if (one === undefined) outcome.refuse('destroyed', id, notFoundProblem());
    else if (undoStatusOf(one.recipients) === 'pending')
      outcome.refuse('destroyed', id, new SetProblem('forbidden', 'It has not left yet; cancel it first.'));
    else {
      await deps.store.write((tx) => deleteJmapSubmission(tx, one.row.submission));
      outcome.destroy(id, () => undefined);
      emails.set(id, wire.email(one.row.message));
    }
  }
}

/** Undefined: it is done, or there was nothing to do. */
async function faultOfUpdate(one: FoundSubmission, given: Json, context: CallContext): Promise<SetProblem | undefined> {
  const patch = withoutUnchanged(given, currentOf(one, context));
  const names = Object.keys(patch);
  if (names.length === 0) return undefined;
  const others = names.filter((name) => name !== 'undoStatus');
  if (others.length > 0) return invalidProperties(others, 'This can not be changed.');
  if (patch['undoStatus'] !== 'canceled') return invalidProperties(['undoStatus'], 'It can only be canceled.');
  const { store, clock } = context.deps;
  const { changed } = await cancel({ store, clock }, one.row.submission);
  return changed > 0 ? undefined : new SetProblem('cannotUnsend', 'It has left, or is leaving at this moment.');
}

function currentOf(one: FoundSubmission, context: CallContext) {
  return Object.fromEntries(SUBMISSION_PROPERTIES.map((name) => [name, () => submissionObject(one, new Set([name]), context)[name]]));
}

/** RFC 8621 7.5: an Email/set of the messages whose submissions were made, changed or destroyed. */
async function afterSuccess(
  { onSuccessUpdateEmail, onSuccessDestroyEmail }: z.infer<typeof schema>,
  emails: ReadonlyMap<string, string>,
  context: CallContext,
): Promise<Json | undefined> {
  const update = Object.fromEntries(
    Object.entries(onSuccessUpdateEmail ?? {}).flatMap(([id, patch]) => {
      const email = emails.get(id);
      return email === undefined ? [] : [[email, patch] as const];
    }),
  );
  const destroy = (onSuccessDestroyEmail ?? []).flatMap((id) => emails.get(id) ?? []);
  if (Object.keys(update).length + destroy.length === 0) return undefined;
  return await setEmails({ update, destroy }, context);
}
