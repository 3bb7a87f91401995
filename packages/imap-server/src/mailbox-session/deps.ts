import type { AccountId, Clock, MessageId } from '@stopgap/core';
import type { Mailboxes } from '@stopgap/mailbox';
import type { Store } from '@stopgap/store';
import type { WaitingMail } from './waiting-mail.ts';

/** What the binding of the seam to package mailbox is made of. */
export interface MailboxSessionDeps {
  readonly store: Store;
  readonly mailboxes: Mailboxes;
  readonly clock: Clock;
  /** Of one message. */
  readonly messageBytes: number;
  /** Of all messages of an account; undefined: none. */
  readonly quotaBytes: number | undefined;
  /** What has not left, shown as a mailbox; one for all sessions. Undefined: it is not shown. */
  readonly waiting?: WaitingMail;
  readonly roomFor: (bytes: number) => boolean;
  /** Something was done that upstream is to be told of. */
  readonly changed: (account: AccountId) => void;
  /** Brings a body here that is not; false: it can not be had now. Undefined: nobody can. */
  readonly fetchBody?: (account: AccountId, message: MessageId, signal: AbortSignal) => Promise<boolean>;
}

/** Whose mail a session is about. */
export interface Owner {
  readonly deps: MailboxSessionDeps;
  readonly account: AccountId;
}
