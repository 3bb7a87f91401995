import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 15_000;
const STEP_MS = 20;
const LONGEST_STEP_MS = 250;

/** Asks `probe` until it gives something other than undefined or false; throws naming `what` when `limitMs` has passed. */
export async function until<T>(what: string, probe: () => T | Promise<T>, limitMs = LIMIT_MS): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const askedAt = Date.now();
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    // Asking may cost as much as what is waited for, which needs the processor too: it gets as much time as the question took.
    await sleep(Math.min(LONGEST_STEP_MS, Math.max(STEP_MS, Date.now() - askedAt)));
  }
}
