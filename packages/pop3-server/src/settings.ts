import type { Accounts } from '@stopgap/accounts';
import type { AccountId, Clock } from '@stopgap/core';
import type { DoorLimits, PlaintextAuth } from '@stopgap/door';
import type { Mailboxes } from '@stopgap/mailbox';
import type { Store } from '@stopgap/store';
import type { Pop3Events } from './events.ts';

/** What the commands need to know and whom they ask. */
export interface Settings {
  readonly hostname: string;
  readonly plaintextAuth: PlaintextAuth;
  readonly limits: DoorLimits;
  /** What becomes of messages that a client deletes: moved to Trash, or expunged. */
  readonly deletion: 'trash' | 'expunge';
  readonly accounts: Pick<Accounts, 'logIn' | 'addressesOf'>;
  readonly mailboxes: Pick<Mailboxes, 'write'>;
  readonly store: Pick<Store, 'read' | 'blobs'>;
  /** Something was done that upstream is to be told of. */
  readonly changed: (account: AccountId) => void;
  readonly clock: Clock;
  readonly events: Pop3Events;
}
