import type { MailboxRole } from '@stopgap/core';

/*
 * The mass-delete brake (law 13). What has gone upstream goes here too once two listings agree, unless it is so much that a fault is likelier than a
 * person: then it is held until somebody releases it, or it is there again. Not counted is what turned up in another mailbox: that was only moved.
 * What is held stays held while others of it come back. Where the ids began anew, as after a restore from a backup, anything that is missing is held: it is
 * likelier lost than deleted. Two kinds of loss are believed without a person once all listings have agreed for long: that of trash and junk, which people
 * and providers empty every day, and that of a few messages.
 */

export interface BrakeSettings {
  /** More than so many of one mailbox, and more than this share of it, are many. */
  readonly messages: number;
  readonly share: number;
}

export const BRAKE: BrakeSettings = { messages: 20, share: 0.2 };
/** Half of a mailbox is many, from so many messages on. */
const HALF_FROM = 2;
const EMPTIED_AGREE_MS = 24 * 3_600_000;
/** Longer than outages have lasted. */
const FEW_AGREE_MS = 7 * 24 * 3_600_000;

/**
 * In `remote_mailbox.brake`, as JSON. `released`: a person looked at it, and what is missing by then may go. `given-back`: it is to be given to the
 * provider again.
 */
export interface Brake {
  readonly state: 'held' | 'released' | 'given-back';
  readonly sinceMs: number;
  /** 0: the ids have only just begun anew, and the end of the look tells whether anything is missing. */
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

/** `apply`: they go here too. `hold`: nothing goes. `give-back`: they stay, and the provider is given them again. */
export function decideBrake(loss: Loss, settings: BrakeSettings = BRAKE): 'apply' | 'hold' | 'give-back' {
  const { gone, of, role, missedAtMs, nowMs } = loss;
  const isHalf = gone >= HALF_FROM && gone * 2 >= of;
  const isMany = gone > settings.messages;
  // Some of them are back, or the ids began anew.
  const isHeld = loss.brake?.state === 'held' && gone > 0;
  if (loss.brake?.state === 'given-back') return 'give-back';
  if (loss.brake?.state === 'released' || !(isHeld || isHalf || (isMany && gone > of * settings.share))) return 'apply';
  const agreeMs = role === 'trash' || role === 'junk' ? EMPTIED_AGREE_MS : isMany ? Infinity : FEW_AGREE_MS;
  return missedAtMs !== undefined && nowMs - missedAtMs >= agreeMs ? 'apply' : 'hold';
}
