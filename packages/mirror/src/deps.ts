import type { AccountId, Clock, LoginCredential, PathId, Provider, Reason } from '@stopgap/core';
import type { Board, Upstreams } from '@stopgap/health';
import type { Mailboxes } from '@stopgap/mailbox';
import type { IntentWork, Store } from '@stopgap/store';
import type { MirrorSettings } from './settings.ts';

/** What the parts of the mirror work with; made once, by `openMirror`. */
export interface Deps {
  readonly store: Store;
  readonly mailboxes: Mailboxes;
  readonly upstreams: Upstreams;
  readonly board: Board;
  readonly providers: readonly Provider[];
  /** Opens the account's sealed credential for one log-in. */
  readonly credentialFor: (account: AccountId) => () => Promise<LoginCredential | undefined>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly events: MirrorEvents;
  readonly log: MirrorLog;
  readonly settings: MirrorSettings;
}

/** The mirror's part of the mail log (@stopgap/log). */
export interface MirrorEvents {
  mirrored(event: {
    readonly account: AccountId;
    readonly path: PathId;
    readonly messages: number;
    readonly isNew: number;
    readonly sizeBytes: number;
  }): void;
  carriedBack(event: {
    readonly account: AccountId;
    readonly path: PathId;
    readonly kind: IntentWork['kind'];
    readonly intents: number;
  }): void;
  notCarriedBack(event: {
    readonly account: AccountId;
    readonly path: PathId;
    readonly kind: IntentWork['kind'];
    readonly intents: number;
    readonly reason: Reason;
  }): void;
  /** Deletions upstream that are not followed here until a person says so. */
  deletionsHeld(event: {
    readonly account: AccountId;
    readonly path: PathId;
    /** As it is called here. */
    readonly mailbox: string;
    readonly gone: number;
    readonly of: number;
  }): void;
  /** How far a mailbox is that is fetched for the first time, or of which much was missing. */
  caughtUp(event: {
    readonly account: AccountId;
    readonly path: PathId;
    readonly state: 'begun' | 'under way' | 'done';
    readonly messages: number;
    readonly total: number;
    readonly ratePerS: number;
    readonly leftS: number | null;
  }): void;
  pathSwitched(event: { readonly account: AccountId; readonly from: PathId | undefined; readonly to: PathId }): void;
}

export interface MirrorLog {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
