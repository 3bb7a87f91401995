import { MailError, type DeliveryJob, type LoginCredential } from '@stopgap/core';
import { receivedHeader, type WithProtocol } from '@stopgap/message';
import { countLeasedBy, markAttempt, noteDoubt, recipientsOf, type RecipientRow, type Store, type SubmissionRow } from '@stopgap/store';
import type { AttemptId, Clock, RecipientId } from '@stopgap/core';

interface JobOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly hostname: string;
  readonly submission: SubmissionRow;
  readonly recipients: readonly RecipientRow[];
  readonly attempt: AttemptId;
  readonly credential: () => Promise<LoginCredential | undefined>;
}

export interface MarkedJob extends DeliveryJob {
  /** Has the mark been made for this recipient, or may it have been? */
  readonly mayBeMarked: (recipient: RecipientId) => boolean;
}

/** In [a-z0-9.]: unique to this attempt, found again in the `Received` header of the copy upstream. */
export function witnessOf(submission: SubmissionRow, attempt: AttemptId): string {
  return `${submission.id}.${attempt}`;
}

export function jobOf(options: JobOptions): MarkedJob {
  const { store, submission, recipients, attempt } = options;
  const witness = witnessOf(submission, attempt);
  const trace = Buffer.from(
    receivedHeader({
      helo: submission.helo,
      byHost: options.hostname,
      withProtocol: submission.protocol as WithProtocol,
      id: witness,
      dateMs: submission.acceptedAtMs,
    }),
  );
  let marked: ReadonlySet<RecipientId> = new Set();
  return {
    submission: submission.id,
    attempt,
    witness,
    account: submission.account,
    envelope: submission.envelope,
    recipients,
    messageId: submission.messageId,
    sizeBytes: trace.length + submission.blob.sizeBytes,
    async *open() {
      yield trace;
      yield* store.blobs.open(submission.blob);
    },
    credential: options.credential,
    async mark(left) {
      const before = marked;
      marked = new Set((left ?? recipients).map((recipient) => recipient.id));
      try {
        await store.write((tx) => {
          // The fence: whoever lost its lease, or was cancelled meanwhile, must not let the last byte go.
          if (countLeasedBy(tx, submission.id, attempt) !== recipients.length) {
            throw new MailError('transient', 'This attempt no longer holds its recipients.', { code: 'fenced' });
          }
          markAttempt(tx, attempt, { nowMs: options.clock.nowMs(), ...(left === undefined ? {} : { recipients: [...marked] }) });
        });
      } catch (error) {
        marked = before;
        throw error;
      }
    },
    async doubt(reason) {
      try {
        await store.write((tx) => noteDoubt(tx, attempt, reason));
      } catch {
        // The outcome says it, too; until that is written nothing does, but for the route's own trace where it leaves one (law 11).
        return;
      }
    },
    unsettled() {
      const open = store
        .read((reader) => recipientsOf(reader, submission.id))
        .flatMap((one) => ((one.state === 'leased' || one.state === 'unsure') && one.attempt !== undefined ? [one.attempt] : []));
      return [...new Set(open)].filter((id) => id !== attempt).map((id) => witnessOf(submission, id));
    },
    mayBeMarked: (recipient) => marked.has(recipient),
  };
}
