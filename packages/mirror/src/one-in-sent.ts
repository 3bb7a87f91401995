/*
 * What left by a webmail was stored in Sent by it, and the user's program may store it there, too, at the provider or here: one message. The copy that left is
 * known by the trace that the outbox put on top of it, the other one is the same below that, but for its Date. The one that left stays: it proves that it did.
 */
import type { MailboxId, SubmissionId } from '@stopgap/core';
import { changeFlags, expungeMessages } from '@stopgap/mailbox';
import { MAX_HEADER_BYTES, findHeaderEnd, parseHeader, unfoldedValue } from '@stopgap/message';
import {
  findMailbox,
  findMessageView,
  findSubmission,
  listMailboxMessages,
  listRemoteMessagesOf,
  type MessageRow,
  type Reader,
} from '@stopgap/store';
import { isTrace, looseHash } from './content.ts';
import type { Place, Round } from './round.ts';

/** The two come within minutes of each other. */
const LATEST = 50;

/** @param news mailboxes into which something came in this round; after a start, and on another path, Sent is looked at in any case */
export async function keepOneInSent(round: Round, places: Iterable<Place>, news: ReadonlySet<MailboxId>): Promise<void> {
  const { store } = round.deps;
  for (const place of places) {
    const { row, mailbox } = place;
    if (!row || (round.memory.tidied.has(row.id) && !news.has(mailbox))) continue;
    if (store.read((reader) => findMailbox(reader, mailbox))?.role !== 'sent') continue;
    for (const same of store.read((reader) => sameIds(reader, mailbox, row.id))) await keepOneOf(round, same);
    round.memory.tidied.add(row.id);
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

async function keepOneOf(round: Round, messages: readonly MessageRow[]): Promise<void> {
  const { deps, account, report } = round;
  const copies = await Promise.all(
    messages.map(async (message) => ({
      message,
      hasLeft: await hasLeft(round, message),
      hash: message.blob && (await looseHash(deps.store.blobs.open(message.blob), { isBelowTrace: true, isDateOpen: true })),
    })),
  );
  for (const { message, hash } of copies.filter((copy) => !copy.hasLeft)) {
    const kept = copies.find((copy) => copy.hasLeft && copy.hash === hash);
    if (!kept) continue;
    await deps.mailboxes.write(account, (mail) => {
      changeFlags(mail, [kept.message.id], { add: message.flags, remove: [] }, 'here');
      expungeMessages(mail, [message.id], 'here');
    });
    report.decided({ what: 'a message appended to Sent', why: 'the same message was there already' });
  }
}

/** By us: its trace names a submission of this account. */
async function hasLeft({ deps, account }: Round, { blob }: MessageRow): Promise<boolean> {
  if (!blob) return false;
  const fields = parseHeader(await headOf(deps.store.blobs.open(blob)));
  for (const field of fields) {
    if (!isTrace(field.name)) return false;
    const id = field.name === 'received' ? /\bid ([a-z0-9]+)\.\d+/.exec(unfoldedValue(field))?.[1] : undefined;
    if (id !== undefined && deps.store.read((reader) => findSubmission(reader, id as SubmissionId))?.account === account) return true;
  }
  return false;
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
