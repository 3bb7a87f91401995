import type { DeliveryJob, JobRecipient, Outcome, Reason, RecipientId } from '@stopgap/core';
import { provesNothingDone, reasonOfRoundcubeError, type RoundcubeSession, type SendAnswer } from '@stopgap/upstreams/web';

/** One bad recipient fails all, so each costs a round. */
const MOST_ROUNDS = 20;

export interface Rounds {
  /** Sends to these recipients; the answer is about all of them or about one. */
  readonly send: (recipients: readonly JobRecipient[]) => Promise<SendAnswer>;
  readonly signal: AbortSignal;
}

export interface RoundsResult {
  readonly outcomes: ReadonlyMap<RecipientId, Outcome>;
  /** `sent`: it left. `nothing`: it did not. `unclear`: no look into Sent can tell. `lost`: Sent can tell. */
  readonly end: 'sent' | 'nothing' | 'unclear' | 'lost';
}

/**
 * Marks the attempt, then sends; so again, leaving out one recipient after the other as the webmail's mail server refuses them; a refusal sends nothing.
 * Never throws.
 */
export async function sendInRounds(session: RoundcubeSession, job: DeliveryJob, rounds: Rounds): Promise<RoundsResult> {
  const outcomes = new Map<RecipientId, Outcome>();
  let left = job.recipients;
  const settle = (outcome: Outcome, end: RoundsResult['end']): RoundsResult => {
    for (const recipient of left) outcomes.set(recipient.id, outcome);
    return { outcomes, end };
  };
  for (let round = 0; round < MOST_ROUNDS && left.length > 0; round++) {
    if (rounds.signal.aborted)
      return settle(deferred({ class: 'cancelled', text: 'The attempt was cancelled before it was sent.' }), 'nothing');
    try {
      // Who is left out must not count as reached when the copy in Sent proves this sending after a crash.
      await (round === 0 ? job.mark() : job.mark(left));
    } catch {
      return settle(deferred({ class: 'internal', text: 'The attempt could not be noted down, so it was not made.' }), 'nothing');
    }
    const answer = await sendOnce(left, rounds);
    if (answer.kind === 'sent') return settle({ kind: 'delivered', by: session.host, reply: answer.reply }, 'sent');
    if (answer.kind === 'lost') return settle({ kind: 'unsure', reason: answer.reason }, 'lost');
    if (answer.kind === 'unclear') {
      await job.doubt(answer.reason);
      return settle({ kind: 'unsure', reason: answer.reason }, 'unclear');
    }
    if (answer.kind === 'nothing-sent') {
      const most = answer.mostRecipients;
      if (most === undefined || most >= left.length) return settle(refused(answer), 'nothing');
      // The rest comes with an attempt of its own, so that the witness stands for one sending only.
      for (const recipient of left.slice(most)) outcomes.set(recipient.id, deferred(answer.reason));
      left = left.slice(0, most);
      continue;
    }
    const named = answer.address.toLowerCase();
    const refusedOnes = left.filter((recipient) => recipient.address.toLowerCase() === named);
    if (refusedOnes.length === 0) return settle(deferred(answer.reason), 'nothing');
    for (const recipient of refusedOnes) outcomes.set(recipient.id, refused(answer));
    left = left.filter((recipient) => !refusedOnes.includes(recipient));
  }
  return settle(deferred({ class: 'recipient', text: 'Too many of the recipients were refused, one after the other.' }), 'nothing');
}

async function sendOnce(recipients: readonly JobRecipient[], rounds: Rounds): Promise<SendAnswer | { kind: 'lost'; reason: Reason }> {
  try {
    return await rounds.send(recipients);
  } catch (error) {
    const reason = reasonOfRoundcubeError(error);
    if (provesNothingDone(error)) return { kind: 'nothing-sent', reason, isFinal: false };
    return { kind: 'lost', reason: { ...reason, class: 'lost-answer' } };
  }
}

function refused(answer: { readonly reason: Reason; readonly isFinal: boolean }): Outcome {
  return answer.isFinal ? { kind: 'rejected', reason: answer.reason } : deferred(answer.reason);
}

function deferred(reason: Reason): Outcome {
  return { kind: 'deferred', reason };
}
