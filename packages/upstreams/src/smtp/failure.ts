import { MailError, type Outcome, type Reason } from '@stopgap/core';
import { reasonOfNetworkError } from '../net/network-reason.ts';

export type Deferred = Extract<Outcome, { kind: 'deferred' }>;

/** The connection can not be used further. Only inside this folder; what leaves it is an outcome, a verdict or a probe result. */
export class SmtpFailure extends Error {
  override readonly name = 'SmtpFailure';
  readonly deferred: Deferred;

  constructor(reason: Reason, options?: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown }) {
    super(reason.text, { cause: options?.cause });
    this.deferred = { kind: 'deferred', reason, ...(options?.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }) };
  }
}

/** Anything thrown on the way, as what it means for a recipient whose message has not been taken over. */
export function deferredBy(error: unknown, host: string): Deferred {
  if (error instanceof SmtpFailure) return error.deferred;
  if (error instanceof MailError && error.reason !== undefined) return { kind: 'deferred', reason: error.reason };
  return { kind: 'deferred', reason: reasonOfNetworkError(error, host) };
}
