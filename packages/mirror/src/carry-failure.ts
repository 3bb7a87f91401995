import { isPathFailure, MailError, messageOf, type Reason } from '@stopgap/core';
import type { IntentRow, IntentWork } from '@stopgap/store';

/**
 * What a failed call means for the intent. `unclear`: it may have happened, look before trying again. `failed`: never to be tried again.
 * `later`: nothing happened, or it does no harm to do it twice. `missing`: a mailbox is not there.
 */
export type CarryFailure = 'unclear' | 'failed' | 'later' | 'missing';

export function failureOf(error: unknown, kind: IntentWork['kind']): CarryFailure {
  if (!(error instanceof MailError)) return isRepeatable(kind) ? 'later' : 'unclear';
  if (error.code === 'mailbox-missing') return 'missing';
  // While others are marked as deleted there, nothing was begun.
  if (error.code === 'others-marked') return 'later';
  // Another path can.
  if (error.reason?.class === 'route') return 'later';
  const isLost = error.reason?.class === 'lost-answer';
  // Of an append it is told when it may have happened (core `RemotePush`); a move may be a copy and a deletion, cut off in between.
  const mayHaveHappened = isLost || (kind === 'move' && error.kind !== 'permanent');
  if (mayHaveHappened && !isRepeatable(kind)) return 'unclear';
  return error.kind === 'permanent' ? 'failed' : 'later';
}

/** Refused again and again for so long, nobody waits for it any longer. */
const REFUSED_LONG_MS = 24 * 3_600_000;
/** In so many tries at least. */
const FEWEST_TRIES = 10;
/** What is tried so long after it was due waited for a path: what was refused before is not counted. */
const OUTAGE_MS = 3_600_000;

export function isRefusedLong(sinceMs: number, nowMs: number): boolean {
  return nowMs - sinceMs >= REFUSED_LONG_MS;
}

/** Since when it is refused, this refusal included. Undefined: this is none. */
export function refusedSince(error: unknown, { refusedSinceMs, notBeforeMs }: IntentRow, nowMs: number): number | undefined {
  if (endsRound(error)) return undefined;
  return nowMs - notBeforeMs >= OUTAGE_MS ? nowMs : Math.min(refusedSinceMs ?? nowMs, nowMs);
}

export function isGivenUp(sinceMs: number | undefined, tries: number, nowMs: number): boolean {
  return sinceMs !== undefined && tries >= FEWEST_TRIES && isRefusedLong(sinceMs, nowMs);
}

/** Is the session of no more use, or the path not to be asked again now? A refusal of one thing is no reason to leave the others. */
export function endsRound(error: unknown): boolean {
  if (!(error instanceof MailError) || error.reason === undefined) return true;
  const { class: reason } = error.reason;
  return error.code === 'session-ended' || isPathFailure(error.reason) || reason === 'cancelled' || reason === 'internal';
}

/** Nothing was refused: a second look has to agree with the first one. */
export function isToLookAgain(error: unknown): boolean {
  return error instanceof MailError && error.code === 'look-again';
}

export function reasonOf(error: unknown): Reason {
  if (error instanceof MailError && error.reason) return error.reason;
  return { class: 'internal', text: messageOf(error) };
}

/** Done twice it is the same as once. */
function isRepeatable(kind: IntentWork['kind']): boolean {
  return kind !== 'append' && kind !== 'move';
}
