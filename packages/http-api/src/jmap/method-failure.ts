import { MailError, messageOf } from '@stopgap/core';
import { MethodError, SetProblem, setProblemOf } from './method-error.ts';
import type { CallContext, Json } from './method.ts';

type Where = Pick<CallContext, 'deps' | 'account'> & { readonly method: string };

/** What a client is told of an error that ended its call. What failed here is told to our log, and no word of it to the client. */
export function failureOf(error: unknown, { deps, account, method }: Where): Json & { readonly type: string } {
  if (error instanceof MethodError) {
    return { type: error.type, ...(error.message === '' ? {} : { description: error.message }), ...error.more };
  }
  // What is full or busy now may not be so later; the rest is ours to look into.
  if (error instanceof MailError && error.kind === 'transient') {
    return { type: 'serverUnavailable', description: error.reply ?? 'Try again in a moment.' };
  }
  deps.log.error('a JMAP method failed', { method, account, error: messageOf(error) });
  return { type: 'serverFail', description: 'Something went wrong here; nothing was changed.' };
}

/** What `read` finds; `other` where it can not be read, so that what is done already is told all the same. */
export function readOr<T>(read: () => T, other: T, where: Where): T {
  try {
    return read();
  } catch (error) {
    failureOf(error, where);
    return other;
  }
}

/** The same as `failureOf` for one object, where others of the call are done already: an error of the method would say that nothing was (RFC 8620 3.6.2). */
export function problemOf(error: unknown, where: Where): SetProblem {
  try {
    return setProblemOf(error);
  } catch (unexpected) {
    return new SetProblem(failureOf(unexpected, where).type, 'Something went wrong here. Whether it was done is to be looked for.');
  }
}
