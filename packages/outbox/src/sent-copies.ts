/*
 * A message that left by several attempts (some recipients first, others later) has a copy in Sent for each of them, where the route leaves copies; so may
 * one whose tidying was broken off, and by JMAP one that was refused still lies in Drafts. A copy is the proof of its attempt until every outcome of that
 * attempt is on record; then one copy is enough. What is to be done stands in the store from the commit that settles an attempt, so a crash forgets none,
 * and what is done may be done again.
 */
import type { PathId } from '@stopgap/core';
import {
  dueSentCopies,
  endSentCopies,
  findSubmission,
  postponeSentCopies,
  settledAttemptsOf,
  type AttemptRow,
  type SentCopiesRow,
  type SettledAttempt,
  type SubmissionRow,
} from '@stopgap/store';
import type { Deps } from './deps.ts';
import { witnessOf } from './job.ts';

/** Submissions looked after in one go, one after the other; what is left comes with the next. */
const ROWS_AT_ONCE = 50;
/** Of one submission; those past it keep their copies. */
const MOST_ATTEMPTS = 500;
const LIMIT_MS = 2 * 60 * 1000;
const SELDOM_MS = 24 * 60 * 60 * 1000;

/** Leaves one copy where several are and none is needed as a proof. Never rejects. */
export async function keepOneSentCopy(deps: Deps, signal: AbortSignal): Promise<void> {
  for (const row of dueRows(deps)) {
    if (signal.aborted) return;
    try {
      await lookAfter(row, deps, signal);
    } catch (error) {
      deps.log.error('the copies of a message in Sent could not be looked after; trying again later', { id: row.submission, error });
    }
  }
}

function dueRows({ store, clock, log }: Deps): readonly SentCopiesRow[] {
  try {
    return store.read((reader) => dueSentCopies(reader, clock.nowMs(), ROWS_AT_ONCE));
  } catch (error) {
    log.error('it could not be read which copies in Sent are to be looked after; trying again later', { error });
    return [];
  }
}

async function lookAfter(row: SentCopiesRow, deps: Deps, signal: AbortSignal): Promise<void> {
  const { submission, settled } = deps.store.read((reader) => ({
    submission: findSubmission(reader, row.submission),
    settled: settledAttemptsOf(reader, row.submission, MOST_ATTEMPTS).filter((attempt) => mayHaveLeftCopy(attempt, deps)),
  }));
  // Until another attempt is settled, which notes it anew.
  if (!submission || settled.length === 0) return deps.store.write((tx) => endSentCopies(tx, row));
  const isDone = await keepOne(submission, settled, deps, signal);
  const nowMs = deps.clock.nowMs();
  await deps.store.write((tx) => {
    if (isDone) endSentCopies(tx, row);
    else postponeSentCopies(tx, row, nowMs + untilNextTry(submission, nowMs, deps));
  });
}

function mayHaveLeftCopy(attempt: AttemptRow, deps: Deps): boolean {
  const { outcome, leftUntidy } = attempt.result ?? {};
  return (
    (leftUntidy === true || (outcome !== 'deferred' && outcome !== 'rejected')) && deps.routes.get(attempt.route)?.keepOneCopy !== undefined
  );
}

/** Two webmails of one provider show the same Sent mailbox; so each is asked about all. */
async function keepOne(submission: SubmissionRow, settled: readonly SettledAttempt[], deps: Deps, signal: AbortSignal): Promise<boolean> {
  const sending = {
    account: submission.account,
    messageId: submission.messageId,
    settledWitnesses: settled.map((attempt) => witnessOf(submission, attempt.id)),
    deliveredWitnesses: settled.filter((attempt) => attempt.hasDelivered).map((attempt) => witnessOf(submission, attempt.id)),
    credential: deps.credentialFor(submission.account),
  };
  let isDone = true;
  for (const id of new Set<PathId>(settled.map((attempt) => attempt.route))) {
    const canTry = deps.board.health(id).state !== 'down';
    const answer = canTry
      ? await deps.routes.get(id)?.keepOneCopy?.(sending, AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]))
      : 'later';
    if (answer !== 'done') isDone = false;
  }
  return isDone;
}

/** Ever less often, as a webmail does not come back the sooner for it; it ends with the submission, which is forgotten some time after its end. */
function untilNextTry(submission: SubmissionRow, nowMs: number, deps: Deps): number {
  const passedMs = nowMs - submission.acceptedAtMs;
  return Math.round(Math.min(Math.max(deps.unsure.settleMs, passedMs / 4), SELDOM_MS));
}
