import type { EnvelopeRecipient } from '@stopgap/core';
import type { LogIn } from '@stopgap/accounts';

export type LoggedIn = LogIn & { readonly kind: 'accepted' };

/** A mail transaction between MAIL and the final dot (RFC 5321 3.3). */
export interface Transaction {
  readonly from: string;
  readonly smtpUtf8: boolean;
  readonly eightBitMime: boolean;
  readonly ret?: 'full' | 'hdrs';
  readonly envid?: string;
  /** RFC 4865; undefined: at once. */
  readonly sendAtMs?: number;
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
