/*
 * What left by a webmail was stored in Sent by it, and the user's program may store it there, too, at the provider or here: one message. The copy that left is
 * known by the trace that the outbox put on top of it, the other one is the same below that, but for its Date. The one that left stays, for it proves that it
 * did; but not if the other one says who was sent it blindly, which nothing else does.
 * What a webmail wrote anew, as it can not resend, has no trace and other bytes. It is known by its Message-ID and by what the editor adds, and gives way to the
 * message itself.
 */
import type { BlobRef, MailboxId, MessageId, SubmissionId } from '@stopgap/core';
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
  submissionsOfMessage,
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
    messages.map(async (message) => ({ message, ...(await howItCame(round, message)), hash: await hashOf(round, message.blob) })),
  );
  const handedIn = copies.some(({ isAnew }) => isAnew) ? await asHandedIn(round, messages) : [];
  const submissions = [...copies.flatMap(({ left }) => left ?? []), ...handedIn.map(({ id }) => id)];
  if (submissions.some((id) => isAtWork(round, id, atWork))) return false;
  const gone = new Set<MessageId>();
  for (const { message, hash, isAnew } of copies.filter(({ left }) => left === undefined)) {
    const sent = copies.find((one) => {
      const isSame = isAnew ? !one.isAnew && handedIn.some((row) => row.hash === one.hash) : one.left !== undefined && one.hash === hash;
      return isSame && !gone.has(one.message.id);
    })?.message;
    if (!sent) continue;
    const isOnlyBlind = isBlind(round, message) && !isBlind(round, sent);
    // It names those alone to whom it was sent by that attempt.
    if (isOnlyBlind && isAnew) continue;
    const [stays, goes] = isOnlyBlind ? [message, sent] : [sent, message];
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

async function hashOf({ deps }: Round, blob: BlobRef | undefined): Promise<string | undefined> {
  return blob && (await looseHash(deps.store.blobs.open(blob), { isBelowTrace: true, isAsStored: true }));
}

/** What the relay was given of this Message-ID to be sent, as long as it keeps it. */
async function asHandedIn(
  round: Round,
  [first]: readonly MessageRow[],
): Promise<readonly { readonly id: SubmissionId; readonly hash: string | undefined }[]> {
  const { deps, account } = round;
  const rows = deps.store.read((reader) => {
    const messageId = first && findMessageView(reader, first.id)?.envelope.messageId;
    return messageId === undefined ? [] : submissionsOfMessage(reader, account, messageId);
  });
  return Promise.all(rows.map(async ({ id, blob }) => ({ id, hash: await hashOf(round, blob) })));
}

function isBlind({ deps }: Round, { id }: MessageRow): boolean {
  return (deps.store.read((reader) => findMessageView(reader, id))?.envelope.bcc.length ?? 0) > 0;
}

function isAtWork({ deps }: Round, submission: SubmissionId, { sinceMs, submissions }: OutboxAtWork): boolean {
  if (submissions.has(submission)) return true;
  return deps.store.read((reader) => openSentCopies(reader).includes(submission) || hasMarkedSince(reader, submission, sinceMs));
}

interface Coming {
  /** It left by us: its trace names this submission of the account. */
  readonly left?: SubmissionId;
  /** Written in Roundcube's editor, which adds X-Sender; resending adds it, too, but on top. */
  readonly isAnew: boolean;
}

async function howItCame({ deps, account }: Round, { blob }: MessageRow): Promise<Coming> {
  const fields = blob ? parseHeader(await headOf(deps.store.blobs.open(blob))) : [];
  const firstOwn = fields.findIndex(({ name }) => !isTrace(name));
  const traces = firstOwn < 0 ? fields : fields.slice(0, firstOwn);
  const isAnew = traces.length === 0 && fields.some(({ name }) => name === 'x-sender');
  for (const field of traces) {
    const id = field.name === 'received' ? /\bid ([a-z0-9]+)\.\d+/.exec(unfoldedValue(field))?.[1] : undefined;
    const found = id === undefined ? undefined : deps.store.read((reader) => findSubmission(reader, id as SubmissionId));
    if (found?.account === account) return { left: found.id, isAnew };
  }
  return { isAnew };
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
