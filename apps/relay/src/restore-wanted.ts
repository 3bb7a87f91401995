import type { Clock } from '@stopgap/core';
import type { Log, MailEvents } from '@stopgap/log';
import type { Mailboxes } from '@stopgap/mailbox';

/** Somebody waits for it in a terminal. */
const EVERY_MS = 500;
/** A full disk is not emptier in a second. */
const AGAIN_MS = 30_000;

/** Brings back what `stopgap mirror restore` asked for, in whatever process that ran. Runs until `signal` aborts. */
export async function restoreWanted(options: {
  readonly mailboxes: Mailboxes;
  readonly events: Pick<MailEvents, 'restored'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { mailboxes, events, clock, log, signal } = options;
  while (!signal.aborted) {
    try {
      for await (const restored of mailboxes.restoreWanted(signal)) events.restored(restored);
      await clock.wait(EVERY_MS, signal);
    } catch (error) {
      log.error('deleted messages could not be restored; trying again in half a minute', { error });
      await clock.wait(AGAIN_MS, signal);
    }
  }
}
