import type { RemoteMailboxId } from '@stopgap/core';
import type { ImapConnection, Selected } from './connection.ts';
import { sessionEnded } from './errors.ts';

/*
 * RFC 2177 asks for a new IDLE every 29 minutes; middle boxes forget sooner, and our own watch over a silent server counts, too. Servers, and imapflow, have
 * been seen to fall silent for good while mail came in: then a look without a sign helps.
 */
export interface IdleTimes {
  readonly oneIdleMs: number;
  readonly longestWaitMs: number;
  /** For the answer to DONE. */
  readonly graceMs: number;
}

export const IDLE_TIMES: IdleTimes = { oneIdleMs: 90_000, longestWaitMs: 9 * 60_000, graceMs: 10_000 };

export interface WaitAsked {
  readonly mailbox: RemoteMailboxId;
  readonly signal: AbortSignal;
  readonly times: IdleTimes;
  /** The mailbox as it was opened for the last listing: what came since then is a sign. Undefined: it was not listed, or need not be compared. */
  readonly told: Selected | undefined;
}

/** `earlier`: it had come before the waiting began. */
export type WaitEnd = 'sign' | 'earlier' | 'enough';

/** Resolves at the first sign of a change, when the signal aborts, or after some minutes without either. */
export async function waitForSign(connection: ImapConnection, { mailbox, signal, times, told }: WaitAsked): Promise<WaitEnd> {
  if (signal.aborted) return 'enough';
  // A session is only ended for it when the server does not hear.
  const late = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const calledOff = (): void => {
    grace = setTimeout(() => late.abort(), times.graceMs);
  };
  signal.addEventListener('abort', calledOff, { once: true });
  try {
    const box = await connection.select(mailbox, 'read', late.signal);
    // A server tells in an IDLE only what comes after this.
    if (told !== undefined && isOther(box, told)) return 'earlier';
    const endMs = performance.now() + times.longestWaitMs;
    let isSign = false;
    while (!isSign && !signal.aborted && performance.now() < endMs) isSign = await idleOnce(connection, times, signal);
    return isSign ? 'sign' : 'enough';
  } catch (error) {
    // Called off is called off, also when the session is over now.
    if (!signal.aborted) throw error;
    return 'enough';
  } finally {
    clearTimeout(grace);
    signal.removeEventListener('abort', calledOff);
  }
}

function isOther(box: Selected, told: Selected): boolean {
  return box.validity !== told.validity || box.messages !== told.messages || box.uidNext !== told.uidNext || box.modSeq !== told.modSeq;
}

/** When it is called off a DONE ends it, and the session goes on, unless the server does not answer to that. */
async function idleOnce(connection: ImapConnection, { oneIdleMs, graceMs }: IdleTimes, signal: AbortSignal): Promise<boolean> {
  let [isSign, isWaiting, isOver] = [false, false, false];
  const giveUp = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const done = (): void => {
    if (!isOver) timers.push(setTimeout(() => giveUp.abort(), graceMs));
    isOver = true;
    // RFC 2177: nothing may be said before the server's +.
    if (!isWaiting) return;
    isWaiting = false;
    connection.write('DONE');
  };
  const sign = (): void => {
    isSign = true;
    done();
  };
  timers.push(setTimeout(done, oneIdleMs));
  signal.addEventListener('abort', done, { once: true });
  try {
    await connection.command('IDLE', [], {
      signal: giveUp.signal,
      untagged: { EXISTS: sign, EXPUNGE: sign, VANISHED: sign, FETCH: sign },
      onPlusTag() {
        isWaiting = true;
        if (isOver || signal.aborted) done();
      },
    });
  } catch (error) {
    throw giveUp.signal.aborted ? sessionEnded(connection.host, error) : error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener('abort', done);
  }
  return isSign;
}
