import type { Clock } from '@stopgap/core';
import type { Log } from '@stopgap/log';
import type { Mailboxes } from '@stopgap/mailbox';

const EVERY_MS = 3_600_000;

/** Lets go, for good, of what was deleted longer ago than it is kept. Runs until `signal` aborts. */
export async function forgetExpunged(options: {
  readonly mailboxes: Mailboxes;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { mailboxes, clock, log, signal } = options;
  while (!signal.aborted) {
    try {
      const messages = await mailboxes.purge(signal);
      if (messages > 0) log.info('expunged messages are gone for good', { messages });
    } catch (error) {
      log.error('expunged messages could not be let go; trying again in an hour', { error });
    }
    await clock.wait(EVERY_MS, signal);
  }
}
