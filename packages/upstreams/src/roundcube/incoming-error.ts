/*
 * Roundcube's own errors in the words that every incoming path shares (core/incoming.ts): `void`, `mailbox-missing`, `session-ended`.
 */
import { MailError, retryAfterOf } from '@stopgap/core';
import { hasCode, reasonOf, roundcubeError } from './errors.ts';

/** A mailbox that is in no sound list of all mailboxes. */
export function mailboxMissing(mailbox: string, host: string): MailError {
  return refusal('mailbox-missing', `There is no mailbox "${mailbox}".`, host);
}

/** Asking again does not help. */
export function refusal(code: 'mailbox-missing' | 'mailbox-exists' | 'name-refused', text: string, host: string): MailError {
  return new MailError('permanent', text, { code, reason: { class: 'content', text, host } });
}

/** Not Roundcube's grammar, half a list, an error among the data: nothing may follow from any of it. */
export function incomingError(error: unknown): MailError {
  const reason = reasonOf(error);
  if (hasCode(error, 'void', 'unintelligible', 'too-big')) return retold(error, 'void');
  if (hasCode(error, 'session-lost', 'token-refused')) return retold(error, 'session-ended');
  if (error instanceof MailError && error.reason !== undefined) return error;
  return new MailError('transient', reason.text, { code: 'internal', reason, cause: error });
}

/** After a request that may have stored something: only an answer that says no is a no. */
export function appendError(error: unknown): MailError {
  const isUnclear = hasCode(error, 'lost', 'unintelligible', 'busy');
  if (!isUnclear) return incomingError(error);
  const reason = { ...reasonOf(error), class: 'lost-answer' } as const;
  return new MailError('transient', reason.text, { code: 'lost', reason, retryAfterMs: retryAfterOf(error), cause: error });
}

export function listVoid(text: string, host: string): MailError {
  return roundcubeError('void', text, { host });
}

function retold(error: unknown, code: 'void' | 'session-ended'): MailError {
  const reason = reasonOf(error);
  return new MailError(code === 'void' ? 'protocol' : 'transient', reason.text, { code, reason, cause: error });
}
