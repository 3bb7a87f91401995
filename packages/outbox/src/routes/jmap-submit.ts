import { patchStep, resultOf, setEmails, setSubmissions, type EnvelopeAddress } from '@stopgap/jmap';
import {
  CREATION,
  hasSentNothing,
  isUnresolved,
  ofBeginning,
  ofError,
  ofSending,
  type Refusal,
  type SubmissionAnswer,
} from './jmap-answer.ts';
import { asSent, forgetBeginning, SENDING, type Desk } from './jmap-desk.ts';

/** Taking back has its own limit: the refusal is known and waits for it. */
const TAKE_BACK_MS = 60_000;

export interface Submission {
  readonly emailId: string;
  readonly identityId: string;
  readonly mailFrom: EnvelopeAddress;
  readonly rcptTo: readonly string[];
}

/**
 * Sends in one request: says that it begins, and only where that is done sends, and makes a sent message of the draft. Where the server can not make the
 * one depend on the other it is asked once more, to send. Never throws.
 */
export async function submit(desk: Desk, submission: Submission, signal: AbortSignal): Promise<SubmissionAnswer> {
  const { client, accountId } = desk;
  const { emailId } = submission;
  const order = sending(desk, submission);
  let isBegun = false;
  let answer: SubmissionAnswer;
  try {
    const [begun, sent] = await client.batch(
      [
        setEmails(accountId, { update: { [emailId]: { [`keywords/${SENDING}`]: true } } }),
        // Null there: it was changed as asked (RFC 8620 5.3).
        setSubmissions(accountId, { ...order, onlyIf: resultOf(0, 'Email/set', `/updated/${patchStep(emailId)}`) }),
      ],
      signal,
    );
    isBegun = begun.kind === 'answered' && Object.hasOwn(begun.value.updated ?? {}, emailId);
    if (!isUnresolved(sent)) answer = ofSending(sent, emailId, client.host);
    else if (!isBegun) answer = ofBeginning(begun, emailId, client.host);
    else {
      const [alone] = await client.batch([setSubmissions(accountId, order)], signal);
      answer = ofSending(alone, emailId, client.host);
    }
  } catch (error) {
    answer = ofError(error);
  }
  return isBegun && hasSentNothing(answer) ? withdraw(desk, emailId, answer) : answer;
}

function sending(desk: Desk, { emailId, identityId, mailFrom, rcptTo }: Submission) {
  const envelope = { mailFrom, rcptTo: rcptTo.map((email) => ({ email })) };
  return { create: { [CREATION]: { emailId, identityId, envelope } }, onSuccessUpdateEmail: { [`#${CREATION}`]: asSent(desk) } };
}

/**
 * The draft says again that nothing of it was begun: so it proves that until the refusal is on record, and a further sending is told from this one. Where
 * that fails there is no further one.
 */
async function withdraw(desk: Desk, emailId: string, answer: Refusal): Promise<SubmissionAnswer> {
  try {
    await forgetBeginning(desk, emailId, AbortSignal.timeout(TAKE_BACK_MS));
    return answer;
  } catch {
    return answer.kind === 'down' ? answer : { kind: 'down', reason: answer.reason };
  }
}
