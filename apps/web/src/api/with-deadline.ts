import { NoAnswer } from './failures.ts';
import type { Jmap } from './jmap.ts';
import { call } from './methods.ts';

/** Longer there is no answer to be hoped for: a line may be dead and say nothing. */
const LONGEST_ANSWER_MS = 60_000;
/** What is said needs its time, too, on a line of a kilobyte a second. */
const MS_PER_CHARACTER = 1;
/** A line that takes no byte of a file for so long is dead, too; besides the time for what the system holds. */
const LONGEST_STILL_MS = 90_000;
/** The system takes so much of a file at once, and more when a third of that has left. That nobody sees leave: it is waited for as if the line were this slow. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;
const SLOWEST_BYTES_PER_S = 4000;

/** The same mail, where no answer is waited for without an end. A file takes the time that it takes, as long as it moves. @param cut ends everything before */
export function withDeadline(jmap: Jmap, cut?: AbortSignal): Jmap {
  const batch: Jmap['batch'] = async (calls, signal) => {
    const late = new AbortController();
    const longestMs = LONGEST_ANSWER_MS + MS_PER_CHARACTER * JSON.stringify(calls).length;
    const timer = setTimeout(() => late.abort(new NoAnswer(`none within ${longestMs} ms`)), longestMs);
    try {
      return await jmap.batch(calls, firstOf(late.signal, cut, signal));
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    ...jmap,
    batch,
    async call(name, args, signal) {
      const [answer] = await batch([call(name, args)], signal);
      return answer;
    },
    async upload(blob, type, options) {
      const late = new AbortController();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const wait = (share: number): void => {
        const heldBytes = Math.min(blob.size * share, MOST_HELD_BYTES);
        const leavingS = (share < 1 ? heldBytes / 3 : heldBytes) / SLOWEST_BYTES_PER_S;
        clearTimeout(timer);
        timer = setTimeout(() => late.abort(new NoAnswer('the line took nothing')), LONGEST_STILL_MS + leavingS * 1000);
      };
      const onProgress = (share: number): void => {
        wait(share);
        options?.onProgress?.(share);
      };
      wait(0);
      try {
        return await jmap.upload(blob, type, { ...options, onProgress, signal: firstOf(late.signal, cut, options?.signal) });
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function firstOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
