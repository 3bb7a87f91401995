/*
 * One recipient's states. Every change of state in the program goes through `moveTo` below.
 *
 *   queued ──> leased ──> delivered              the route took it
 *     ^          │ ├────> rejected               refused for good
 *     │          │ ├────> queued (notBefore)     not now
 *     │          │ ├────> unsure                 the answer was lost after the mark
 *     │          │ └────> cancelled              only while the attempt has no mark: the fence then stops it
 *     │          └ lease over, no mark: queued; with a mark: unsure
 *     ├── unsure                                 proven not sent, sent again by policy, or by a person
 *     │     ├──> delivered                       the witness was found, or a person says so
 *     │     └──> rejected, cancelled             a late answer, or a person
 *     └ queued ──> expired, cancelled
 *
 * delivered, rejected, expired and cancelled are final. `held` is a flag beside the state: a held recipient is not leased. So is the wish to cancel what is
 * leaving or unsure: with it every arrow to `queued` leads to `cancelled`.
 */
import { assertNever, type Reason, type RecipientId } from '@stopgap/core';
import { cancelAskedOf, moveRecipient, noteDecision, type RecipientMove, type RecipientState, type Tx } from '@stopgap/store';

/** Is there an arrow between the two? */
export function isAllowed(from: RecipientState, to: RecipientState): boolean {
  switch (from) {
    case 'queued':
      return to === 'leased' || to === 'expired' || to === 'cancelled';
    case 'leased':
      return to === 'delivered' || to === 'rejected' || to === 'queued' || to === 'unsure' || to === 'cancelled';
    case 'unsure':
      return to === 'delivered' || to === 'rejected' || to === 'queued' || to === 'cancelled';
    case 'delivered':
    case 'rejected':
    case 'expired':
    case 'cancelled':
      return false;
    default:
      return assertNever(from);
  }
}

export const CANCELLED: Reason = { class: 'cancelled', text: 'Cancelled before it left.' };
/** From `unsure`. */
export const GIVEN_UP: Reason = { class: 'cancelled', text: 'Given up; nobody knows whether it left.' };

/**
 * Moves a recipient that is in one of `from`, and says to which state: `cancelled` instead of `queued` where somebody wished that meanwhile. Undefined: it was
 * in none of them (somebody else moved it first), nothing has changed.
 * @throws a bug, when an arrow does not exist
 */
export function moveTo(tx: Tx, id: RecipientId, move: RecipientMove): RecipientState | undefined {
  for (const from of move.from) {
    if (!isAllowed(from, move.to)) throw new Error(`a recipient can not go from ${from} to ${move.to}`);
  }
  const cancelled = move.to === 'queued' ? cancelAskedOf(tx, id) : undefined;
  if (cancelled === undefined) return moveRecipient(tx, id, move) ? move.to : undefined;
  if (!moveRecipient(tx, id, { ...move, to: 'cancelled', reason: CANCELLED })) return undefined;
  noteDecision(tx, { submission: cancelled, decision: 'cancel', recipients: 1, madeAtMs: move.nowMs });
  return 'cancelled';
}
