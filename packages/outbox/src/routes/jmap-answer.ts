import { retryAfterOf, type Reason } from '@stopgap/core';
import {
  entryOf,
  jmapProvesNothingDone,
  reasonOfJmapError,
  setEmails,
  setSubmissions,
  type EnvelopeAddress,
  type MethodError,
  type SetError,
} from '@stopgap/jmap';
import { asSent, SENDING, type Desk } from './jmap-desk.ts';

const CREATION = 'sending';

/** What came of one EmailSubmission/set. Only `lost` and `unclear` leave open whether it was sent. */
export type SubmissionAnswer =
  | { readonly kind: 'sent'; readonly isFiled: boolean }
  /** The answer never came; the draft tells later whether it was begun. */
  | { readonly kind: 'lost'; readonly reason: Reason }
  /** The server itself does not know. */
  | { readonly kind: 'unclear'; readonly reason: Reason }
  /** Nothing was sent, for these recipients' sake. */
  | { readonly kind: 'bad-recipients'; readonly addresses: readonly string[]; readonly reason: Reason }
  | { readonly kind: 'too-many'; readonly most: number; readonly reason: Reason }
  /** Nothing was sent; fewer recipients may fare better. */
  | { readonly kind: 'refused'; readonly reason: Reason }
  /** Nothing was sent, and nothing will be for now. */
  | { readonly kind: 'down'; readonly reason: Reason; readonly retryAfterMs?: number | undefined };

/** Nothing was sent. */
export type Refusal = Exclude<SubmissionAnswer, { readonly kind: 'sent' | 'lost' | 'unclear' }>;

export function hasSentNothing(answer: SubmissionAnswer): answer is Refusal {
  return answer.kind !== 'sent' && answer.kind !== 'lost' && answer.kind !== 'unclear';
}

export interface Submission {
  readonly emailId: string;
  readonly identityId: string;
  readonly mailFrom: EnvelopeAddress;
  readonly rcptTo: readonly string[];
}

/** Sends in one request: says that it begins, sends, and makes a sent message of the draft. Never throws. */
export async function submit(desk: Desk, submission: Submission, signal: AbortSignal): Promise<SubmissionAnswer> {
  const { client, accountId } = desk;
  const { emailId, identityId, mailFrom, rcptTo } = submission;
  const envelope = { mailFrom, rcptTo: rcptTo.map((email) => ({ email })) };
  try {
    const [, answer] = await client.batch(
      [
        setEmails(accountId, { update: { [emailId]: { [`keywords/${SENDING}`]: true } } }),
        setSubmissions(accountId, {
          create: { [CREATION]: { emailId, identityId, envelope } },
          onSuccessUpdateEmail: { [`#${CREATION}`]: asSent(desk) },
        }),
      ],
      signal,
    );
    if (answer.kind === 'failed') return ofMethodError(answer.error, client.host);
    const { created, notCreated } = answer.value;
    if (entryOf(created, CREATION) !== undefined) {
      const isFiled = answer.further.some(([name, { updated }]) => name === 'Email/set' && isKeyed(updated, emailId));
      return { kind: 'sent', isFiled };
    }
    const error = entryOf(notCreated, CREATION);
    if (error !== undefined) return ofSetError(error, client.host);
    return { kind: 'unclear', reason: unclear(`${client.host} does not say what became of the message.`, client.host) };
  } catch (error) {
    const reason = reasonOfJmapError(error);
    if (jmapProvesNothingDone(error)) return { kind: 'down', reason, retryAfterMs: retryAfterOf(error) };
    return { kind: 'lost', reason: { ...reason, class: 'lost-answer' } };
  }
}

/** RFC 8621 7.5, and what Cyrus 3.6 makes of the replies of its SMTP server. */
export function ofSetError(error: SetError, host: string): SubmissionAnswer {
  const text = `${host} does not send: ${error.type}${typeof error.description === 'string' ? ` (${error.description})` : ''}.`;
  switch (error.type) {
    case 'invalidRecipients':
      return { kind: 'bad-recipients', addresses: error.invalidRecipients ?? [], reason: { class: 'recipient', text, host } };
    case 'tooManyRecipients':
      return { kind: 'too-many', most: error.maxRecipients ?? 0, reason: { class: 'recipient', text, host } };
    case 'tooLarge':
      return { kind: 'refused', reason: { class: 'too-big', text, host } };
    case 'noRecipients':
    case 'invalidEmail':
    case 'invalidProperties':
    case 'emailNotFound':
    case 'forbiddenMailFrom':
    case 'forbiddenFrom':
    case 'forbiddenToSend':
    case 'forbidden':
      return { kind: 'refused', reason: { class: 'policy', text, host } };
    case 'rateLimit':
    case 'overQuota':
      return { kind: 'down', reason: { class: 'throttled', text, host } };
    case 'serverFail':
      // RFC 8620 3.6.2: nothing was changed. Cyrus 3.6 says it when there was no connection; later ones, with these words, also when one was lost.
      if (/i\/o error/i.test(error.description ?? '')) return { kind: 'unclear', reason: unclear(text, host) };
      return { kind: 'down', reason: { class: 'connect', text, host } };
    default:
      // Cyrus 3.6 says smtpProtocolError when the connection was lost, before the final dot or behind it.
      return { kind: 'unclear', reason: unclear(text, host) };
  }
}

function ofMethodError({ type, description }: MethodError, host: string): SubmissionAnswer {
  const text = `${host} does not send: ${type}${typeof description === 'string' ? ` (${description})` : ''}.`;
  if (type === 'serverPartialFail') return { kind: 'unclear', reason: unclear(text, host) };
  const isBusy = type === 'rateLimit' || type === 'serverUnavailable';
  return { kind: 'down', reason: { class: isBusy ? 'throttled' : 'protocol', text, host } };
}

function unclear(text: string, host: string): Reason {
  return { class: 'lost-answer', text, host };
}

function isKeyed(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
