import type { Envelope, JobRecipient } from './envelope.ts';
import type { AccountId, AttemptId, RecipientId, SubmissionId } from './ids.ts';
import type { Outcome, Reason } from './outcome.ts';
import type { Secret } from './secret.ts';

export interface LoginCredential {
  /** The user name as the upstream wants it. */
  readonly username: string;
  readonly password: Secret;
}

/** One attempt: some recipients of one submission, by one route. */
export interface DeliveryJob {
  readonly submission: SubmissionId;
  readonly attempt: AttemptId;
  /**
   * Unique to this attempt, of [a-z0-9.] only. It stands in the `Received` header that `open()` puts on top, so a copy found upstream proves
   * this attempt and no other.
   */
  readonly witness: string;
  readonly account: AccountId;
  readonly envelope: Omit<Envelope, 'recipients'>;
  readonly recipients: readonly JobRecipient[];
  /** With its angle brackets, as in the header. */
  readonly messageId: string;
  /** Of what `open()` yields. */
  readonly sizeBytes: number;
  /** The whole message: CRLF line ends, no Bcc, our `Received` on top, not dot-stuffed. May be called again for a second pass. */
  open(): AsyncIterable<Buffer>;
  /** Opened for this one log-in; undefined when the account has none that can be opened. */
  credential(): Promise<LoginCredential | undefined>;
  /**
   * Durable when it resolves. A route awaits it after everything that can fail cleanly and right before the bytes that may make the other side
   * take the message over (the final dot; the POST). Before it: a failure is `deferred`. After it, without an answer: `unsure`.
   * If it rejects, those bytes must not leave and the outcome is `deferred`.
   * Once more, with those that are left, before each further sending that leaves some of the recipients out: a witness tells that an attempt left,
   * not for whom.
   */
  mark(recipients?: readonly JobRecipient[]): Promise<void>;
  /**
   * A route awaits it at once when the other side says that it does not know itself whether the message left (`isUnprovable`): else who dies before the
   * outcome is on record leaves only an empty Sent, which looks like a proof. Never rejects.
   */
  doubt(reason: Reason): Promise<void>;
  /** Witnesses of other attempts at this message that are under way or unsure now. What they left upstream is their proof: it must stay. */
  unsettled(): readonly string[];
}

export interface SentQuery {
  readonly account: AccountId;
  readonly messageId: string;
  readonly witness: string;
  /** Those of its recipients whose outcome is in question. */
  readonly recipients: readonly string[];
  /** When the attempt began. */
  readonly sinceMs: number;
  credential(): Promise<LoginCredential | undefined>;
}

/** `unknown`: it could not be looked up now (path down, listing void). Only `not-sent` allows sending again without risk. */
export type SentVerdict = 'sent' | 'not-sent' | 'unknown';

/** A message that left by one attempt, or by several (some recipients first, others later). */
export interface SettledSending {
  readonly account: AccountId;
  readonly messageId: string;
  /** Of attempts whose every outcome is on record, the first one first: none of them is needed as a proof any more. */
  readonly settledWitnesses: readonly string[];
  /** Those of them by which somebody got it. By the others nobody did, as far as anybody knows. */
  readonly deliveredWitnesses: readonly string[];
  credential(): Promise<LoginCredential | undefined>;
}

/** A way out. One object for each outgoing path; it lives as long as `serve`. */
export interface Route {
  /** Exactly one outcome for each recipient of the job. Never rejects. `signal` aborts: deferred before the mark, unsure after it. */
  deliver(job: DeliveryJob, signal: AbortSignal): Promise<ReadonlyMap<RecipientId, Outcome>>;
  /** Looks for a trace of an attempt in the Sent mailbox. Absent: this route has no witness. */
  findSent?(query: SentQuery, signal: AbortSignal): Promise<SentVerdict>;
  /**
   * Leaves one copy in the Sent mailbox of those that the settled attempts left there, the message itself where it can: never none, and no other
   * attempt's is touched. What they left to be sent is filed there, or goes. `later`: not everything could be done now; it may be asked again at any time.
   * Absent: this route leaves no copies.
   */
  keepOneCopy?(sending: SettledSending, signal: AbortSignal): Promise<'done' | 'later'>;
  /** Ends idle sessions; what is under way is the caller's to abort. */
  close(): Promise<void>;
}

/** The same outcome for all recipients. */
export function outcomeForAll(recipients: readonly JobRecipient[], outcome: Outcome): ReadonlyMap<RecipientId, Outcome> {
  return new Map(recipients.map((recipient) => [recipient.id, outcome]));
}
