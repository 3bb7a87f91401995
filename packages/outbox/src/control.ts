/*
 * What a person may do with a submission. Works on the store alone, so it works from another process while `serve` runs; the worker sees the rows
 * change within its poll.
 */
import type { Clock, SubmissionId } from '@stopgap/core';
import {
  findAttempt,
  finishIfAllFinal,
  noteSentCopies,
  recipientsOf,
  retryRecipients,
  setHeld,
  type RecipientRow,
  type Store,
  type Tx,
} from '@stopgap/store';
import { moveTo } from './states.ts';

export interface ControlOptions {
  readonly store: Store;
  readonly clock: Clock;
}

/** Recipients that were changed, and those that could not be because they are leaving at this moment. */
export interface Changed {
  readonly changed: number;
  readonly underWay: number;
}

/** Tries now what waits: one submission, or everything. Held ones of a named submission stay held. */
export function retryNow(options: ControlOptions, id: SubmissionId | undefined): Promise<Changed> {
  return options.store.write((tx) => ({ changed: retryRecipients(tx, id, options.clock.nowMs()), underWay: 0 }));
}

/** No new attempt until `release`. One that is under way runs to its end. */
export function hold(options: ControlOptions, id: SubmissionId): Promise<Changed> {
  return options.store.write((tx) => ({ changed: setHeld(tx, id, true), underWay: countLeased(tx, id) }));
}

/** And tries now: a path that came back meanwhile has not ended the rest of what was held. */
export function release(options: ControlOptions, id: SubmissionId): Promise<Changed> {
  return options.store.write((tx) => {
    const changed = setHeld(tx, id, false);
    if (changed > 0) retryRecipients(tx, id, options.clock.nowMs());
    return { changed, underWay: 0 };
  });
}

/** Gives up what has not left. An attempt under way without a mark is stopped by its fence; with a mark it can not be called back. */
export function cancel(options: ControlOptions, id: SubmissionId): Promise<Changed> {
  return options.store.write((tx) => {
    const nowMs = options.clock.nowMs();
    let changed = 0;
    for (const recipient of recipientsOf(tx, id)) {
      if (isLeaving(tx, recipient)) continue;
      const reason = { class: 'cancelled' as const, text: 'Cancelled before it left.' };
      if (moveTo(tx, recipient.id, { from: ['queued', 'leased', 'unsure'], to: 'cancelled', reason, nowMs })) changed += 1;
    }
    if (changed > 0) noteSentCopies(tx, id, nowMs);
    finishIfAllFinal(tx, id, nowMs);
    return { changed, underWay: countLeased(tx, id) };
  });
}

/** A person decides about what is unsure: it did arrive, or it shall be sent (again). */
export function resolve(options: ControlOptions, id: SubmissionId, as: 'delivered' | 'resend'): Promise<Changed> {
  return options.store.write((tx) => {
    const nowMs = options.clock.nowMs();
    let changed = 0;
    for (const recipient of recipientsOf(tx, id)) {
      if (recipient.state !== 'unsure') continue;
      const to = as === 'delivered' ? 'delivered' : 'queued';
      if (moveTo(tx, recipient.id, { from: ['unsure'], to, nowMs, notBeforeMs: nowMs })) changed += 1;
    }
    if (changed > 0) noteSentCopies(tx, id, nowMs);
    finishIfAllFinal(tx, id, nowMs);
    return { changed, underWay: 0 };
  });
}

function countLeased(tx: Tx, id: SubmissionId): number {
  return recipientsOf(tx, id).filter((recipient) => recipient.state === 'leased').length;
}

function isLeaving(tx: Tx, recipient: RecipientRow): boolean {
  if (recipient.state !== 'leased' || recipient.attempt === undefined) return false;
  return findAttempt(tx, recipient.attempt)?.markedAtMs !== undefined;
}
