import { systemClock, type Clock } from '@stopgap/core';

const MINUTE_MS = 60_000;

/** A clock on which the minute that a client has for its log-in is over when the test says so, for all who wait then. */
export function minuteForLogIn(): { readonly clock: Clock; readonly end: () => void } {
  let waiting: (() => void)[] = [];
  const wait: Clock['wait'] = (ms, signal) => {
    if (ms !== MINUTE_MS) return systemClock.wait(ms, signal);
    return Promise.race([systemClock.wait(ms, signal), new Promise<void>((over) => waiting.push(over))]);
  };
  return {
    clock: { ...systemClock, wait },
    end() {
      for (const over of waiting) over();
      waiting = [];
    },
  };
}
