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
 * delivered, rejected, expired and cancelled are final. `held` is a flag beside the state: a held recipient is not leased.
 */
import { assertNever, type RecipientId } from '@stopgap/core';
import { moveRecipient, type RecipientMove, type RecipientState, type Tx } from '@stopgap/store';

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

/**
 * Moves a recipient that is in one of `from`. False: it was not (somebody else moved it first), nothing has changed.
 * @throws a bug, when an arrow does not exist
 */
export function moveTo(tx: Tx, id: RecipientId, move: RecipientMove): boolean {
  for (const from of move.from) {
    if (!isAllowed(from, move.to)) throw new Error(`a recipient can not go from ${from} to ${move.to}`);
  }
  return moveRecipient(tx, id, move);
}
