import { createHash, randomUUID } from 'node:crypto';
import { accountIdOf, MailError, type StagedBlob, type SubmissionId } from '@stopgap/core';
import { createSubmissionFilter, refusalOf, type SubmissionFacts } from '@stopgap/message';
import type { KeptBeside, PutRequest } from '@stopgap/outbox';
import type { MessageRow } from '@stopgap/store';
import { SetProblem } from '../method-error.ts';
import type { CallContext } from '../method.ts';
import type { OutgoingEnvelope } from './envelope.ts';

/** A loop through us. */
const HOPS_WITH_US = 10;
const MOST_HOPS = 50;

/** Checks and takes a message for the queue: what the submission door does with one that comes by SMTP. @throws SetProblem */
export async function send(
  row: MessageRow,
  envelope: OutgoingEnvelope,
  { context, beside }: { readonly context: CallContext; readonly beside: KeptBeside },
): Promise<SubmissionId> {
  const { deps, account, person, remoteAddress } = context;
  const { blob, facts, clientHash } = await filtered(row, context);
  const { sendLater, parameters: _, ...rest } = envelope;
  const request: PutRequest = {
    account,
    provider: person.provider,
    envelope: { ...rest, eightBitMime: facts.hasEightBit },
    messageId: facts.messageId,
    blob,
    clientHash,
    generatedMessageId: facts.addedMessageId,
    helo: 'localhost',
    protocol: 'HTTP',
    ...(sendLater === undefined ? {} : { sendLater }),
  };
  const { id, repeated } = await deps.put(request, beside);
  deps.accepted({
    id,
    account,
    from: envelope.from,
    recipients: envelope.recipients.length,
    sizeBytes: blob.sizeBytes,
    messageId: facts.messageId,
    remoteAddress,
    repeated,
  });
  return id;
}

interface Filtered {
  readonly blob: StagedBlob;
  readonly facts: SubmissionFacts;
  readonly clientHash: string;
}

/** Bcc goes, Date and Message-ID come where they are missing (RFC 6409 8). */
async function filtered(row: MessageRow, { deps, person }: CallContext): Promise<Filtered> {
  if (row.blob === undefined || row.completeness === 'headers') throw invalidEmail('Its body is not here.');
  if (row.blob.sizeBytes > deps.limits.messageBytes) throw new SetProblem('tooLarge', '', { maxSize: deps.limits.messageBytes });
  if (!deps.roomFor(row.blob.sizeBytes)) throw new SetProblem('forbiddenToSend', 'There is no room on the disk.');
  const filter = createSubmissionFilter({ nowMs: deps.clock.nowMs(), newMessageId: () => `<${randomUUID()}@${deps.hostname}>` });
  const writer = deps.store.blobs.stage();
  const hash = createHash('sha256');
  try {
    for await (const chunk of deps.store.blobs.open(row.blob)) {
      hash.update(chunk);
      for (const piece of filter.push(chunk)) await writer.write(piece);
    }
    const { chunks, facts } = filter.end();
    for (const piece of chunks) await writer.write(piece);
    refuseFault(facts, { own: person.addresses, hostname: deps.hostname });
    return { blob: await writer.finish(), facts, clientHash: hash.digest('hex') };
  } catch (error) {
    await writer.abort();
    if (error instanceof MailError && error.kind === 'permanent') throw invalidEmail(error.reply ?? error.message);
    throw error;
  }
}

/** As `smtp-intake` does: every address that a reader could take for the author is the account's own, and nothing can be read in two ways. */
function refuseFault(facts: SubmissionFacts, { own, hostname }: { readonly own: readonly string[]; readonly hostname: string }): void {
  const authors = [...facts.from, ...(facts.sender === undefined ? [] : [facts.sender])];
  if (authors.some((author) => !own.includes(accountIdOf(author)))) {
    throw new SetProblem('forbiddenFrom', 'You may write only as your own address.');
  }
  const [problem] = facts.problems;
  if (problem !== undefined) throw invalidEmail(refusalOf(problem).reply ?? problem);
  if (facts.hops > MOST_HOPS || (facts.hops > HOPS_WITH_US && facts.ownReceived(hostname))) throw invalidEmail('It goes round in a loop.');
}

function invalidEmail(description: string): SetProblem {
  return new SetProblem('invalidEmail', description);
}
