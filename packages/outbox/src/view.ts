import type { AccountId, Reason, SubmissionId } from '@stopgap/core';
import {
  attemptsOf,
  findSendLater,
  findSubmission,
  listQueue,
  recipientsOf,
  type QueueFilter,
  type Reader,
  type RecipientRow,
} from '@stopgap/store';

/** As `queue list --json` prints it: fields may be added, none of these may go. Times are ISO 8601 UTC. */
export interface QueueEntry {
  readonly id: SubmissionId;
  readonly account: AccountId;
  readonly from: string;
  readonly acceptedAt: string;
  readonly sizeBytes: number;
  readonly messageId: string;
  readonly kind: 'message' | 'dsn';
  /** It is held until then, as its sender asked. */
  readonly sendAt: string | null;
  readonly recipients: readonly QueueRecipient[];
}

export interface QueueRecipient {
  readonly address: string;
  readonly state: string;
  readonly held: boolean;
  readonly route: string | null;
  readonly reason: string | null;
  readonly reasonClass: string | null;
  readonly tries: number;
  readonly nextAttemptAt: string | null;
}

export interface QueueDetail extends QueueEntry {
  readonly attempts: readonly {
    readonly route: string;
    readonly startedAt: string;
    readonly markedAt: string | null;
    readonly endedAt: string | null;
    readonly outcome: string | null;
    readonly reason: string | null;
  }[];
}

const ATTEMPTS_SHOWN = 100;

export function queueEntries(reader: Reader, filter: QueueFilter): QueueEntry[] {
  return listQueue(reader, filter).flatMap((id) => queueEntry(reader, id) ?? []);
}

export function queueDetail(reader: Reader, id: SubmissionId): QueueDetail | undefined {
  const entry = queueEntry(reader, id);
  if (!entry) return undefined;
  const attempts = attemptsOf(reader, id, ATTEMPTS_SHOWN)
    .toReversed()
    .map((attempt) => ({
      route: attempt.route,
      startedAt: isoTime(attempt.startedAtMs),
      markedAt: attempt.markedAtMs === undefined ? null : isoTime(attempt.markedAtMs),
      endedAt: attempt.endedAtMs === undefined ? null : isoTime(attempt.endedAtMs),
      outcome: attempt.result?.outcome ?? null,
      reason: attempt.result?.reason?.text ?? null,
    }));
  return { ...entry, attempts };
}

function queueEntry(reader: Reader, id: SubmissionId): QueueEntry | undefined {
  const submission = findSubmission(reader, id);
  if (!submission) return undefined;
  const sendAtMs = findSendLater(reader, id);
  const sendAt = sendAtMs === undefined ? null : isoTime(sendAtMs);
  return {
    id,
    account: submission.account,
    from: submission.envelope.from,
    acceptedAt: isoTime(submission.acceptedAtMs),
    sizeBytes: submission.blob.sizeBytes,
    messageId: submission.messageId,
    kind: submission.kind,
    sendAt,
    recipients: recipientsOf(reader, id).map((recipient) => recipientView(recipient, sendAt)),
  };
}

function recipientView(recipient: RecipientRow, sendAt: string | null): QueueRecipient {
  const reason: Reason | undefined = recipient.reason;
  const waits = recipient.state === 'queued' || recipient.state === 'unsure';
  return {
    address: recipient.address,
    state: recipient.state,
    held: recipient.isHeld,
    route: recipient.route ?? null,
    reason: reason?.text ?? null,
    reasonClass: reason?.class ?? null,
    tries: recipient.tries,
    nextAttemptAt: !waits ? null : recipient.isHeld ? sendAt : isoTime(recipient.notBeforeMs),
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
