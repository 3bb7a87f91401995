/*
 * What time alone brings about: leases that ran out, mail that waited too long (on the outage clock), the one delay notice, and the end of what is
 * kept after delivery.
 */
import { asId, MailError, type PathId, type Provider, type Reason, type SubmissionId } from '@stopgap/core';
import {
  attemptsOf,
  deleteSubmission,
  dropBlobIfUnused,
  endAttempt,
  finalBefore,
  findAttempt,
  findSubmission,
  finishIfAllFinal,
  leasedUntil,
  noteDelayNotice,
  oldestUnnoticed,
  oldestWaiting,
  type RecipientRow,
  type Store,
  type Tx,
} from '@stopgap/store';
import type { Deps } from './deps.ts';
import { composeSomehow, reportNotice, writeWithNotice } from './notice.ts';
import { moveTo } from './states.ts';

/** Rows of one kind looked at in one go; what is left comes with the next sweep. */
const ROWS_AT_ONCE = 200;
/** Of those whose sender can not be told that they wait, as many pages are passed over. */
const MOST_PAGES = 10;
/** Sent mail is kept so long for questions ("did it leave?") and for the Sent copy. */
const KEPT_AFTER_FINAL_MS = 14 * 24 * 60 * 60 * 1000;

const MOVED = 'moved-meanwhile';

const LOST_LEASE: Reason = {
  class: 'lost-answer',
  text: 'The relay stopped in the middle of this attempt, after the last byte may have left.',
};

/**
 * Gives leases back: to the queue without a mark for this recipient, to unsure with one.
 * @param untilMs those that run out by then; Infinity at start, when no holder can be alive (`lockDataDirectory`)
 */
export async function releaseLeases(
  options: { readonly store: Store; readonly nowMs: number; readonly settleMs: number },
  untilMs: number,
  isRunning: (recipient: RecipientRow) => boolean,
): Promise<number> {
  const { store, nowMs, settleMs } = options;
  const over = store.read((reader) => leasedUntil(reader, untilMs)).filter((recipient) => !isRunning(recipient));
  if (over.length === 0) return 0;
  return store.write((tx) => {
    let released = 0;
    const lost = new Set(over.filter((recipient) => recipient.isMarked).map((recipient) => recipient.attempt));
    for (const recipient of over) {
      const base = { from: ['leased'] as const, nowMs, ...(recipient.attempt === undefined ? {} : { attempt: recipient.attempt }) };
      const known = recipient.attempt === undefined ? undefined : findAttempt(tx, recipient.attempt)?.result?.reason;
      const reason = known ?? LOST_LEASE;
      const moved = recipient.isMarked
        ? moveTo(tx, recipient.id, { ...base, to: 'unsure', reason, notBeforeMs: nowMs + settleMs })
        : moveTo(tx, recipient.id, { ...base, to: 'queued', notBeforeMs: nowMs });
      if (moved !== undefined) released += 1;
      if (moved === 'cancelled') finishIfAllFinal(tx, recipient.submission, nowMs);
      if (recipient.attempt !== undefined) {
        endAttempt(tx, recipient.attempt, nowMs, lost.has(recipient.attempt) ? { outcome: 'lost', reason } : { outcome: 'lost' });
      }
    }
    return released;
  });
}

/** Ends what has waited longer than `expireAfterMs` on the outage clock; the recipients of one message get one notice together. */
export async function expireOld(provider: Provider, deps: Deps): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const { expireAfterMs } = deps.retry;
  const paths = provider.outgoing.map((path) => path.id);
  // The more paths, the faster the clock: whoever has time left with all of them has time left with some, and so has everybody younger.
  const isOver = (recipient: RecipientRow, open: readonly PathId[]) =>
    deps.board.countedMs(open, recipient.acceptedAtMs, nowMs) >= expireAfterMs;
  let after = { atMs: -1, id: 0 };
  for (;;) {
    const rows = deps.store.read((reader) => oldestWaiting(reader, provider.name, nowMs - expireAfterMs, after, ROWS_AT_ONCE));
    const old = rows.filter((recipient) => isOver(recipient, paths));
    for (const [id, recipients] of Map.groupBy(old, (recipient) => recipient.submission)) {
      const over = recipients.filter((recipient) => isOver(recipient, pathsOpenTo(recipient, paths, deps.store)));
      await apart(id, deps, () => expire(id, over, deps));
    }
    const last = rows.at(-1);
    if (old.length < ROWS_AT_ONCE || !last) return;
    after = { atMs: last.acceptedAtMs, id: last.id };
  }
}

/** A path that said it can not carry this very message does not keep its clock running. */
function pathsOpenTo(recipient: RecipientRow, paths: readonly PathId[], store: Store): PathId[] {
  const attempts = store.read((reader) => attemptsOf(reader, recipient.submission, ROWS_AT_ONCE));
  const closed = new Set(attempts.filter((attempt) => attempt.result?.reason?.class === 'route').map((attempt) => attempt.route));
  const open = paths.filter((path) => !closed.has(path));
  return open.length > 0 ? open : [...paths];
}

