import type { Backoff } from '@stopgap/core';
import { BRAKE, type BrakeSettings } from './brake.ts';

export interface MirrorSettings {
  /** How often a path is asked for news, where it does not tell them by itself. */
  readonly pollEveryMs: number;
  /** Two listings that agree on a deletion must be so far apart. */
  readonly confirmAfterMs: number;
  /** After an answer was lost, what was asked may still be under way upstream for so long. */
  readonly settleMs: number;
  /** A mailbox is listed in full this often, whatever its cursor says. */
  readonly fullEveryMs: number;
  readonly retry: Backoff;
  readonly brake: BrakeSettings;
  /** Accounts that are worked on at once, all providers together. */
  readonly rounds: number;
  /** Of an account. Those beyond are told and left out: nobody has so many, a broken list may. */
  readonly mostMailboxes: number;
  /** One call upstream may take so long. */
  readonly callLimitMs: number;
}

export const MIRROR_SETTINGS: MirrorSettings = {
  pollEveryMs: 60_000,
  confirmAfterMs: 60_000,
  settleMs: 60_000,
  fullEveryMs: 24 * 3_600_000,
  retry: { firstMs: 15_000, factor: 2, longestMs: 1_800_000 },
  brake: BRAKE,
  rounds: 20,
  mostMailboxes: 5000,
  callLimitMs: 120_000,
};

/**
 * Who asks for a short pace has reason to trust the provider with it: what waits for another look, or for another try, waits no longer than one look
 * after another.
 */
export function pacedBy(pollEveryMs: number): Pick<MirrorSettings, 'pollEveryMs' | 'confirmAfterMs' | 'retry'> {
  const { confirmAfterMs, retry } = MIRROR_SETTINGS;
  return {
    pollEveryMs,
    confirmAfterMs: Math.min(confirmAfterMs, pollEveryMs),
    retry: { ...retry, firstMs: Math.min(retry.firstMs, pollEveryMs) },
  };
}
