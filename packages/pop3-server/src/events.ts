import type { AccountId } from '@stopgap/core';

/** What the door tells the log. */
export interface Pop3Events {
  /** A session that had logged in is over. */
  readonly ended: (event: {
    readonly account: AccountId;
    readonly remoteAddress: string;
    /** Messages, and their octets, that were sent whole. */
    readonly retrieved: number;
    readonly sentBytes: number;
    readonly deleted: number;
  }) => void;
  /** A connection, a command or the listener failed; `error` says how. */
  readonly failed: (event: { readonly door: string; readonly remoteAddress?: string; readonly error: unknown }) => void;
}
