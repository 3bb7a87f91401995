import { HttpFailure, isOutdated, MethodFailure, NoAnswer } from '../api/failures.ts';
import type { Words } from '../words/en.ts';

/** What went wrong, for a person. */
export function failureText(error: unknown, { done }: Words): string {
  if (error instanceof NoAnswer) return done.noAnswer;
  if (isOutdated(error)) return done.outdated;
  const why = whyOf(error, done);
  return why === '' ? done.failed : done.failedWhy(why);
}

/** What the relay says of it. Empty: nothing, or it is not the relay's. */
export function whyOf(error: unknown, done: Pick<Words['done'], 'why'>): string {
  if (error instanceof MethodFailure) return whyText(error.type, error.detail, done);
  return error instanceof HttpFailure ? whyText(`http-${error.status}`, error.detail, done) : '';
}

/** In the person's language where its type (RFC 8620 3.6.2, 5.3, or `http-404`) says all of it, else in the relay's own words, which are English. */
export function whyText(type: string, detail: string, { why }: Pick<Words['done'], 'why'>): string {
  return Object.hasOwn(why, type) ? (why[type] ?? '') : detail;
}
