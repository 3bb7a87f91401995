/*
 * What is done once it is proven that a message left: the copy in staging, which is the message itself, takes the place of the one with Resent-*
 * fields in Sent. Each step leaves a witness in Sent, so it may stop anywhere and be done again from the start:
 *   Resent copy in Sent, message in staging -> message read and moved to Sent -> Resent copies deleted -> staging cleared.
 */
import { deleteMessages, markMessages, moveMessages, searchMailbox, type RoundcubeSession } from '@stopgap/upstreams/web';
import { attemptsCriterion, findCopies, readCopies, type Copy, type CopyQuery } from './roundcube-copies.ts';
import { idOf, submissionOf } from './witness.ts';

/** Left over from crashes; more are done the next time. */
const MOST_LEFTOVERS = 10;

export interface Places {
  readonly sent: string;
  readonly staging: string;
}

export async function tidy(session: RoundcubeSession, places: Places, query: CopyQuery, signal: AbortSignal): Promise<void> {
  let inSent = await findCopies(session, places.sent, query, signal);
  const staged = await findCopies(session, places.staging, query, signal);
  const [first, ...rest] = staged.map((copy) => copy.uid);
  const surplus = [...rest];
  if (inSent.some((copy) => !copy.isResent)) {
    if (first !== undefined) surplus.push(first);
  } else if (first !== undefined) {
    const messages = { mbox: places.staging, uids: [first], signal };
    // Also without the star of an attempt that was unclear.
    await markMessages(session, messages, 'read');
    await markMessages(session, messages, 'unflagged');
    await moveMessages(session, messages, places.sent);
    inSent = await findCopies(session, places.sent, query, signal);
  }
  await keepOne(session, places.sent, inSent, signal);
  await deleteMessages(session, { mbox: places.staging, uids: surplus, signal });
}

/** Deletes nothing unless the message itself is there. */
async function keepOne(session: RoundcubeSession, sent: string, copies: readonly Copy[], signal: AbortSignal): Promise<void> {
  const [exact, ...doubles] = copies.filter((copy) => !copy.isResent);
  if (exact === undefined) return;
  const surplus = [...doubles, ...copies.filter((copy) => copy.isResent)];
  await deleteMessages(session, { mbox: sent, uids: surplus.map((copy) => copy.uid), signal });
}

/**
 * Tidies after attempts that were delivered and could not be tidied then: whatever stands in staging and, with the very same Received field, in
 * Sent. A copy whose message itself came into Sent by a later attempt is deleted: the webmail was still storing it when its attempt had died.
 * Everything else in staging is somebody's unsettled attempt and stays.
 */
export async function tidyLeftovers(session: RoundcubeSession, places: Places, signal: AbortSignal): Promise<void> {
  const staged = await searchMailbox(session, places.staging, 'UNFLAGGED', signal);
  for (const uid of staged.slice(0, MOST_LEFTOVERS)) {
    const [copy] = await readCopies(session, places.staging, `UID ${uid}`, signal);
    const witness = copy?.isOurs === true ? idOf(copy.traces[0] ?? '') : undefined;
    if (copy === undefined || witness === undefined) continue;
    const query = { messageId: copy.messageId, witness };
    const sent = await findCopies(session, places.sent, query, signal);
    if (sent.length > 0) await tidy(session, places, query, signal);
    else if (await isInSentByOtherAttempt(session, places.sent, query, signal))
      await deleteMessages(session, { mbox: places.staging, uids: [uid], signal });
  }
}

async function isInSentByOtherAttempt(session: RoundcubeSession, sent: string, query: CopyQuery, signal: AbortSignal): Promise<boolean> {
  const copies = await readCopies(session, sent, attemptsCriterion(query), signal);
  const submission = submissionOf(query.witness);
  return copies.some((copy) => copy.isOurs && !copy.isResent && submissionOf(idOf(copy.traces[0] ?? '') ?? '') === submission);
}
