import { MailError, messageOf, type Reason } from '@stopgap/core';
import { hasJmapCode, methodErrorOf, reasonOfJmapError } from '@stopgap/jmap';

/** The log-in does not count any more, or what it was for is gone. */
const SESSION_OVER = ['accountNotFound', 'accountNotSupportedByMethod'];

/** What went wrong, in the words of an incoming session. */
export function incomingError(error: unknown, signal: AbortSignal): MailError {
  if (error instanceof MailError && INCOMING_CODES.includes(error.code)) return error;
  const reason = reasonOfJmapError(error);
  if (signal.aborted) return made('transient', 'cancelled', { ...reason, class: 'cancelled', text: 'The call was cancelled.' }, error);
  if (hasJmapCode(error, 'refused', 'lost', 'unreachable') || SESSION_OVER.includes(methodErrorOf(error) ?? ''))
    return made('transient', 'session-ended', reason, error);
  if (hasJmapCode(error, 'protocol')) return made('protocol', 'void', reason, error);
  if (error instanceof MailError && error.reason !== undefined) return error;
  return made('transient', 'internal', reason, error);
}

const INCOMING_CODES: readonly string[] = ['mailbox-missing', 'mailbox-not-empty', 'void', 'session-ended', 'cancelled'];

export function mailboxMissing(host: string): MailError {
  return made('permanent', 'mailbox-missing', { class: 'protocol', text: 'There is no such mailbox.', host });
}

/** Nothing may follow from this answer. */
export function voidAnswer(text: string, host: string): MailError {
  return made('protocol', 'void', { class: 'protocol', text, host });
}

export function sessionEnded(): MailError {
  return made('transient', 'session-ended', { class: 'protocol', text: 'The session is over.' });
}

export function mailboxNotEmpty(host: string): MailError {
  return made('permanent', 'mailbox-not-empty', { class: 'policy', text: 'The mailbox holds mail or other mailboxes.', host });
}

/** RFC 8620 5.3, RFC 8621 2.5 and 4.6-4.8: refusals that asking again does not change. */
const FOR_GOOD: readonly string[] = [
  'alreadyExists',
  'invalidEmail',
  'invalidProperties',
  'singleton',
  'tooLarge',
  'tooManyKeywords',
  'tooManyMailboxes',
];
const CLASSES: Readonly<Record<string, Reason['class']>> = { overQuota: 'quota', tooLarge: 'too-big', rateLimit: 'throttled' };

/** A server that does not do what it was asked with this one object; the others are no worse for it. */
export function refusedChange(what: string, error: { readonly type: string; readonly description?: string | null | undefined }): MailError {
  const text = `The JMAP server does not ${what}: ${error.type}${typeof error.description === 'string' ? ` (${error.description})` : ''}.`;
  const reason: Reason = { class: CLASSES[error.type] ?? 'content', text };
  return made(FOR_GOOD.includes(error.type) ? 'permanent' : 'transient', 'refused', reason);
}

function made(kind: MailError['kind'], code: string, reason: Reason, cause?: unknown): MailError {
  return new MailError(kind, cause === undefined ? reason.text : messageOf(cause), { code, reason, cause });
}
