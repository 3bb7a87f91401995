import { assertNever, type AccountId, type ProbeResult, type Reason } from '@stopgap/core';

/**
 * What came of one attempt, as far as the path is concerned. `failed` may carry any reason: one that is about the message (an unknown recipient,
 * a full mailbox, greylisting) proves that the path works. `neutral`: nothing was learned, because the attempt was cancelled or never left
 * this process. Name the account wherever a log-in was tried; that is what the auth-lie rule lives on.
 */
export type PermitResult =
  | { readonly kind: 'ok'; readonly account?: AccountId }
  | { readonly kind: 'failed'; readonly reason: Reason; readonly retryAfterMs?: number; readonly account?: AccountId }
  | { readonly kind: 'neutral' };

/** `works` the path did its part; `fails` it did not; `refuses` a log-in; `slow-down` it is there, but asks for less; `nothing` no news. */
export type Evidence =
  | { readonly kind: 'works' }
  | { readonly kind: 'fails'; readonly reason: Reason }
  | { readonly kind: 'refuses'; readonly reason: Reason }
  | { readonly kind: 'slow-down'; readonly reason: Reason }
  | { readonly kind: 'nothing' };

const WORKS: Evidence = { kind: 'works' };
const NOTHING: Evidence = { kind: 'nothing' };

export function evidenceOfAttempt(result: PermitResult): Evidence {
  switch (result.kind) {
    case 'ok':
      return WORKS;
    case 'neutral':
      return NOTHING;
    case 'failed':
      return evidenceOfReason(result.reason);
    default:
      return assertNever(result);
  }
}

/** A probe carries no message and no log-in: a refusal of whatever kind is the path's own. */
export function evidenceOfProbe(result: ProbeResult): Evidence {
  if (result.kind === 'answered') return WORKS;
  switch (result.reason.class) {
    case 'throttled':
    case 'greylist':
      return { kind: 'slow-down', reason: result.reason };
    case 'cancelled':
    case 'internal':
    case 'route':
    case 'expired':
      return NOTHING;
    case 'connect':
    case 'tls':
    case 'auth':
    case 'protocol':
    case 'lost-answer':
    case 'quota':
    case 'recipient':
    case 'policy':
    case 'content':
    case 'too-big':
      return { kind: 'fails', reason: result.reason };
    default:
      return assertNever(result.reason.class);
  }
}

function evidenceOfReason(reason: Reason): Evidence {
  switch (reason.class) {
    case 'connect':
    case 'tls':
    case 'protocol':
    case 'lost-answer':
      return { kind: 'fails', reason };
    case 'auth':
      return { kind: 'refuses', reason };
    case 'throttled':
      return { kind: 'slow-down', reason };
    case 'greylist':
    case 'quota':
    case 'recipient':
    case 'policy':
    case 'content':
    case 'too-big':
      return WORKS;
    case 'route':
    case 'expired':
    case 'cancelled':
    case 'internal':
      return NOTHING;
    default:
      return assertNever(reason.class);
  }
}
