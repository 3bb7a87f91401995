import type { AccountId, IncomingSession, Path, PathId, Provider } from '@stopgap/core';
import type { ReportBook } from './report.ts';
import type { AccountMemory } from './round.ts';
import type { Trouble } from './schedule.ts';

/** An account as the worker keeps it: a few hundred bytes while it is idle, and its session where one is kept open. */
export interface Tended {
  readonly account: AccountId;
  readonly provider: Provider;
  dueMs: number;
  startMs: number;
  lastEndMs: number;
  /** Did the last turn fail? */
  isFailing: boolean;
  /** Rounds that failed in a row, by path. */
  readonly troubles: Map<PathId, Trouble>;
  isRunning: boolean;
  /** Much of its mail was missing, and the log was told that it is being fetched. */
  isCatchingUp: boolean;
  /** When the log was told of that last. */
  toldAtMs: number;
  /** Can its path carry back? Else new intents wake nobody. */
  canPush: boolean;
  path: Path | undefined;
  memory: AccountMemory | undefined;
  report: ReportBook | undefined;
  kept: Kept | undefined;
  /** Aborted once the account was removed or is being erased: its round ends, and nothing more is written. */
  readonly gone: AbortController;
}

/** A session that is open between rounds. */
export interface Kept {
  readonly path: Path;
  readonly session: IncomingSession;
  /** Ends the watch for news, and resolves when it has ended: one call at a time. */
  stopWatching(): Promise<void>;
}

export function newTended(account: AccountId, provider: Provider, dueMs: number): Tended {
  return {
    account,
    provider,
    dueMs,
    startMs: -Infinity,
    lastEndMs: -Infinity,
    isFailing: false,
    troubles: new Map(),
    isRunning: false,
    isCatchingUp: false,
    toldAtMs: -Infinity,
    canPush: true,
    path: undefined,
    memory: undefined,
    report: undefined,
    kept: undefined,
    gone: new AbortController(),
  };
}
