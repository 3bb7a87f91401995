import type { AccountId } from '@stopgap/core';

/** What the door tells the log. */
export interface ImapEvents {
  /** Our own fault, or a connection or the listener that failed. `command` is one of ours, never what the client sent. */
  readonly failed: (event: {
    readonly door: string;
    readonly remoteAddress?: string;
    readonly account?: AccountId;
    readonly command?: string;
    readonly error: unknown;
  }) => void;
}
