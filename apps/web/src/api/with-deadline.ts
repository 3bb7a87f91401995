import { NoAnswer } from './failures.ts';
import type { Jmap } from './jmap.ts';
import { call } from './methods.ts';

/** Longer there is no answer to be hoped for: a line may be dead and say nothing. */
const LONGEST_ANSWER_MS = 60_000;
/** What is said needs its time, too, on a line of a kilobyte a second. */
const MS_PER_CHARACTER = 1;

/** The same mail, where no answer to a method is waited for without an end. Files take the time that they take. @param cut ends everything before */
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
    upload: (blob, type, options) => jmap.upload(blob, type, { ...options, signal: firstOf(cut, options?.signal) }),
  };
}

function firstOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
