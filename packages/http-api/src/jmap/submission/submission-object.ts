import { assertNever } from '@stopgap/core';
import { SUBMISSION } from '@stopgap/jmap';
import { findSubmission, recipientsOf, type JmapSubmissionRow, type RecipientRow, type SubmissionRow } from '@stopgap/store';
import { utcDate } from '../email/header-forms.ts';
import { picked } from '../get.ts';
import { wire } from '../ids.ts';
import type { CallContext, Json } from '../method.ts';
import { reportsOf } from './reports.ts';

export const USING = SUBMISSION;

/** RFC 8621 7 */
export const SUBMISSION_PROPERTIES = [
  'id',
  'identityId',
  'emailId',
  'threadId',
  'envelope',
  'sendAt',
  'undoStatus',
  'deliveryStatus',
  'dsnBlobIds',
  'mdnBlobIds',
] as const;
export type SubmissionProperty = (typeof SUBMISSION_PROPERTIES)[number];

export interface FoundSubmission {
  readonly row: JmapSubmissionRow;
  readonly submission: SubmissionRow;
  readonly recipients: readonly RecipientRow[];
}

/** Undefined: it is kept no longer. */
export function withRecipients(row: JmapSubmissionRow, { deps }: Pick<CallContext, 'deps'>): FoundSubmission | undefined {
  return deps.store.read((reader) => {
    const submission = findSubmission(reader, row.submission);
    return submission && { row, submission, recipients: recipientsOf(reader, row.submission) };
  });
}

export function submissionObject(
  found: FoundSubmission,
  wanted: ReadonlySet<SubmissionProperty>,
  context: Pick<CallContext, 'deps' | 'account'>,
): Json {
  const { row, submission, recipients } = found;
  const rcptTo: ReadonlyMap<string, unknown> = new Map(Object.entries(row.parameters?.rcptTo ?? {}));
  let read: ReturnType<typeof reportsOf> | undefined;
  const reports = () => (read ??= reportsOf(found, context));
  return picked(wire.submission(row.submission), wanted, {
    identityId: () => wire.identity(row.address),
    emailId: () => wire.email(row.message),
    threadId: () => wire.thread(row.thread),
    envelope: () => ({
      mailFrom: { email: submission.envelope.from, parameters: row.parameters?.mailFrom ?? null },
      rcptTo: recipients.map(({ address }) => ({ email: address, parameters: rcptTo.get(address) ?? null })),
    }),
    sendAt: () => utcDate(row.sendAtMs),
    undoStatus: () => undoStatusOf(recipients),
    deliveryStatus: () => Object.fromEntries(recipients.map((recipient) => [recipient.address, deliveryOf(recipient)])),
    dsnBlobIds: () => reports().dsn,
    mdnBlobIds: () => reports().mdn,
  });
}

/** `pending`: something of it is still here and may be called back. `canceled`: the rest was, and nobody has it or may have it (RFC 8621 7). */
export function undoStatusOf(recipients: readonly RecipientRow[]): 'pending' | 'final' | 'canceled' {
  if (recipients.some(({ state }) => state === 'queued' || state === 'leased')) return 'pending';
  const isWithNobody = recipients.every(({ state }) => state !== 'delivered' && state !== 'unsure');
  return isWithNobody && recipients.some(({ state }) => state === 'cancelled') ? 'canceled' : 'final';
}

/** RFC 8621 7: what was handed to the next server may be in a mailbox, or not. */
function deliveryOf({ state, reason }: RecipientRow): Json {
  const why = `${reason?.code ?? 550} ${reason?.status ?? '5.0.0'} ${reason?.text ?? 'Not delivered'}`;
  switch (state) {
    case 'queued':
    case 'leased':
      return { smtpReply: '250 2.1.5 Waits here', delivered: 'queued', displayed: 'unknown' };
    case 'delivered':
      return { smtpReply: '250 2.0.0 Handed on', delivered: 'unknown', displayed: 'unknown' };
    case 'unsure':
      return { smtpReply: '451 4.4.2 Nobody knows whether it left', delivered: 'unknown', displayed: 'unknown' };
    case 'rejected':
      return { smtpReply: why, delivered: 'no', displayed: 'unknown' };
    case 'expired':
      return { smtpReply: '550 5.4.7 It waited too long', delivered: 'no', displayed: 'unknown' };
    case 'cancelled':
      return { smtpReply: '550 5.7.0 Called back', delivered: 'no', displayed: 'unknown' };
    default:
      return assertNever(state);
  }
}
