import { retryAfterOf, type Reason } from '@stopgap/core';
import { entryOf, jmapProvesNothingDone, reasonOfJmapError, type Answer, type MethodError, type SetError } from '@stopgap/jmap';

/** The creation id of what is sent. */
export const CREATION = 'sending';
const UNRESOLVED: readonly string[] = ['invalidResultReference', 'resultReference', 'invalidArguments'];

/** As far as a /set tells of it. */
interface Changes {
  readonly created?: Readonly<Record<string, unknown>> | null | undefined;
  readonly notCreated?: Readonly<Record<string, SetError>> | null | undefined;
  readonly notUpdated?: Readonly<Record<string, SetError>> | null | undefined;
}

/** What came of one sending. Only `lost` and `unclear` leave open whether it was sent. */
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

/** Why it was not done: an argument refers to nothing (RFC 8620 3.7; Cyrus 3.6), or the server knows no reference there. */
export function isUnresolved(answer: Answer<unknown>): boolean {
  return answer.kind === 'failed' && UNRESOLVED.includes(answer.error.type);
}

/** Of EmailSubmission/set. */
export function ofSending(answer: Answer<Changes>, emailId: string, host: string): SubmissionAnswer {
  if (answer.kind === 'failed') return ofMethodError(answer.error, host);
  const { created, notCreated } = answer.value;
  if (entryOf(created, CREATION) !== undefined) {
    const isFiled = answer.further.some(([name, { updated }]) => name === 'Email/set' && isKeyed(updated, emailId));
    return { kind: 'sent', isFiled };
  }
  const error = entryOf(notCreated, CREATION);
  if (error !== undefined) return ofSetError(error, host);
  return { kind: 'unclear', reason: unclear(`${host} does not say what became of the message.`, host) };
}

/** Of the Email/set before it, which was not done; so nothing was sent. */
export function ofBeginning(answer: Answer<Changes>, emailId: string, host: string): SubmissionAnswer {
  if (answer.kind === 'failed') return { kind: 'down', reason: reasonOf(answer.error, host) };
  const error = entryOf(answer.value.notUpdated, emailId);
  const text = `${host} does not let the draft say that it is being sent: ${error === undefined ? 'no answer' : wordsOf(error)}.`;
  return { kind: 'down', reason: { class: error?.type === 'overQuota' ? 'quota' : 'route', text, host } };
}

export function ofError(error: unknown): SubmissionAnswer {
  const reason = reasonOfJmapError(error);
  if (jmapProvesNothingDone(error)) return { kind: 'down', reason, retryAfterMs: retryAfterOf(error) };
  return { kind: 'lost', reason: { ...reason, class: 'lost-answer' } };
}

/** RFC 8621 7.5, and what Cyrus 3.6 makes of the replies of its SMTP server. */
export function ofSetError(error: SetError, host: string): SubmissionAnswer {
  const text = `${host} does not send: ${wordsOf(error)}.`;
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

function ofMethodError(error: MethodError, host: string): SubmissionAnswer {
  const reason = reasonOf(error, host);
  return error.type === 'serverPartialFail' ? { kind: 'unclear', reason: unclear(reason.text, host) } : { kind: 'down', reason };
}

function reasonOf(error: MethodError, host: string): Reason {
  const isBusy = error.type === 'rateLimit' || error.type === 'serverUnavailable';
  return { class: isBusy ? 'throttled' : 'protocol', text: `${host} does not send: ${wordsOf(error)}.`, host };
}

function wordsOf({ type, description }: MethodError): string {
  return typeof description === 'string' ? `${type} (${description})` : type;
}

function unclear(text: string, host: string): Reason {
  return { class: 'lost-answer', text, host };
}

function isKeyed(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
