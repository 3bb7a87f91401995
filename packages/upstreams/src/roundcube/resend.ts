/*
 * "Resend" (bounce.php, since Roundcube 1.4): the stored message goes out byte for byte under a block of Resent-* fields. The envelope is exactly
 * what the form holds. `_from` is the number of an identity or any one address: a plain address becomes envelope sender and Resent-From as it
 * is (rcmail_sendmail::headers_input), so no identity has to be looked up.
 */
import { confirmation, firstError } from './answer.ts';
import { roundcubeError } from './errors.ts';
import { findSelect } from './page.ts';
import { readSendFailure, type SendFailure } from './send-failure.ts';
import type { RoundcubeSession } from './session.ts';

/** SMTP behind the webmail may take minutes for a large message; nothing is gained by giving up early. */
const SEND_DEADLINE_MS = 300_000;

export interface Resend {
  readonly mbox: string;
  readonly uid: number;
  readonly from: string;
  readonly recipients: readonly string[];
  /** The mailbox that gets a copy, with the Resent-* fields. */
  readonly sent: string;
  readonly signal: AbortSignal;
}

export type SendAnswer = { readonly kind: 'sent'; readonly isSaved: boolean; readonly reply: string } | SendFailure;

/** Can this webmail resend? Older ones and some configurations can not. */
export async function canResend(session: RoundcubeSession, place: { mbox: string; uid: number }, signal: AbortSignal): Promise<boolean> {
  const parameters = { _mbox: place.mbox, _uid: String(place.uid), _framed: '1' };
  const { page } = await session.page({ action: 'bounce', parameters, signal });
  const error = firstError(page);
  if (error !== undefined) throw roundcubeError('void', `The webmail reported: ${error.text}`, { host: session.host });
  return findSelect(page, '_from') !== undefined;
}

/** Sends. A throw with `provesNothingDone` sent nothing; every other throw may have. */
export async function resendMessage(session: RoundcubeSession, order: Resend): Promise<SendAnswer> {
  const parameters = {
    _mbox: order.mbox,
    _uid: String(order.uid),
    _from: order.from,
    _to: '',
    _cc: '',
    // In _to or _cc they would be told to all in Resent-To.
    _bcc: order.recipients.join(', '),
    _store_target: order.sent,
  };
  const answer = await session.change({ action: 'bounce', parameters, signal: order.signal, deadlineMs: SEND_DEADLINE_MS });
  return readSendAnswer(session, answer, order);
}

/**
 * The one word of success is a message of type confirmation. It may stand beside an error: then the mail left, and only the copy was not
 * stored (bounce.php reports `errorsaving` and goes on).
 */
export function readSendAnswer(
  session: RoundcubeSession,
  answer: Parameters<typeof firstError>[0],
  order: Pick<Resend, 'from' | 'recipients'>,
): SendAnswer {
  const success = confirmation(answer);
  const error = firstError(answer);
  if (success !== undefined) return { kind: 'sent', isSaved: error === undefined, reply: success.text };
  if (error !== undefined) return readSendFailure(error.text, { from: order.from, recipients: order.recipients, host: session.host });
  throw roundcubeError('unintelligible', 'The webmail said neither that it sent the message nor that it did not.', {
    host: session.host,
    class: 'lost-answer',
  });
}
