/* Everything that is said to a client in words, and the one place where an error becomes a reply. Codes: RFC 9051 7.1, RFC 5530. */
import { MailError, type Reason } from '@stopgap/core';
import type { Completion } from './client.ts';
import { SyntaxFault } from './wire/faults.ts';
import { statusText } from './wire/encode.ts';

export const ok = (text: string, code?: string): Completion => ({ status: 'OK', text, ...(code !== undefined && { code }) });
export const no = (text: string, code?: string): Completion => ({ status: 'NO', text, ...(code !== undefined && { code }) });
export const bad = (text: string, code?: string): Completion => ({ status: 'BAD', text, ...(code !== undefined && { code }) });

export const replies = {
  unknownCommand: bad('Unknown command'),
  tagMissing: bad('A command begins with a tag'),
  wrongState: (state: string) => bad(STATES[state] ?? 'Not now'),
  tooBig: bad('The literal is too large', 'TOOBIG'),
  noSuchMailbox: no('No such mailbox', 'NONEXISTENT'),
  readOnly: no('The mailbox is open read-only', 'READ-ONLY'),
  expungeIssued: no('Some of these messages are gone', 'EXPUNGEISSUED'),
  tlsFirst: no('Begin TLS first', 'PRIVACYREQUIRED'),
  badBase64: bad('That is not base64'),
  cancelled: bad('Cancelled'),
  wrongPassword: { ...no('Authentication failed', 'AUTHENTICATIONFAILED'), isFailedLogIn: true } as Completion,
  undecided: (reason: Reason) =>
    no(reason.class === 'internal' ? 'Try again later' : 'Your mail provider can not be asked now, try again later', 'UNAVAILABLE'),
  throttled: (retryAfterMs: number) =>
    no(`Too many failed log-ins, try again in ${Math.max(1, Math.ceil(retryAfterMs / 60_000))} minutes`, 'UNAVAILABLE'),
  tooManyOfAccount: no('Too many connections of this account', 'LIMIT'),
  tooManyFlags: no('A message can have 100 keywords of 100 characters', 'LIMIT'),
  tooLarge: (limitBytes: number) => no(`Message too big, the limit is ${limitBytes} bytes`, 'TOOBIG'),
} as const;

/** Said with BYE (RFC 9051 7.1.5). */
export const byes = {
  logout: 'Logging out',
  shuttingDown: '[UNAVAILABLE] Going down, try again in a moment',
  tooManyConnections: '[LIMIT] Too many connections from your address',
  tooManyErrors: 'Too many errors',
  logInTooSlow: 'Log in within the time',
  quietTooLong: 'Quiet for too long',
  notImap: 'This is a mail server, speak IMAP',
  mailboxGone: '[UNAVAILABLE] The mailbox changed under your hands, open it again',
  accountGone: 'Your account changed, log in again',
  ourFault: '[SERVERBUG] Something went wrong here',
  bodyBroke: 'A message could not be read to its end',
} as const;

const STATES: Readonly<Record<string, string>> = {
  stranger: 'You are logged in already',
  authenticated: 'Log in first',
  selected: 'Select a mailbox first',
};

/** By the code of the MailError; what is not here goes by its kind. */
const CODES: ReadonlyMap<string, string> = new Map([
  ['mailbox-missing', 'NONEXISTENT'],
  ['mailbox-exists', 'ALREADYEXISTS'],
  ['mailbox-name', 'CANNOT'],
  ['inbox-stays', 'CANNOT'],
  ['mailbox-read-only', 'NOPERM'],
  // RFC 9051 6.3.5.
  ['mailbox-has-children', 'HASCHILDREN'],
  // RFC 6154 3.
  ['use-taken', 'USEATTR'],
  ['over-quota', 'OVERQUOTA'],
  ['mailbox-full', 'LIMIT'],
  ['too-many-mailboxes', 'LIMIT'],
  ['too-many-messages', 'LIMIT'],
  ['too-many-flags', 'LIMIT'],
  ['query-too-large', 'LIMIT'],
  ['message-too-large', 'TOOBIG'],
  ['message-unreadable', 'CANNOT'],
]);

/** The account is not what it was at the log-in: nothing more is done for this connection. */
export function endsSession(error: unknown): boolean {
  return error instanceof MailError && error.kind === 'auth';
}

/** Our own trouble, that somebody should look at; the others are told to the client and that is all. */
export function isOurFault(error: unknown): boolean {
  return !(error instanceof SyntaxFault) && !(error instanceof MailError && error.kind !== 'bug');
}

/** What ends a command, as the client hears it. Details of our own trouble are never said; unknown is temporary: never destroy on a guess. */
export function completionOf(error: unknown, where: { readonly isTarget?: boolean } = {}): Completion {
  if (error instanceof SyntaxFault) return bad(error.message);
  if (!(error instanceof MailError)) return no('Try again later', 'UNAVAILABLE');
  const text = statusText(sentence(error.reply ?? 'try again later'));
  // RFC 9051 6.3.12, 6.4.7: the client may make it and come again.
  if (error.code === 'mailbox-missing' && where.isTarget) return no(text, 'TRYCREATE');
  const code = CODES.get(error.code);
  if (code !== undefined) return no(text, code);
  if (error.kind === 'bug') return no('Something went wrong here', 'SERVERBUG');
  return error.kind === 'permanent' ? no(text, 'CANNOT') : no(text, 'UNAVAILABLE');
}

function sentence(reply: string): string {
  return reply.charAt(0).toUpperCase() + reply.slice(1);
}
