import type { AccountId, Clock, LoginCredential, PathId, Provider, Route } from '@stopgap/core';
import type { RetryConfig, UnsureConfig } from '@stopgap/config';
import type { Board } from '@stopgap/health';
import type { Log, MailEvents } from '@stopgap/log';
import type { Store } from '@stopgap/store';

/** What the parts of the outbox work with; made once, by `createOutbox`. */
export interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly board: Board;
  readonly providers: readonly Provider[];
  readonly routes: ReadonlyMap<PathId, Route>;
  /** Opens the account's sealed credential for one log-in. */
  readonly credentialFor: (account: AccountId) => () => Promise<LoginCredential | undefined>;
  readonly hostname: string;
  readonly retry: RetryConfig;
  readonly unsure: UnsureConfig;
  readonly events: MailEvents;
  readonly log: Log;
}
