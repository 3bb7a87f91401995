import type { Locks } from './locks.ts';
import type { Maildrop } from './maildrop.ts';
import type { Settings } from './settings.ts';

/** What the commands of one connection share. */
export interface Client {
  readonly settings: Settings;
  readonly locks: Locks;
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  /** May it log in as the connection is now? */
  readonly mayLogIn: boolean;
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
  /** Said by USER. */
  username: string | undefined;
  failedLogIns: number;
  /** Undefined: AUTHORIZATION state; else TRANSACTION. */
  login: LoggedIn | undefined;
  retrieved: number;
  sentBytes: number;
  deleted: number;
}

export interface LoggedIn {
  readonly maildrop: Maildrop;
  /** Gives the lock back. */
  readonly release: () => void;
}
