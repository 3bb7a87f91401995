import { MailError } from '@stopgap/core';

/** RFC 8620 3.6.2 and the methods' own. */
export type MethodErrorType =
  | 'serverUnavailable'
  | 'serverFail'
  | 'unknownMethod'
  | 'invalidArguments'
  | 'invalidResultReference'
  | 'forbidden'
  | 'accountNotFound'
  | 'accountNotSupportedByMethod'
  | 'requestTooLarge'
  | 'cannotCalculateChanges'
  | 'tooManyChanges'
  | 'stateMismatch'
  | 'anchorNotFound'
  | 'unsupportedSort'
  | 'unsupportedFilter'
  | 'fromAccountNotFound'
  | 'fromAccountNotSupportedByMethod';

/** Ends one call; the ones after it go on. */
export class MethodError extends Error {
  readonly type: MethodErrorType;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(type: MethodErrorType, description = '', more: Readonly<Record<string, unknown>> = {}) {
    super(description);
    this.type = type;
    this.more = more;
  }
}

/** RFC 8620 5.3: why one object of a set was not done. */
export class SetProblem extends Error {
  readonly type: string;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(type: string, description = '', more: Readonly<Record<string, unknown>> = {}) {
    super(description);
    this.type = type;
    this.more = more;
  }
}

export function setErrorOf(problem: SetProblem): Readonly<Record<string, unknown>> {
  return { type: problem.type, ...(problem.message === '' ? {} : { description: problem.message }), ...problem.more };
}

/** Codes of package mailbox and of the store, as a set says them. */
const SET_ERRORS: Readonly<Record<string, string>> = {
  'over-quota': 'overQuota',
  'mailbox-full': 'overQuota',
  'store-full': 'overQuota',
  'mailbox-name': 'invalidProperties',
  'mailbox-exists': 'invalidProperties',
  'mailbox-missing': 'invalidProperties',
  'inbox-stays': 'forbidden',
  'too-many-mailboxes': 'overQuota',
  'mailbox-has-children': 'mailboxHasChild',
};

const NAMES: ReadonlySet<string> = new Set(['mailbox-name', 'mailbox-exists']);

/** What an operation refused, in the words of a set; what is our own trouble is thrown on. */
export function setProblemOf(error: unknown): SetProblem {
  if (error instanceof SetProblem) return error;
  if (error instanceof MailError) {
    const type = SET_ERRORS[error.code];
    if (type !== undefined)
      return new SetProblem(type, error.reply ?? error.message, NAMES.has(error.code) ? { properties: ['name'] } : {});
  }
  throw error;
}
