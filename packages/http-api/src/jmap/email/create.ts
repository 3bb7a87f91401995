import type { Flag, MailboxId, StagedBlob } from '@stopgap/core';
import { addMessage, type MailTx } from '@stopgap/mailbox';
import { createDigester, type MessageDigest } from '@stopgap/message';
import { findMessage } from '@stopgap/store';
import type { HttpApiDeps } from '../../deps.ts';
import { wire } from '../ids.ts';
import { messageBlobId } from '../blobs/blob-ids.ts';
import { SetProblem, setProblemOf } from '../method-error.ts';
import type { CallContext, Json } from '../method.ts';
import { invalidProperties, type SetOutcome } from '../set.ts';
import { composeEmail } from './compose/compose.ts';
import { flagsOf, mailboxOf } from './place-and-flags.ts';

/** A message whose bytes are at hand and that is to be added. */
export interface StagedEmail {
  readonly creationId: string;
  readonly mailbox: MailboxId;
  readonly flags: readonly Flag[];
  readonly receivedAtMs: number;
  readonly blob: StagedBlob;
  readonly digest: MessageDigest;
}

/** Writes the messages of a set; what can not be made is told in the outcome. */
export async function stageCreations(
  creations: readonly (readonly [string, Json])[],
  { context, outcome }: { readonly context: CallContext; readonly outcome: SetOutcome },
): Promise<readonly StagedEmail[]> {
  const staged: StagedEmail[] = [];
  for (const [creationId, object] of creations) {
    try {
      staged.push(await stageOne(creationId, object, context));
    } catch (error) {
      outcome.refuse('created', creationId, setProblemOf(error));
    }
  }
  return staged;
}

async function stageOne(creationId: string, object: Json, context: CallContext): Promise<StagedEmail> {
  const { mailboxIds, keywords = {}, receivedAt, ...content } = object;
  const mailbox = mailboxOf(mailboxIds, context);
  const flags = flagsOf(keywords);
  const receivedAtMs = receivedAt === undefined ? context.deps.clock.nowMs() : dateOf(receivedAt);
  return { creationId, mailbox, flags, receivedAtMs, ...(await stageBytes(composeEmail(content, context), context.deps)) };
}

/** @throws SetProblem tooLarge, overQuota */
export async function stageBytes(
  chunks: AsyncIterable<Buffer>,
  { store, limits, roomFor }: Pick<HttpApiDeps, 'store' | 'limits' | 'roomFor'>,
): Promise<{ readonly blob: StagedBlob; readonly digest: MessageDigest }> {
  const writer = store.blobs.stage();
  const digester = createDigester();
  let size = 0;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > limits.messageBytes) throw new SetProblem('tooLarge', `A message has ${limits.messageBytes} bytes at most.`);
      if (!roomFor(size)) throw new SetProblem('overQuota', 'There is no room on the disk.');
      digester.write(chunk);
      await writer.write(chunk);
    }
    return { blob: await writer.finish(), digest: digester.finish() };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** @throws MailError as `addMessage` does */
export function addStaged(
  mail: MailTx,
  { mailbox, flags, receivedAtMs, blob, digest }: Omit<StagedEmail, 'creationId'>,
): Json & { readonly id: string } {
  const { id, thread } = addMessage(mail, { mailbox, flags, receivedAtMs, blob, digest, completeness: 'raw', by: 'here' });
  const row = findMessage(mail.tx, id);
  return {
    id: wire.email(id),
    blobId: row === undefined ? '' : messageBlobId(row),
    threadId: wire.thread(thread),
    size: digest.sizeBytes,
  };
}

/** RFC 8620 1.4 UTCDate. @throws SetProblem invalidProperties */
export function dateOf(value: unknown, property = 'receivedAt'): number {
  const ms =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value)
      ? Date.parse(value)
      : Number.NaN;
  if (Number.isNaN(ms)) throw invalidProperties([property], 'That is no date.');
  return ms;
}
