import { z } from 'zod';
import { MAIL } from '@stopgap/jmap';
import { mailboxIn } from '@stopgap/mailbox';
import { openBlob } from '../blobs/open-blob.ts';
import { LIMITS } from '../limits.ts';
import { MethodError, SetProblem, setProblemOf } from '../method-error.ts';
import { method, type CallContext, type Json } from '../method.ts';
import { invalidProperties, SetOutcome } from '../set.ts';
import { expectState } from '../states.ts';
import { blobNotFound } from './compose/compose.ts';
import { addStaged, dateOf, stageBytes, type StagedEmail } from './create.ts';
import { lastReceivedMs } from './header-block.ts';
import { flagsOf, mailboxOf } from './place-and-flags.ts';

const schema = z.strictObject({
  accountId: z.string(),
  ifInState: z.string().nullish(),
  emails: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** RFC 8621 4.8. Bytes are taken as they are, whatever they are. */
export const emailImport = method(MAIL, schema, async (args, context) => {
  const { deps, account } = context;
  const emails = Object.entries(args.emails);
  if (emails.length > LIMITS.maxObjectsInSet) throw new MethodError('requestTooLarge');
  const outcome = new SetOutcome(context.createdIds);
  const staged: StagedEmail[] = [];
  for (const [creationId, object] of emails) {
    const one = await stageOne(creationId, object, context).catch((error: unknown) => setProblemOf(error));
    if (one instanceof SetProblem) outcome.refuse('created', creationId, one);
    else staged.push(one);
  }
  const states = await deps.mailboxes.write(account, (mail) => {
    const oldState = String(mail.books.opened.modSeq);
    expectState(args.ifInState, oldState);
    for (const email of staged) {
      outcome.create(email.creationId, () => {
        if (mailboxIn(mail, email.mailbox) === undefined) throw invalidProperties(['mailboxIds'], 'There is no such mailbox.');
        return addStaged(mail, email);
      });
    }
    return { oldState, newState: String(mail.books.counters.modSeq) };
  });
  if (states.newState !== states.oldState) deps.notifyMirror(account);
  const { created, notCreated } = outcome.json(states);
  return { ...states, created, notCreated };
});

async function stageOne(creationId: string, object: Json, context: CallContext): Promise<StagedEmail> {
  const { blobId, mailboxIds, keywords = {}, receivedAt, ...others } = object;
  if (Object.keys(others).length > 0) throw invalidProperties(Object.keys(others));
  const mailbox = mailboxOf(mailboxIds, context);
  const flags = flagsOf(keywords);
  const givenMs = receivedAt === undefined ? undefined : dateOf(receivedAt);
  if (typeof blobId !== 'string') throw invalidProperties(['blobId']);
  const blob = await openBlob(context.deps.store, context.account, blobId);
  if (blob === undefined) throw blobNotFound([blobId]);
  if (blob.sizeBytes === 0) throw new SetProblem('invalidEmail', 'There is nothing in it.');
  const nowMs = context.deps.clock.nowMs();
  const receivedAtMs = givenMs ?? (await lastReceivedMs(blob.bytes(), nowMs)) ?? nowMs;
  return { creationId, mailbox, flags, receivedAtMs, ...(await stageBytes(blob.bytes(), context.deps)) };
}
