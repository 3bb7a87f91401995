import { backoffMs, type PathId, type AttemptId, type Outcome, type Reason, type RecipientId } from '@stopgap/core';
import {
  endAttempt,
  finishIfAllFinal,
  hasSeveralMarked,
  noteSentCopies,
  type AttemptResult,
  type RecipientRow,
  type RecipientState,
  type SubmissionRow,
  type Tx,
} from '@stopgap/store';
import type { Deps } from './deps.ts';
import { composeSomehow, insertNotice, reportNotice, type Notice, type NoticeOf } from './notice.ts';
import { isAboutRoute } from './plan.ts';
import { moveTo } from './states.ts';

/** An outcome that could not be written is tried again so often: until then the lease protects it, a restart makes it unsure. */
const WRITE_AGAIN_MS = 500;

export interface Ended {
  readonly submission: SubmissionRow;
  readonly recipients: readonly RecipientRow[];
  readonly attempt: AttemptId;
  readonly route: PathId;
  readonly startedAtMs: number;
  readonly outcomes: ReadonlyMap<RecipientId, Outcome>;
}

/**
 * Writes what an attempt gave: states, the end of the attempt and the notices that follow, in one transaction. Keeps trying while the store can
 * not write (a full disk), until `signal` aborts; then the lease decides at the next start.
 */
export async function settle(ended: Ended, deps: Deps, signal: AbortSignal): Promise<void> {
  const notices = await noticesFor(ended, deps);
  for (;;) {
    try {
      const moved = await deps.store.write((tx) => apply(tx, ended, { notices, deps }));
      report(ended, moved, deps);
      if (isWhole(ended, moved)) for (const notice of notices) reportNotice(notice, deps.events);
      return;
    } catch (error) {
      deps.log.error('the outcome of an attempt could not be written; trying again', { id: ended.submission.id, error });
      if (signal.aborted) return;
      await deps.clock.wait(WRITE_AGAIN_MS, signal);
    }
  }
}

/** The recipients whose state this attempt still decided. */
function apply(tx: Tx, ended: Ended, { notices, deps }: { readonly notices: readonly Notice[]; readonly deps: Deps }): Set<RecipientId> {
  const nowMs = deps.clock.nowMs();
  const moved = new Set<RecipientId>();
  for (const recipient of ended.recipients) {
    const outcome = ended.outcomes.get(recipient.id);
    if (outcome && moveByOutcome(tx, recipient, outcome, { attempt: ended.attempt, nowMs, deps }) !== undefined) moved.add(recipient.id);
  }
  endAttempt(tx, ended.attempt, nowMs, resultOf(ended));
  if (mayHaveSurplusCopy(tx, ended, deps)) noteSentCopies(tx, ended.submission.id, nowMs);
  // All or none: a recipient that was fenced off is told about by whoever moved it.
  if (isWhole(ended, moved)) for (const notice of notices) insertNotice(tx, notice);
  finishIfAllFinal(tx, ended.submission.id, nowMs);
  return moved;
}

function mayHaveSurplusCopy(tx: Tx, { submission, route, outcomes }: Ended, deps: Deps): boolean {
  if (deps.routes.get(route)?.keepOneCopy === undefined) return false;
  return isUntidy(outcomes) || hasSeveralMarked(tx, submission.id);
}

function isUntidy(outcomes: Ended['outcomes']): boolean {
  return [...outcomes.values()].some((outcome) => outcome.kind !== 'unsure' && outcome.leftUntidy === true);
}

function isWhole(ended: Ended, moved: ReadonlySet<RecipientId>): boolean {
  return moved.size === ended.recipients.length;
}

