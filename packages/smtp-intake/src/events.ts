import type { SubmissionId } from '@stopgap/core';
import type { LoggedIn } from './client.ts';
import type { Reply } from './replies.ts';

/** What the door tells the log. Names and addresses in it are as the client sent them: whoever writes them escapes them. */
export interface IntakeEvents {
  readonly accepted: (event: {
    readonly id: SubmissionId;
    readonly repeated: boolean;
    readonly login: LoggedIn;
    readonly remoteAddress: string;
    readonly from: string;
    readonly recipients: number;
    readonly sizeBytes: number;
    readonly messageId: string;
  }) => void;
  /** A message that was not taken; `error` is there when the fault is ours. */
  readonly refused: (event: {
    readonly login: LoggedIn | undefined;
    readonly remoteAddress: string;
    readonly from: string;
    readonly reply: Reply;
    readonly error?: unknown;
  }) => void;
  /** A connection or the listener failed; nothing to be done about it. */
  readonly failed: (event: { readonly door: string; readonly remoteAddress?: string; readonly error: Error }) => void;
}
