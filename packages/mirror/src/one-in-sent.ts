/*
 * What left by a webmail was stored in Sent by it, and the user's program may store it there, too, at the provider or here: one message. The copy that left is
 * known by the trace that the outbox put on top of it, the other one is the same below that, but for its Date. The one that left stays, for it proves that it
 * did; but not if the other one says who was sent it blindly, which nothing else does.
 */
import type { MailboxId, MessageId, SubmissionId } from '@stopgap/core';
import { changeFlags, expungeMessages } from '@stopgap/mailbox';
import { MAX_HEADER_BYTES, findHeaderEnd, parseHeader, unfoldedValue } from '@stopgap/message';
import {
  findMailbox,
  findMessage,
  findMessageView,
  findSubmission,
  hasMarkedSince,
  listMailboxMessages,
  listRemoteMessagesOf,
  openSentCopies,
  type MessageRow,
  type Reader,
} from '@stopgap/store';
import { isTrace, looseHash } from './content.ts';
import type { Place, Round } from './round.ts';

/** The two come within minutes of each other. */
const LATEST = 50;

/**
 * What the outbox was doing in Sent when the round began to look at it: it moves what it sent there, and deletes what the webmail stored of the sending. As long
 * as it does not know how that ended, what is there is its only proof.
 */
export interface OutboxAtWork {
  readonly sinceMs: number;
  readonly submissions: ReadonlySet<SubmissionId>;
}

export function outboxAtWork({ deps }: Round): OutboxAtWork {
  return { sinceMs: deps.clock.nowMs(), submissions: new Set(deps.store.read((reader) => openSentCopies(reader))) };
}

/**
 * @param news mailboxes into which something came in this round; after a start, and on another path, Sent is looked at in any case
 * @param atWork as the round began: what the outbox had not put in order by then may look otherwise now, and is left to the next round
 */
export async function keepOneInSent(
  round: Round,
  places: Iterable<Place>,
  { news, atWork }: { readonly news: ReadonlySet<MailboxId>; readonly atWork: OutboxAtWork },
): Promise<void> {
  const { store } = round.deps;
  for (const place of places) {
    const { row, mailbox } = place;
    if (!row || (round.memory.tidied.has(row.id) && !news.has(mailbox))) continue;
    if (store.read((reader) => findMailbox(reader, mailbox))?.role !== 'sent') continue;
    let isAllTidied = true;
    for (const same of store.read((reader) => sameIds(reader, mailbox, row.id))) {
      if (!(await keepOneOf(round, same, atWork))) isAllTidied = false;
    }
    if (isAllTidied) round.memory.tidied.add(row.id);
    else round.memory.tidied.delete(row.id);
  }
}

/** Messages that upstream has, of the latest, by Message-ID, where several have one. */
function sameIds(reader: Reader, mailbox: MailboxId, row: number): readonly (readonly MessageRow[])[] {
  const afterUid = Math.max(0, (findMailbox(reader, mailbox)?.uidNext ?? 0) - LATEST - 1);
  const latest = listMailboxMessages(reader, mailbox, { afterUid, limit: LATEST }).filter(
    ({ id, completeness }) =>
      completeness === 'raw' &&
      listRemoteMessagesOf(reader, id).some((known) => known.remoteMailbox === row && known.missedAtMs === undefined),
  );
  const groups = Map.groupBy(latest, ({ id }) => findMessageView(reader, id)?.envelope.messageId);
  return [...groups].flatMap(([messageId, messages]) => (messageId === undefined || messages.length < 2 ? [] : [messages]));
}

/** False: there is more to be decided, or not yet. */
async function keepOneOf(round: Round, messages: readonly MessageRow[], atWork: OutboxAtWork): Promise<boolean> {
  const { deps, account, report } = round;
  const copies = await Promise.all(
    messages.map(async (message) => ({
      message,
      left: await leftAs(round, message),
      hash: message.blob && (await looseHash(deps.store.blobs.open(message.blob), { isBelowTrace: true, isAsStored: true })),
    })),
  );
  if (copies.some(({ left }) => left !== undefined && isAtWork(round, left, atWork))) return false;
  const gone = new Set<MessageId>();
  for (const { message, hash } of copies.filter(({ left }) => left === undefined)) {
    const sent = copies.find((one) => one.left !== undefined && one.hash === hash && !gone.has(one.message.id))?.message;
    if (!sent) continue;
    const [stays, goes] = isBlind(round, message) && !isBlind(round, sent) ? [message, sent] : [sent, message];
    gone.add(goes.id);
    const isDecided = await deps.mailboxes.write(account, (mail) => {
      // Moved or marked while they were compared: the next round tells.
      if ([stays, goes].some(({ id, modSeq }) => findMessage(mail.tx, id)?.modSeq !== modSeq)) return false;
      changeFlags(mail, [stays.id], { add: goes.flags, remove: [] }, 'here');
      expungeMessages(mail, [goes.id], 'here');
      return true;
    });
    if (!isDecided) return false;
    report.decided({ what: 'a message appended to Sent', why: 'the same message was there already' });
  }
  // Of three, the one that stays may have to go for another one.
  return gone.size === 0;
}

function isBlind({ deps }: Round, { id }: MessageRow): boolean {
  return (deps.store.read((reader) => findMessageView(reader, id))?.envelope.bcc.length ?? 0) > 0;
}

function isAtWork({ deps }: Round, submission: SubmissionId, { sinceMs, submissions }: OutboxAtWork): boolean {
  if (submissions.has(submission)) return true;
  return deps.store.read((reader) => openSentCopies(reader).includes(submission) || hasMarkedSince(reader, submission, sinceMs));
}

/** By us: its trace names a submission of this account. */
async function leftAs({ deps, account }: Round, { blob }: MessageRow): Promise<SubmissionId | undefined> {
  if (!blob) return undefined;
  const fields = parseHeader(await headOf(deps.store.blobs.open(blob)));
  for (const field of fields) {
    if (!isTrace(field.name)) return undefined;
    const id = field.name === 'received' ? /\bid ([a-z0-9]+)\.\d+/.exec(unfoldedValue(field))?.[1] : undefined;
    const found = id === undefined ? undefined : deps.store.read((reader) => findSubmission(reader, id as SubmissionId));
    if (found?.account === account) return found.id;
  }
  return undefined;
}

/** Empty: it is no header. */
async function headOf(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const chunk of bytes) {
    head = Buffer.concat([head, chunk]);
    const end = findHeaderEnd(head);
    if (end >= 0) return end > MAX_HEADER_BYTES ? Buffer.alloc(0) : head.subarray(0, end);
    if (head.length > MAX_HEADER_BYTES) return Buffer.alloc(0);
  }
  return head;
}
