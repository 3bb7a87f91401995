import type { RecipientId } from './ids.ts';

/** RFC 3461 4.1: when a recipient's sender wants a notice. NEVER is the empty list. */
export type NotifyOn = 'success' | 'failure' | 'delay';

export interface EnvelopeRecipient {
  /** addr-spec as the client gave it. */
  readonly address: string;
  /** RFC 3461 4.2, decoded: `rfc822;addr`. */
  readonly orcpt?: string;
  /** Undefined: the client did not say, so failure and delay (RFC 3461 4.1). */
  readonly notify?: readonly NotifyOn[];
}

export interface Envelope {
  /** addr-spec; '' is the null sender (RFC 5321 4.5.5). */
  readonly from: string;
  readonly recipients: readonly EnvelopeRecipient[];
  /** RFC 3461 4.3 */
  readonly ret?: 'full' | 'hdrs';
  /** RFC 3461 4.4, decoded. */
  readonly envid?: string;
  readonly smtpUtf8: boolean;
  readonly eightBitMime: boolean;
}

/** A recipient of a job: what the route answers for is its id. */
export interface JobRecipient extends EnvelopeRecipient {
  readonly id: RecipientId;
}
