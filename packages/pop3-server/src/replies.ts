/*
 * Every reply of ours, and the one place where an error becomes one. Response codes: RFC 2449 8, RFC 3206. Our own trouble is never said in detail, and
 * never as a wrong password.
 */
import { MailError } from '@stopgap/core';

/** What a command answers. */
export type Answer =
  | { readonly kind: 'ok'; readonly text: string; readonly next?: 'end' | 'tls' }
  | Refusal
  /** `+OK` and lines, none of which begins with a dot. */
  | { readonly kind: 'lines'; readonly text: string; readonly lines: Iterable<string> }
  /** `+OK` and a message, as it is to be sent: with its dots doubled and its end. */
  | { readonly kind: 'message'; readonly text: string; readonly octets: AsyncIterable<Buffer>; readonly sent?: () => void }
  /** The client is to say more (RFC 5034 4). */
  | { readonly kind: 'ask'; readonly answer: (line: string) => Promise<Answer> };

/** `isLast`: the connection ends with it. */
export interface Refusal {
  readonly kind: 'err';
  readonly code?: 'AUTH' | 'SYS/TEMP' | 'IN-USE';
  readonly text: string;
  readonly isLast?: boolean;
}

const err = (text: string): Refusal => ({ kind: 'err', text });
const lastErr = (text: string): Refusal => ({ kind: 'err', text, isLast: true });
const notNow = (text: string): Refusal => ({ kind: 'err', code: 'SYS/TEMP', text });

export const replies = {
  ok: (text: string): Answer => ({ kind: 'ok', text }),
  lineTooLong: lastErr('Line too long'),
  bareLineEnd: lastErr('A line ends with CR LF'),
  controlCharacter: lastErr('Control characters have no place in a command'),
  notUtf8: err('The command is not UTF-8'),
  notPop3: lastErr('This is a mail server, speak POP3'),
  unknown: err('No such command here'),
  tooManyErrors: lastErr('Too many errors'),
  loginTooSlow: lastErr('Log in within the time'),
  shuttingDown: { kind: 'err', code: 'SYS/TEMP', text: 'Going down, try again in a moment', isLast: true } as Refusal,
  accountGone: lastErr('Your account changed, log in again'),
  usage: (text: string) => err(`Say ${text}`),
  tlsFirst: err('Encryption required: say STLS first'),
  tlsAlready: err('TLS is there already'),
  behindStls: lastErr('Nothing may be sent behind STLS before its answer'),
  logInFirst: err('Log in first'),
  loggedIn: err('You are logged in already'),
  userFirst: err('Say USER first'),
  unknownMechanism: err('Only PLAIN is known here'),
  badBase64: err('That is not base64'),
  cancelled: err('Log-in given up'),
  inUse: { kind: 'err', code: 'IN-USE', text: 'Another session has this mailbox open, try again when it is over' } as Refusal,
  noSuchMessage: err('No such message'),
  deletedAlready: err('That message is deleted'),
  /** RFC 1939 6: those that could be removed are. */
  notAllRemoved: { kind: 'err', code: 'SYS/TEMP', text: 'Some deleted messages could not be removed', isLast: true } as Refusal,
  bodyNotHere: notNow('This message can not be had now; it comes when the provider can be reached'),
  tryLater: notNow('That could not be done now, try again later'),
} as const;

export const tooManyConnections = '-ERR [SYS/TEMP] Too many connections from your address\r\n';

/** RFC 3206: AUTH asks the person for another password, SYS/TEMP lets the program try again. */
export const logInReplies = {
  refused: { kind: 'err', code: 'AUTH', text: 'Address or password is wrong' } as Refusal,
  undecided: (isOurs: boolean) =>
    notNow(
      isOurs
        ? 'Your password can not be checked now, try again later'
        : 'Your password can not be checked now: your mail provider can not be asked',
    ),
  throttled: (retryAfterMs: number) =>
    notNow(`Too many failed log-ins, try again in ${Math.max(1, Math.ceil(retryAfterMs / 60_000))} minutes`),
} as const;

export function answerOf(error: unknown): Answer {
  const isRefusal = error instanceof MailError && error.kind === 'permanent' && error.reply !== undefined;
  return isRefusal ? err(error.reply ?? '') : replies.tryLater;
}
