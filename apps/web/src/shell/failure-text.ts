import { HttpFailure, isOutdated, MethodFailure, NoAnswer } from '../api/failures.ts';
import type { Words } from '../words/en.ts';

/** What went wrong, for a person. */
export function failureText(error: unknown, words: Words): string {
  if (error instanceof NoAnswer) return words.done.noAnswer;
  if (error instanceof HttpFailure || error instanceof MethodFailure)
    return error.detail === '' ? words.done.failed : words.done.failedWhy(error.detail);
  return isOutdated(error) ? words.done.outdated : words.done.failed;
}
