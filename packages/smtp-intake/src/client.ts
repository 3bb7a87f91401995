import type { EnvelopeRecipient } from '@stopgap/core';
import type { LogIn } from '@stopgap/accounts';
import type { FutureRelease } from '@stopgap/outbox';

export type LoggedIn = LogIn & { readonly kind: 'accepted' };

/** A mail transaction between MAIL and the final dot (RFC 5321 3.3). */
export interface Transaction {
  readonly from: string;
  readonly smtpUtf8: boolean;
  readonly eightBitMime: boolean;
  readonly ret?: 'full' | 'hdrs';
  readonly envid?: string;
  /** Undefined: at once. */
  readonly sendLater?: FutureRelease;
  readonly recipients: Map<string, EnvelopeRecipient>;
}

/** What the commands of one connection share. */
export interface Client {
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  /** May it log in as the connection is now? */
  readonly mayLogIn: boolean;
  readonly helo: string;
  login: LoggedIn | undefined;
  /** When `login` was last compared with the store, on the monotonic clock. */
  loginSeenMs: number;
  transaction: Transaction | undefined;
}
