import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { OUTBOX, setArguments } from '@stopgap/jmap';
import { cancel, type KeptBeside } from '@stopgap/outbox';
import {
  deleteJmapSubmission,
  findJmapSubmission,
  findMessage,
  findSubmissionByKey,
  insertJmapSubmission,
  insertSubmissionKey,
  type JmapSubmissionRow,
} from '@stopgap/store';
import { setEmails } from '../email/set.ts';
import { unwire, wire } from '../ids.ts';
import { SetProblem } from '../method-error.ts';
import { failureOf, problemOf, readOr } from '../method-failure.ts';
import { answerWith, method, type CallContext, type Json } from '../method.ts';
import {
  bothPatches,
  invalidProperties,
  notFoundProblem,
  resolvedId,
  setParts,
  SetOutcome,
  withoutPaths,
  withoutUnchanged,
  type SetParts,
} from '../set.ts';
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
  const where = whereOf(context);
  const emails = new Map<string, string>();
  for (const [creationId, object] of parts.create) {
    const made = await createOne(object, context).catch((error: unknown) => problemOf(error, where));
    if (made instanceof SetProblem) {
      outcome.refuse('created', creationId, made);
      continue;
    }
    outcome.create(creationId, () => made.object);
    // Called back since it was first asked for: its message is a draft again, and not to be filed as sent.
    if (made.object['undoStatus'] === 'canceled') continue;
    emails.set(`#${creationId}`, wire.email(made.row.message)).set(made.object.id, wire.email(made.row.message));
  }
  await changeOthers(parts, { context, outcome, emails });
  deps.notifyOutbox();
  deps.news.changed(account);
  const value = outcome.json({ oldState, newState: readOr(() => submissions.current(account), oldState, where) });
  const further = await afterSuccess(args, emails, context);
  return answerWith(value, further);
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
  const known = key === undefined ? undefined : deps.store.read((reader) => findSubmissionByKey(reader, account, key));
  const knownRow = known && deps.store.read((reader) => findJmapSubmission(reader, account, known));
  const emailId = resolvedId(parsed.data.emailId, context);
  if (knownRow !== undefined) return madeOf(knownRow, { ...object, emailId }, context);
  const identity = identitiesOf(context).find(({ id }) => id === parsed.data.identityId);
  if (identity === undefined) throw invalidProperties(['identityId'], 'There is no such identity.');
  const message = unwire.email(emailId);
  const email = message === undefined ? undefined : deps.store.read((reader) => findMessage(reader, message));
  if (email === undefined || email.account !== account || email.flags.includes('$deleted'))
    throw invalidProperties(['emailId'], 'There is no such message.');
  const { blob } = email;
  if (blob === undefined) throw new SetProblem('invalidEmail', 'Its body is not here.');
  const envelope = await envelopeOf(parsed.data.envelope, deps.store.blobs.open(blob), { context, identity: identity.address });
  const made: Omit<JmapSubmissionRow, 'submission'> = {
    account,
    message: email.id,
    thread: email.thread,
    address: identity.address,
    sendAtMs: Math.max(deps.clock.nowMs(), envelope.sendLater?.atMs ?? 0),
    ...(envelope.parameters === undefined ? {} : { parameters: envelope.parameters }),
  };
  const beside: KeptBeside = {
    find: (tx) => (key === undefined ? undefined : findSubmissionByKey(tx, account, key)),
    keep(tx, submission) {
      insertJmapSubmission(tx, { ...made, submission });
      if (key !== undefined) insertSubmissionKey(tx, account, key, submission);
    },
  };
  const submission = await send(email, envelope, { context, beside });
  return madeOf({ ...made, submission }, { ...object, emailId }, context);
}

/** RFC 8620 5.3: all that is not as the client said it. What stands here already (the client lost our answer) is told as it stands. */
function madeOf(row: JmapSubmissionRow, given: Json, context: CallContext): Made {
  const id = wire.submission(row.submission);
  const read = (): Made | undefined => {
    const found = findOne(id, context);
    if (found === undefined) return undefined;
    const whole = submissionObject(found, new Set(SUBMISSION_PROPERTIES), context);
    const others = Object.entries(whole).filter(([name, value]) => !isDeepStrictEqual(value, given[name]));
    return { row: found.row, object: { ...Object.fromEntries(others), id } };
  };
  return readOr(read, undefined, whereOf(context)) ?? { row, object: { id } };
}