function moveByOutcome(
  tx: Tx,
  recipient: RecipientRow,
  outcome: Outcome,
  by: { readonly attempt: AttemptId; readonly nowMs: number; readonly deps: Deps },
): RecipientState | undefined {
  const { attempt, nowMs, deps } = by;
  // `unsure` too: an answer that comes after its lease ran out still settles it, if nobody else has.
  const base = { from: ['leased', 'unsure'] as const, attempt, nowMs };
  switch (outcome.kind) {
    case 'delivered':
      return moveTo(tx, recipient.id, { ...base, to: 'delivered' });
    case 'rejected':
      return moveTo(tx, recipient.id, { ...base, to: 'rejected', reason: outcome.reason });
    case 'unsure':
      return moveTo(tx, recipient.id, {
        ...base,
        from: ['leased'],
        to: 'unsure',
        reason: outcome.reason,
        notBeforeMs: nowMs + deps.unsure.settleMs,
      });
    case 'deferred':
      return moveTo(tx, recipient.id, {
        ...base,
        to: 'queued',
        reason: outcome.reason,
        // Broken off because the relay stops: that was no try.
        countsTry: outcome.reason.class !== 'cancelled',
        notBeforeMs: nowMs + restMs(recipient, outcome, deps),
      });
  }
}

/** A failure of the path is for `plan` to weigh, at once: another route may be open. A refusal of the recipient would meet the same answer there. */
function restMs(recipient: RecipientRow, outcome: Outcome & { kind: 'deferred' }, deps: Deps): number {
  const { reason } = outcome;
  if (isAboutRoute(reason) || reason.class === 'cancelled') return 0;
  return Math.max(outcome.retryAfterMs ?? 0, backoffMs(deps.retry.backoff, recipient.tries + 1, deps.random()));
}

async function noticesFor(ended: Ended, deps: Deps): Promise<Notice[]> {
  const about: Record<'failed' | 'relayed', NoticeOf[]> = { failed: [], relayed: [] };
  for (const recipient of ended.recipients) {
    const outcome = ended.outcomes.get(recipient.id);
    if (outcome?.kind === 'rejected') about.failed.push({ recipient, reason: outcome.reason });
    if (outcome?.kind === 'delivered' && outcome.dsnPassedOn !== true) about.relayed.push({ recipient, reason: relayedReason(outcome) });
  }
  const notices: Notice[] = [];
  for (const kind of ['failed', 'relayed'] as const) {
    try {
      const notice = await composeSomehow(kind, ended.submission, about[kind], deps);
      if (notice) notices.push(notice);
    } catch (error) {
      // It must not keep the outcome from being written.
      deps.log.error('a notice to the sender could not be composed', { id: ended.submission.id, kind, error });
    }
  }
  return notices;
}

function relayedReason(outcome: Outcome & { kind: 'delivered' }): Reason {
  return { class: 'recipient', text: outcome.reply, host: outcome.by };
}

function resultOf(ended: Ended): AttemptResult {
  const outcomes = [...ended.outcomes.values()];
  const kinds = new Set(outcomes.map((outcome) => outcome.kind));
  const [only] = kinds;
  const reason = outcomes.flatMap((outcome) => (outcome.kind === 'delivered' ? [] : [outcome.reason]))[0];
  return {
    outcome: kinds.size === 1 && only ? only : 'mixed',
    ...(reason ? { reason } : {}),
    ...(isUntidy(ended.outcomes) ? { leftUntidy: true } : {}),
  };
}

function report(ended: Ended, moved: ReadonlySet<RecipientId>, deps: Deps): void {
  const { submission, route } = ended;
  const elapsedMs = deps.clock.nowMs() - ended.startedAtMs;
  for (const recipient of ended.recipients) {
    const outcome = ended.outcomes.get(recipient.id);
    if (!outcome) continue;
    if (!moved.has(recipient.id)) {
      deps.log.warn('an outcome came too late: the recipient was moved meanwhile', {
        id: submission.id,
        attempt: ended.attempt,
        outcome: outcome.kind,
      });
      continue;
    }
    const event = {
      id: submission.id,
      account: submission.account,
      from: submission.envelope.from,
      to: recipient.address,
      route,
      elapsedMs,
    };
    switch (outcome.kind) {
      case 'delivered':
        deps.events.delivered({ ...event, waitedMs: deps.clock.nowMs() - submission.acceptedAtMs, reply: outcome.reply });
        break;
      case 'deferred':
        deps.events.deferred({ ...event, reason: outcome.reason });
        break;
      case 'rejected':
        deps.events.rejected({ ...event, reason: outcome.reason });
        break;
      case 'unsure':
        deps.events.unsure({ ...event, reason: outcome.reason });
        break;
    }
  }
}
