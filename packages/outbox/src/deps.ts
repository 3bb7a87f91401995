import type { AccountId, Clock, Decision, LoginCredential, PathId, Provider, Reason, Route, SubmissionId } from '@stopgap/core';
import type { RetryConfig, UnsureConfig } from '@stopgap/config';
import type { Board } from '@stopgap/health';
import type { QueueCounts, Store } from '@stopgap/store';

/** What the parts of the outbox work with; made once, by `createOutbox`. */
export interface Deps {
  readonly store: Store;
  readonly dataDir: string;
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
  readonly events: OutboxEvents;
  readonly log: OutboxLog;
}

/** One recipient of one submission, in a line of the mail log. */
export interface RecipientEvent {
  readonly id: SubmissionId;
  readonly account: AccountId;
  readonly to: string;
}

/** The outbox's part of the mail log (@stopgap/log). */
export interface OutboxEvents {
  attempted(event: { readonly id: SubmissionId; readonly account: AccountId; readonly route: PathId; readonly recipients: number }): void;
  delivered(
    event: RecipientEvent & {
      readonly from: string;
      readonly route: PathId;
      readonly elapsedMs: number;
      readonly waitedMs: number;
      readonly reply: string;
    },
  ): void;
  deferred(
    event: RecipientEvent & { readonly from: string; readonly route: PathId; readonly elapsedMs: number; readonly reason: Reason },
  ): void;
  rejected(
    event: RecipientEvent & { readonly from: string; readonly route: PathId; readonly elapsedMs: number; readonly reason: Reason },
  ): void;
  unsure(
    event: RecipientEvent & { readonly from: string; readonly route: PathId; readonly elapsedMs: number; readonly reason: Reason },
  ): void;
  resolved(
    event: RecipientEvent & { readonly route: PathId; readonly as: 'delivered' | 'resend'; readonly by: 'witness' | 'policy' },
  ): void;
  expired(event: RecipientEvent & { readonly from: string; readonly reason: Reason }): void;
  /** A notice to the sender was made; it leaves as submission `id`. */
  noticed(event: {
    readonly id: SubmissionId;
    readonly about: SubmissionId;
    readonly account: AccountId;
    readonly to: string;
    readonly kind: 'failed' | 'delayed' | 'relayed';
    readonly recipients: number;
  }): void;
  /** A person's decision by a command. Without an `id`: about everything that waited. */
  decided(event: {
    readonly id?: SubmissionId;
    readonly account?: AccountId;
    readonly decision: Decision;
    readonly recipients: number;
    readonly at: string;
  }): void;
  queueDepth(counts: QueueCounts): void;
}

export interface OutboxLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
