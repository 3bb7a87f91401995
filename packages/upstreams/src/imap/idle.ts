import type { RemoteMailboxId } from '@stopgap/core';
import type { ImapConnection } from './connection.ts';

/** RFC 2177 asks for a new IDLE every 29 minutes; middle boxes forget sooner, and our own watch over a silent server counts, too. */
const ONE_IDLE_MS = 90_000;
/** Servers, and imapflow, have been seen to fall silent for good while mail came in: then a look without a sign helps. */
const LONGEST_WAIT_MS = 9 * 60_000;

export interface IdleTimes {
  readonly oneIdleMs: number;
  readonly longestWaitMs: number;
}

export const IDLE_TIMES: IdleTimes = { oneIdleMs: ONE_IDLE_MS, longestWaitMs: LONGEST_WAIT_MS };

export interface WaitAsked {
  readonly mailbox: RemoteMailboxId;
  readonly signal: AbortSignal;
  readonly times: IdleTimes;
}

/** Resolves at the first sign of a change, when the signal aborts, or after some minutes without either. */
export async function waitForSign(connection: ImapConnection, { mailbox, signal, times }: WaitAsked): Promise<void> {
  if (signal.aborted) return;
  const never = new AbortController().signal;
  await connection.select(mailbox, 'read', never);
  const endMs = performance.now() + times.longestWaitMs;
  let isSign = false;
  while (!isSign && !signal.aborted && performance.now() < endMs) isSign = await idleOnce(connection, times.oneIdleMs, signal);
}

/** The command itself is not called off: a DONE ends it, and the session goes on. */
async function idleOnce(connection: ImapConnection, mostMs: number, signal: AbortSignal): Promise<boolean> {
  let [isSign, isWaiting, isOver] = [false, false, false];
  const done = (): void => {
    isOver = true;
    if (!isWaiting) return;
    isWaiting = false;
    connection.write('DONE');
  };
  const sign = (): void => {
    isSign = true;
    done();
  };
  const timer = setTimeout(done, mostMs);
  signal.addEventListener('abort', done, { once: true });
  if (signal.aborted) done();
  try {
    await connection.command('IDLE', [], {
      signal: new AbortController().signal,
      untagged: { EXISTS: sign, EXPUNGE: sign, VANISHED: sign, FETCH: sign },
      onPlusTag() {
        // RFC 2177: nothing may be said before the server's +.
        isWaiting = true;
        if (isOver) done();
      },
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', done);
  }
  return isSign;
}