async function expire(id: SubmissionId, recipients: readonly RecipientRow[], deps: Deps): Promise<void> {
  const submission = deps.store.read((reader) => findSubmission(reader, id));
  if (!submission || recipients.length === 0) return;
  const about = recipients.map((recipient) => ({ recipient, reason: expiredReason(recipient) }));
  const notice = await composeSomehow('failed', submission, about, deps);
  const nowMs = deps.clock.nowMs();
  const expired = await writeWithNotice(notice, deps, (tx) => {
    const moved = about.filter(({ recipient, reason }) => moveTo(tx, recipient.id, { from: ['queued'], to: 'expired', reason, nowMs }));
    if (moved.length < about.length) throw movedMeanwhile();
    finishIfAllFinal(tx, submission.id, nowMs);
    return moved;
  });
  if (notice) reportNotice(notice, deps.events);
  for (const { recipient, reason } of expired) {
    deps.events.expired({ id, account: submission.account, from: submission.envelope.from, to: recipient.address, reason });
  }
}

function expiredReason(recipient: RecipientRow): Reason {
  const last = recipient.reason ? ` The last answer was: ${recipient.reason.text}` : '';
  return { class: 'expired', status: '4.4.7', text: `It could not be delivered in time.${last}` };
}

/**
 * Tells the sender once that mail still waits. Not while every path of the provider is down: the notice could not leave either, and thousands of them
 * would queue up behind the mail itself.
 */
export async function noticeDelays(provider: Provider, deps: Deps): Promise<void> {
  const { delayNoticeAfterMs, expireAfterMs } = deps.retry;
  if (delayNoticeAfterMs === false || provider.outgoing.every((path) => deps.board.health(path.id).state === 'down')) return;
  const nowMs = deps.clock.nowMs();
  let after = { atMs: -1, id: 0 };
  let told = 0;
  for (let page = 0; page < MOST_PAGES && told < ROWS_AT_ONCE; page += 1) {
    const rows = deps.store.read((reader) => oldestUnnoticed(reader, provider.name, nowMs - delayNoticeAfterMs, after, ROWS_AT_ONCE));
    for (const [id, recipients] of Map.groupBy(rows, (row) => row.submission)) {
      const isTold = await apart(id, deps, () => noticeDelay(id, recipients, { deps, willRetryUntilMs: nowMs + expireAfterMs }));
      if (isTold) told += recipients.length;
    }
    const last = rows.at(-1);
    if (rows.length < ROWS_AT_ONCE || !last) return;
    after = { atMs: last.acceptedAtMs, id: last.id };
  }
}

async function noticeDelay(
  id: SubmissionId,
  recipients: readonly RecipientRow[],
  { deps, willRetryUntilMs }: { readonly deps: Deps; readonly willRetryUntilMs: number },
): Promise<void> {
  const submission = deps.store.read((reader) => findSubmission(reader, id));
  if (!submission) return;
  const about = recipients.map((recipient) => ({
    recipient,
    reason: recipient.reason ?? { class: 'connect' as const, text: 'No way out of the provider has been open.' },
  }));
  const notice = await composeSomehow('delayed', submission, about, { ...deps, willRetryUntilMs });
  await writeWithNotice(notice, deps, (tx) => {
    const isTrue = recipients.map((recipient) => noteDelayNotice(tx, recipient.id)).every(Boolean);
    if (!isTrue) throw movedMeanwhile();
  });
  if (notice) reportNotice(notice, deps.events);
}

/** What was leased or has left in the meantime makes a notice untrue: the next sweep composes it anew. */
function movedMeanwhile(): MailError {
  return new MailError('transient', 'A recipient was moved meanwhile.', { code: MOVED });
}

/** What can not be done for one message (the disk is full) keeps nothing else from being done, `forgetOld` before all. False: it could not. */
async function apart(id: SubmissionId, { log }: Deps, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof MailError && error.code === MOVED) return false;
    log.error('the sender of a message could not be told that it waits too long; trying again', { id, error });
    return false;
  }
}

/** Forgets what has been final for long, bytes included. */
export async function forgetOld(deps: Deps): Promise<void> {
  const rows = deps.store.read((reader) => finalBefore(reader, deps.clock.nowMs() - KEPT_AFTER_FINAL_MS, ROWS_AT_ONCE));
  if (rows.length === 0) return;
  await deps.store.write((tx: Tx) => {
    for (const row of rows) {
      deleteSubmission(tx, asId.submission(row.id));
      dropBlobIfUnused(tx, deps.dataDir, row.blob);
    }
  });
}
