/*
 * What a person may do with a submission. Works on the store alone, so it works from another process while `serve` runs; the worker sees the rows
 * change within its poll, and tells the mail log of the decision.
 */
import type { Clock, Decision, SubmissionId } from '@stopgap/core';
import {
  askToCancel,
  deleteSendLater,
  findAttempt,
  finishIfAllFinal,
  forgetCancelAsked,
  noteDecision,
  hasSeveralMarked,
  noteSentCopies,
  recipientsOf,
  releaseHeld,
  retryRecipients,
  setHeld,
  type RecipientRow,
  type Store,
  type Tx,
} from '@stopgap/store';
import { CANCELLED, GIVEN_UP, moveTo } from './states.ts';

export interface ControlOptions {
  readonly store: Store;
  readonly clock: Clock;
}

/** Recipients that were changed, and those that could not be because they are leaving at this moment. */
export interface Changed {
  readonly changed: number;
  readonly underWay: number;
}

export interface Cancelled extends Changed {
  /** Unsure or leaving, so they are cancelled once they turn out not to have left; those of whom that was asked before are not counted. */
  readonly asked: number;
}

/** How a recipient stands in the way of a message being called back as a whole. */
export type InTheWay = 'delivered' | 'unsure' | 'leaving';

/** Tries now what waits: one submission, or everything. What is held stays held. */
export function retryNow(options: ControlOptions, id: SubmissionId | undefined): Promise<Changed> {
  return decide(options, 'retry', id, (tx, nowMs) => ({ changed: retryRecipients(tx, id, nowMs), underWay: 0 }));
}

/** No new attempt until `release`, also of what was to leave by itself at a time. One that is under way runs to its end. */
export function hold(options: ControlOptions, id: SubmissionId): Promise<Changed> {
  return decide(options, 'hold', id, (tx) => {
    const waited = deleteSendLater(tx, id) ? recipientsOf(tx, id).filter((recipient) => recipient.isHeld).length : 0;
    return { changed: waited + setHeld(tx, id, true), underWay: countLeased(tx, id) };
  });
}

/** And tries now: a path that came back meanwhile has not ended the rest of what was held. */
export function release(options: ControlOptions, id: SubmissionId): Promise<Changed> {
  return decide(options, 'release', id, (tx, nowMs) => {
    deleteSendLater(tx, id);
    return { changed: releaseHeld(tx, id, nowMs), underWay: 0 };
  });
}

/**
 * Gives up what has not left. An attempt under way without a mark is stopped by its fence; with a mark it can not be called back. What may have left stays
 * as it is until that is known or `resolve` decides, and is never tried again of itself.
 * @param unless nothing at all is changed while a recipient stands so
 */
export function cancel(
  options: ControlOptions,
  id: SubmissionId,
  { unless = [] }: { readonly unless?: readonly InTheWay[] } = {},
): Promise<Cancelled> {
  return decide(options, 'cancel', id, (tx, nowMs) => {
    const recipients = recipientsOf(tx, id).map((recipient) => ({ id: recipient.id, inTheWay: inTheWay(tx, recipient) }));
    if (recipients.some((recipient) => recipient.inTheWay && unless.includes(recipient.inTheWay)))
      return { changed: 0, underWay: countLeased(tx, id), asked: 0 };
    let changed = 0;
    let asked = 0;
    for (const recipient of recipients) {
      if (recipient.inTheWay !== undefined) asked += askToCancel(tx, recipient.id) ? 1 : 0;
      else if (moveTo(tx, recipient.id, { from: ['queued', 'leased'], to: 'cancelled', reason: CANCELLED, nowMs })) changed += 1;
    }
    deleteSendLater(tx, id);
    if (changed > 0 && hasSeveralMarked(tx, id)) noteSentCopies(tx, id, nowMs);
    finishIfAllFinal(tx, id, nowMs);
    return { changed, underWay: countLeased(tx, id), asked };
  });
}

/** As `cancel`, and what is unsure as well: for an account that goes, of which nobody will ask. */
export function giveUp(options: ControlOptions, id: SubmissionId): Promise<Changed> {
  return decide(options, 'cancel', id, (tx, nowMs) => {
    let changed = 0;
    for (const recipient of recipientsOf(tx, id)) {
      if (inTheWay(tx, recipient) === 'leaving') continue;
      const reason = recipient.state === 'unsure' ? GIVEN_UP : CANCELLED;
      if (moveTo(tx, recipient.id, { from: ['queued', 'leased', 'unsure'], to: 'cancelled', reason, nowMs })) changed += 1;
    }
    deleteSendLater(tx, id);
    finishIfAllFinal(tx, id, nowMs);
    return { changed, underWay: countLeased(tx, id) };
  });
}

/** What a person decides about what is unsure: it did arrive; it shall be sent (again); or it did not, and shall not be. */
export type Resolution = 'delivered' | 'resend' | 'cancelled';

export function resolve(options: ControlOptions, id: SubmissionId, as: Resolution): Promise<Changed> {
  const to = as === 'resend' ? 'queued' : as;
  return decide(options, as === 'cancelled' ? 'cancel' : as, id, (tx, nowMs) => {
    let changed = 0;
    for (const recipient of recipientsOf(tx, id)) {
      if (recipient.state !== 'unsure') continue;
      forgetCancelAsked(tx, recipient.id);
      const reason = as === 'cancelled' ? { reason: GIVEN_UP } : {};
      if (moveTo(tx, recipient.id, { from: ['unsure'], to, nowMs, notBeforeMs: nowMs, ...reason })) changed += 1;
    }
    if (changed > 0) noteSentCopies(tx, id, nowMs);
    finishIfAllFinal(tx, id, nowMs);
    return { changed, underWay: 0 };
  });
}

/** One transaction for what is decided and for the word about it (decisions.ts). What changes nothing is no decision. */
function decide<Result extends Changed>(
  { store, clock }: ControlOptions,
  decision: Decision,
  id: SubmissionId | undefined,
  change: (tx: Tx, nowMs: number) => Result,
): Promise<Result> {
  return store.write((tx) => {
    const nowMs = clock.nowMs();
    const result = change(tx, nowMs);
    const about = id === undefined ? {} : { submission: id };
    if (result.changed > 0) noteDecision(tx, { ...about, decision, recipients: result.changed, madeAtMs: nowMs });
    return result;
  });
}

function countLeased(tx: Tx, id: SubmissionId): number {
  return recipientsOf(tx, id).filter((recipient) => recipient.state === 'leased').length;
}

function inTheWay(tx: Tx, { state, attempt }: RecipientRow): InTheWay | undefined {
  if (state === 'delivered' || state === 'unsure') return state;
  const isLeaving = state === 'leased' && attempt !== undefined && findAttempt(tx, attempt)?.markedAtMs !== undefined;
  return isLeaving ? 'leaving' : undefined;
}
