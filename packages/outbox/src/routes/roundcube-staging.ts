/*
 * The staging mailbox: our own, in the person's storage, for the moment between putting a message there and resending it. A copy in it proves
 * nothing about sending. Two states: unflagged is "put here"; flagged is "the webmail lost its mail server in the middle of this one",
 * which no look into Sent can settle.
 */
import { STAGING_MAILBOX, type DeliveryJob } from '@stopgap/core';
import {
  deleteMessages,
  ensureFolder,
  hasRoundcubeCode,
  importMessage,
  markMessages,
  messageIdCriterion,
  roundcubeError,
  searchMailbox,
  type RoundcubeSession,
} from '@stopgap/upstreams/web';
import { findCopies, readCopies, type CopyQuery } from './roundcube-copies.ts';

export interface Staged {
  readonly mbox: string;
  readonly uid: number;
}

/** The staging mailbox: made on demand, Drafts where the storage allows no new one. */
export async function stagingMailbox(session: RoundcubeSession, signal: AbortSignal): Promise<string> {
  try {
    return await ensureFolder(session, STAGING_MAILBOX, signal);
  } catch (error) {
    const drafts = session.folders.find((folder) => folder.role === 'drafts');
    if (drafts === undefined || !hasRoundcubeCode(error, 'unavailable')) throw error;
    return drafts.id;
  }
}

/** Puts the job's message into staging and finds it there again. Clears away what earlier attempts at the same message left. */
export async function stage(
  session: RoundcubeSession,
  job: Pick<DeliveryJob, 'messageId' | 'witness'>,
  open: () => AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<Staged> {
  const mbox = await stagingMailbox(session, signal);
  await removeLeftovers(session, mbox, job.messageId, signal);
  await importMessage(session, { mbox, open, signal });
  const [copy] = (await findCopies(session, mbox, job, signal)).toReversed();
  if (copy === undefined) throw roundcubeError('void', 'The message can not be found where the webmail put it.', { host: session.host });
  return { mbox, uid: copy.uid };
}

export async function unstage(session: RoundcubeSession, staged: Staged, signal: AbortSignal): Promise<void> {
  await deleteMessages(session, { mbox: staged.mbox, uids: [staged.uid], signal });
}

export async function flagAsUnclear(session: RoundcubeSession, staged: Staged, signal: AbortSignal): Promise<void> {
  await markMessages(session, { mbox: staged.mbox, uids: [staged.uid], signal }, 'flagged');
}

/** Did the webmail lose its mail server in the middle of this attempt's message? */
export async function isUnclear(session: RoundcubeSession, mbox: string, query: CopyQuery, signal: AbortSignal): Promise<boolean> {
  const staged = await findCopies(session, mbox, query, signal);
  if (staged.length === 0) return false;
  const flagged = new Set(await searchMailbox(session, mbox, 'FLAGGED', signal));
  return staged.some((copy) => flagged.has(copy.uid));
}

/**
 * The outbox tries no recipient again whose earlier attempt is in doubt, so an unflagged copy is of no more use. In Drafts, a draft of
 * the person's own has no Received field on top.
 */
async function removeLeftovers(session: RoundcubeSession, mbox: string, messageId: string, signal: AbortSignal): Promise<void> {
  const criterion = messageIdCriterion(messageId);
  if (criterion === undefined) return;
  const copies = await readCopies(session, mbox, `UNFLAGGED ${criterion}`, signal);
  const uids = copies.filter((copy) => copy.isOurs).map((copy) => copy.uid);
  await deleteMessages(session, { mbox, uids, signal });
}
