import { MailError, messageOf, type MailErrorKind, type Reason, type ReasonClass } from '@stopgap/core';
import { reasonOfNetworkError } from '../net/network-reason.ts';
import { codeOf, wordsOf, type Response } from './response.ts';

/** The other side's words are quoted at most this far. */
const LONGEST_QUOTE = 300;

/** imapflow's words for an answer that is no IMAP, or more of it than is taken. */
const SENSELESS: ReadonlySet<string> = new Set([
  'MAX_IMAP_NESTING_REACHED',
  'LineTooLarge',
  'LiteralTooLarge',
  'ResponseTooLarge',
  'TooManyTokens',
  'TooManyResponses',
  'UnexpectedTag',
  'MissingTag',
  'InvalidResponse',
  'ResponseProcessingFailed',
  'STARTTLS_INJECTION',
]);
/** ... and for a command that could not be written down. */
const UNSAYABLE: ReadonlySet<string> = new Set(['InvalidStringValue', 'InvalidTokenValue', 'InvalidTextValue', 'InvalidSequenceSet']);

/** RFC 5530, and what servers say besides. */
const REFUSALS: Readonly<Record<string, readonly [MailErrorKind, string, ReasonClass]>> = {
  NONEXISTENT: ['permanent', 'mailbox-missing', 'content'],
  TRYCREATE: ['permanent', 'mailbox-missing', 'content'],
  HASCHILDREN: ['transient', 'refused', 'content'],
  ALREADYEXISTS: ['permanent', 'mailbox-exists', 'content'],
  CANNOT: ['permanent', 'name-refused', 'content'],
  TOOBIG: ['permanent', 'too-big', 'too-big'],
  APPENDLIMIT: ['permanent', 'too-big', 'too-big'],
  OVERQUOTA: ['transient', 'quota', 'quota'],
  LIMIT: ['transient', 'throttled', 'throttled'],
  THROTTLED: ['transient', 'throttled', 'throttled'],
  NOPERM: ['transient', 'refused', 'policy'],
  CONTACTADMIN: ['transient', 'refused', 'policy'],
  UNAVAILABLE: ['transient', 'refused', 'connect'],
};

export interface ImapErrorDetail {
  readonly class: ReasonClass;
  readonly host?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

export function imapError(kind: MailErrorKind, code: string, text: string, detail: ImapErrorDetail): MailError {
  const reason: Reason = {
    class: detail.class,
    text: text.slice(0, LONGEST_QUOTE),
    ...(detail.host === undefined ? {} : { host: detail.host }),
  };
  const { cause, retryAfterMs } = detail;
  return new MailError(kind, reason.text, { code, reason, retryAfterMs, ...(cause === undefined ? {} : { cause }) });
}

/** Nothing may follow from what the server said. */
export function voidAnswer(host: string, what: string, cause?: unknown): MailError {
  return imapError('protocol', 'void', `${host} gave an answer that can not be believed: ${what}`, { class: 'protocol', host, cause });
}

export function mailboxMissing(host: string, cause?: unknown): MailError {
  return imapError('permanent', 'mailbox-missing', `${host} has no such mailbox`, { class: 'content', host, cause });
}

export interface Circumstances {
  readonly host: string;
  readonly signal: AbortSignal;
  /** What ended the connection, where imapflow told it apart from the command that met it. */
  readonly fault: unknown;
}

/** What went wrong with a command, whoever threw it. */
export function failureOf(error: unknown, { host, signal, fault }: Circumstances): MailError {
  if (error instanceof MailError) return error;
  if (signal.aborted) return cancelled(host, error);
  const code = wordOf(error);
  if (code === 'ETHROTTLE') return throttled(host, error);
  const response = refusalIn(error);
  if (response !== undefined) return refused(response, host, error);
  if (UNSAYABLE.has(code))
    return imapError('bug', 'unsayable', `a command to ${host} could not be written: ${messageOf(error)}`, {
      class: 'internal',
      cause: error,
    });
  if (isSenseless(code)) return voidAnswer(host, messageOf(error), error);
  if (isSenseless(wordOf(fault))) return voidAnswer(host, messageOf(fault), fault);
  return sessionEnded(host, fault ?? error);
}

export function cancelled(host: string, cause?: unknown): MailError {
  return imapError('transient', 'cancelled', `the talk with ${host} was called off`, { class: 'cancelled', cause });
}

export function sessionEnded(host: string, cause?: unknown): MailError {
  const bye = cause instanceof Error && 'reason' in cause && typeof cause.reason === 'string' ? `, saying: ${cause.reason}` : '';
  const code = wordOf(cause);
  const text =
    code === 'ETIMEOUT'
      ? `${host} did not answer in time`
      : bye !== '' || code === 'NoConnection' || code === 'EConnectionClosed' || code === 'StateLogout' || code === ''
        ? `${host} ended the session${bye}`
        : reasonOfNetworkError(cause, host).text;
  return imapError('transient', 'session-ended', text, { class: 'connect', host, cause });
}

/** Exchange Online names the pause in its refusal, and imapflow reads it. */
function throttled(host: string, cause: unknown): MailError {
  const told = cause instanceof Error && 'throttleReset' in cause ? cause.throttleReset : undefined;
  const retryAfterMs = typeof told === 'number' && Number.isFinite(told) && told > 0 ? told : undefined;
  return imapError('transient', 'throttled', `${host} asks to come back slower`, { class: 'throttled', host, retryAfterMs, cause });
}

function refused(response: Response, host: string, cause: unknown): MailError {
  const status = response.command.toUpperCase();
  const said = `${host} said ${status}: ${wordsOf(response)}`;
  const known = REFUSALS[codeOf(response)?.name ?? ''];
  if (known !== undefined) return imapError(known[0], known[1], said, { class: known[2], host, cause });
  return imapError(status === 'BAD' ? 'protocol' : 'transient', 'refused', said, { class: 'protocol', host, cause });
}

/** NO without a word of RFC 5530: this one thing is refused, and nothing is said against the server, the log-in or the mailbox. */
export function isPlainRefusal(error: unknown): boolean {
  const response = error instanceof MailError ? refusalIn(error.cause) : undefined;
  return response?.command.toUpperCase() === 'NO' && codeOf(response) === undefined;
}

/** A change that was refused so: who asked for it goes on with the others. */
export function refusedAlone(cause: unknown, host: string): MailError {
  return imapError('transient', 'refused', messageOf(cause), { class: 'content', host, cause });
}

function refusalIn(error: unknown): Response | undefined {
  if (!(error instanceof Error) || !('responseStatus' in error) || !('response' in error)) return undefined;
  if (error.responseStatus !== 'NO' && error.responseStatus !== 'BAD') return undefined;
  return error.response as Response;
}

function isSenseless(code: string): boolean {
  return SENSELESS.has(code) || code.startsWith('ParserError');
}

function wordOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
