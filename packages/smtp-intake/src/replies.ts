/*
 * Every reply of ours, and the one place where an error becomes one. Codes: RFC 5321 4.2.2, RFC 4954 6; status: RFC 3463, RFC 6531 3.
 * Unknown errors are temporary: never destroy on a guess.
 */
import { MailError, type Reason } from '@stopgap/core';

export interface Reply {
  readonly code: number;
  /** RFC 3463; undefined where RFC 2034 3 wants none. */
  readonly status?: string;
  readonly text: string;
  /** The connection ends with it. */
  readonly isLast?: boolean;
}

const reply = (code: number, status: string, text: string): Reply => ({ code, status, text });
const lastReply = (code: number, status: string, text: string): Reply => ({ code, status, text, isLast: true });

export const replies = {
  senderOk: reply(250, '2.1.0', 'Sender ok'),
  recipientOk: reply(250, '2.1.5', 'Recipient ok'),
  queued: (id: string) => reply(250, '2.0.0', `queued as ${id}`),
  sendContent: { code: 354, text: 'End the message with a line that holds only a dot' } as Reply,

  lineTooLong: lastReply(500, '5.5.2', 'Line too long'),
  bareLineEnd: lastReply(500, '5.5.2', 'A line ends with CR LF (RFC 5321 2.3.8)'),
  controlCharacter: lastReply(500, '5.5.2', 'Control characters have no place in a command'),
  notUtf8: reply(500, '5.5.2', 'The command is not UTF-8'),
  notSmtp: lastReply(500, '5.5.1', 'This is a mail server, speak SMTP'),
  tooManyErrors: lastReply(421, '4.7.0', 'Too many errors'),
  tooManyConnections: lastReply(421, '4.7.0', 'Too many connections from your address'),
  loginTooSlow: lastReply(421, '4.4.2', 'Log in within the time'),
  shuttingDown: lastReply(421, '4.3.2', 'Going down, try again in a moment'),

  syntax: (usage: string) => reply(501, '5.5.4', `Syntax: ${usage}`),
  badBase64: reply(501, '5.5.2', 'That is not base64'),
  authInTransaction: reply(503, '5.5.1', 'Log in before MAIL'),
  tlsFirstForAuth: reply(538, '5.7.11', 'Encryption required: send STARTTLS first'),
  tlsFirst: reply(530, '5.7.0', 'Must issue a STARTTLS command first'),
  authFirst: reply(530, '5.7.0', 'Authentication required'),
  accountGone: lastReply(421, '4.7.0', 'Your account changed, log in again'),
  nestedMail: reply(503, '5.5.1', 'One MAIL at a time'),
  mailFirst: reply(503, '5.5.1', 'Send MAIL first'),
  noRecipients: reply(554, '5.5.1', 'No valid recipients'),

  badParameter: (text: string) => reply(501, '5.5.4', text),
  unknownParameter: (name: string) => reply(555, '5.5.4', `Parameter ${name} is not known here`),
  needsSmtpUtf8: reply(553, '5.6.7', 'A non-ASCII address needs SMTPUTF8'),
  badSender: reply(553, '5.1.7', 'The sender must be one plain address, user@domain'),
  badRecipient: reply(553, '5.1.3', 'The recipient must be one plain address, user@domain: no route, no quotes, no percent sign'),
  notYourSender: reply(553, '5.7.1', 'You may send only as your own address'),
  notYourFrom: (address: string) => reply(550, '5.7.1', `You may not write as ${address} in From or Sender`),
  tooManyRecipients: reply(452, '4.5.3', 'Too many recipients'),
  tooManyThisHour: reply(450, '4.7.1', 'Too many recipients in one hour, try again later'),
  tooBig: (limit: number) => reply(552, '5.3.4', `Message too big, the limit is ${limit} bytes`),
  farTooBig: (limit: number) => lastReply(552, '5.3.4', `Message too big, the limit is ${limit} bytes`),
  loop: reply(554, '5.4.6', 'The message goes round in a loop'),
  noRoom: reply(452, '4.3.1', 'Insufficient system storage'),
  tryLater: reply(451, '4.3.0', 'Could not be stored, try again later'),
} as const;

/** What ends a transaction, as the client hears it. Our own trouble is never said in detail. */
export function replyOf(error: unknown): Reply {
  if (!(error instanceof MailError)) return replies.tryLater;
  if (error.code === 'store-full') return replies.noRoom;
  const { reason } = error;
  if (error.kind === 'permanent' && reason?.code !== undefined && reason.status !== undefined) {
    return reply(reason.code, reason.status, error.reply ?? reason.text);
  }
  return replies.tryLater;
}

/** Line ends and the like say that client and server may not agree on where a message ends: nothing more is believed on that connection. */
export function endsConnection(error: MailError): boolean {
  return error.code === 'bare-cr' || error.code === 'bare-lf' || error.code === 'nul' || error.code === 'line-too-long';
}

/** For smtp-server, which adds the status that belongs to the code itself: 535 5.7.8, 454 4.7.0. */
export const logInReplies = {
  refused: { code: 535, text: 'Authentication credentials invalid' },
  undecided: (reason: Reason) => ({
    code: 454,
    text: `Temporary authentication failure: ${reason.class === 'internal' ? 'try again later' : 'your mail provider can not be asked now'}`,
  }),
  throttled: (retryAfterMs: number) => ({
    code: 454,
    text: `Too many failed log-ins, try again in ${Math.max(1, Math.ceil(retryAfterMs / 60_000))} minutes`,
  }),
} as const;
