import type { Accounts, LogIn } from '@stopgap/accounts';
import type { Clock } from '@stopgap/core';
import type { DoorLimits, PlaintextAuth } from '@stopgap/door';
import type { ImapEvents } from './events.ts';
import type { ImapSession } from './session.ts';

export type LoggedIn = LogIn & { readonly kind: 'accepted' };

/** Those of a door count for each of the two. */
export interface ImapLimits extends DoorLimits {
  /** Of both doors together. */
  readonly connectionsPerAccount: number;
}

/** What the connections need to know and whom they ask. */
export interface Settings {
  readonly plaintextAuth: PlaintextAuth;
  readonly limits: ImapLimits;
  readonly accounts: Pick<Accounts, 'logIn'>;
  /** After each log-in. Rejects as the members of a session do. */
  readonly openSession: (login: LoggedIn) => Promise<ImapSession>;
  readonly clock: Clock;
  readonly events: ImapEvents;
}