function whereOf(context: CallContext) {
  return { ...context, method: 'EmailSubmission/set' };
}

interface Changing {
  readonly context: CallContext;
  readonly outcome: SetOutcome;
  /** Of each submission that was touched. */
  readonly emails: Map<string, string>;
}

async function changeOthers({ update, destroy }: SetParts, { context, outcome, emails }: Changing): Promise<void> {
  const where = whereOf(context);
  const change = async (what: 'updated' | 'destroyed', id: string, fault: (one: FoundSubmission) => Promise<SetProblem | undefined>) => {
    const emailOf = async (): Promise<string | SetProblem> => {
      const one = findOne(outcome.idOf(id), context);
      return one === undefined ? notFoundProblem() : ((await fault(one)) ?? wire.email(one.row.message));
    };
    const email = await emailOf().catch((error: unknown) => problemOf(error, where));
    if (email instanceof SetProblem) return outcome.refuse(what, id, email);
    if (what === 'updated') outcome.update(id, () => null);
    else outcome.destroy(id, () => undefined);
    emails.set(id, email);
  };
  for (const [id, patch] of update) await change('updated', id, (one) => faultOfUpdate(one, patch, context));
  for (const id of destroy) await change('destroyed', id, (one) => faultOfDestruction(one, context));
}

/** Undefined: it is gone. */
async function faultOfDestruction({ row, recipients }: FoundSubmission, { deps }: CallContext): Promise<SetProblem | undefined> {
  if (undoStatusOf(recipients) === 'pending') return new SetProblem('forbidden', 'It has not left yet; cancel it first.');
  await deps.store.write((tx) => deleteJmapSubmission(tx, row.submission));
  return undefined;
}

/** Undefined: it is done, or there was nothing to do. */
async function faultOfUpdate(one: FoundSubmission, given: Json, context: CallContext): Promise<SetProblem | undefined> {
  const patch = withoutPaths(withoutUnchanged(given, currentOf(one, context)));
  const names = Object.keys(patch);
  if (names.length === 0) return undefined;
  const others = names.filter((name) => name !== 'undoStatus');
  if (others.length > 0) return invalidProperties(others, 'This can not be changed.');
  if (patch['undoStatus'] !== 'canceled') return invalidProperties(['undoStatus'], 'It can only be canceled.');
  // RFC 8621 7: what is called back reaches nobody. The rest of what somebody may have is cancelled by `OutboxEntry/act`.
  const { store, clock } = context.deps;
  const { changed } = await cancel({ store, clock }, one.row.submission, { unless: ['delivered', 'unsure', 'leaving'] });
  return changed > 0 ? undefined : new SetProblem('cannotUnsend', 'It has left, or is leaving at this moment.');
}

function currentOf(one: FoundSubmission, context: CallContext) {
  return Object.fromEntries(SUBMISSION_PROPERTIES.map((name) => [name, () => submissionObject(one, new Set([name]), context)[name]]));
}

/** RFC 8621 7.5: one Email/set of the messages whose submissions were made, changed or destroyed. Two of them may be of one message. */
async function afterSuccess(
  { onSuccessUpdateEmail, onSuccessDestroyEmail }: z.infer<typeof schema>,
  emails: ReadonlyMap<string, string>,
  context: CallContext,
): Promise<readonly (readonly [string, Json])[]> {
  const update: Record<string, Json> = {};
  for (const [id, patch] of Object.entries(onSuccessUpdateEmail ?? {})) {
    const email = emails.get(id);
    if (email !== undefined) update[email] = bothPatches(update[email] ?? {}, patch);
  }
  const destroy = (onSuccessDestroyEmail ?? []).flatMap((id) => emails.get(id) ?? []);
  if (Object.keys(update).length + destroy.length === 0) return [];
  try {
    return [['Email/set', { accountId: context.accountId, ...(await setEmails({ update, destroy }, context)) }]];
  } catch (error) {
    // What was submitted is, whatever becomes of this.
    return [['error', failureOf(error, { ...context, method: 'Email/set' })]];
  }
}
