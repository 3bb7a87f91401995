import type { Reason } from './outcome.ts';

export type MailErrorKind = 'transient' | 'permanent' | 'auth' | 'protocol' | 'bug';

export interface MailErrorOptions {
  readonly code: string;
  /** What may be said to the peer; the message and the cause are for our log. */
  readonly reply?: string;
  readonly reason?: Reason;
  /** The other side asked not to be asked again for so long. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The one family of errors that ends a command. Unknown is transient: never destroy on a guess. */
export class MailError extends Error {
  override readonly name = 'MailError';
  readonly kind: MailErrorKind;
  readonly code: string;
  readonly reply: string | undefined;
  readonly reason: Reason | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: MailErrorKind, message: string, options: MailErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = options.code;
    this.reply = options.reply;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** How long the other side asked not to be asked again; undefined: it did not. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof MailError ? error.retryAfterMs : undefined;
}

/** A sentence out of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
