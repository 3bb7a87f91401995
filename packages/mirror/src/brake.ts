import type { MailboxRole } from '@stopgap/core';

/*
 * The mass-delete brake (law 13). What has gone upstream goes here too once two listings agree, unless it is so much that a fault is likelier than a
 * person: then it is held until somebody releases it, or it is there again. Not counted is what turned up in another mailbox: that was only moved.
 * Trash and junk are emptied by people and by providers every day: there it is enough that the listings agree for a day.
 */

export interface BrakeSettings {
  /** More than so many of one mailbox, and more than this share of it, are many. */
  readonly messages: number;
  readonly share: number;
}

export const BRAKE: BrakeSettings = { messages: 20, share: 0.2 };
/** All of a mailbox is many, from so many on. */
const ALL_OF = 2;
/** For trash and junk. */
const AGREE_MS = 24 * 3_600_000;

/** In `remote_mailbox.brake`, as JSON. `released`: a person looked at it, and what is missing by then may go. */
export interface Brake {
  readonly state: 'held' | 'released';
  readonly sinceMs: number;
  readonly gone: number;
  readonly of: number;
}

export interface Loss {
  /** Gone and not found in any other mailbox. */
  readonly gone: number;
  /** Messages that upstream was known to have in this mailbox. */
  readonly of: number;
  readonly role: MailboxRole | undefined;
  /** The latest of the times at which they were missed first; undefined: never missed before. */
  readonly missedAtMs: number | undefined;
  readonly brake: Brake | undefined;
  readonly nowMs: number;
}

/** `apply`: they go here too. `hold`: nothing goes. */
export function decideBrake(loss: Loss, settings: BrakeSettings = BRAKE): 'apply' | 'hold' {
  if (loss.brake?.state === 'released' || !isMany(loss, settings)) return 'apply';
  const isEmptiedDaily = loss.role === 'trash' || loss.role === 'junk';
  if (isEmptiedDaily && loss.missedAtMs !== undefined && loss.nowMs - loss.missedAtMs >= AGREE_MS) return 'apply';
  return 'hold';
}

function isMany({ gone, of }: Loss, settings: BrakeSettings): boolean {
  if (gone >= ALL_OF && gone >= of) return true;
  return gone > settings.messages && gone > of * settings.share;
}
