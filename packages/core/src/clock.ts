/** Time as a value that is handed in: the real one in `serve`, a fake one in tests. */
export interface Clock {
  /** Milliseconds since 1970, as `Date.now()`. May jump; never use it to measure a duration. */
  nowMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects: look at the signal afterwards). */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** setTimeout takes 31 bits; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
      signal?.addEventListener('abort', done, { once: true });
    }),
};
