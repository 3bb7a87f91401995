/**
 * What kind of reason it was. `connect` network or DNS, `tls` handshake or certificate, `auth` log-in refused,
 * `greylist` come back soon, `throttled` come back slower, `quota` recipient's or our storage full,
 * `recipient` unknown or refused address, `policy` refused by rule (spam, sender), `content` refused for what it is,
 * `too-big`, `protocol` the other side made no sense, `route` this way can not carry it, `lost-answer` the end is not known,
 * `expired`, `cancelled`, `internal` our own fault (disk, bug).
 */
export type ReasonClass =
  | 'connect'
  | 'tls'
  | 'auth'
  | 'greylist'
  | 'throttled'
  | 'quota'
  | 'recipient'
  | 'policy'
  | 'content'
  | 'too-big'
  | 'protocol'
  | 'route'
  | 'lost-answer'
  | 'expired'
  | 'cancelled'
  | 'internal';

export interface Reason {
  readonly class: ReasonClass;
  /** One sentence for a person; may hold the other side's words, never a credential. */
  readonly text: string;
  /** The SMTP reply code, where there was one. */
  readonly code?: number;
  /** RFC 3463 status, `5.1.1`. */
  readonly status?: string;
  /** Who said it, for a DSN's Remote-MTA. */
  readonly host?: string;
  /** With `lost-answer`: the other side itself does not know, so that no copy in Sent does not prove that it did not leave. */
  readonly isUnprovable?: boolean;
}

/**
 * What one attempt gave one recipient. There is no fifth way: a route never throws for the network and never answers with a boolean. `leftUntidy`: what it
 * left upstream is still to be put in order, now or once its outcome is on record, and `keepOneCopy` is to be asked.
 */
export type Outcome =
  | {
      readonly kind: 'delivered';
      /** The host that took it over. */
      readonly by: string;
      /** Its words. */
      readonly reply: string;
      /** The next hop will send the DSNs that were asked for (RFC 3461 5.2.2); else "relayed" is ours to say. */
      readonly dsnPassedOn?: boolean;
      readonly leftUntidy?: boolean;
    }
  | {
      readonly kind: 'deferred';
      readonly reason: Reason;
      /** At least this long, if the other side said so. */ readonly retryAfterMs?: number;
      readonly leftUntidy?: boolean;
    }
  | { readonly kind: 'rejected'; readonly reason: Reason; readonly leftUntidy?: boolean }
  | { readonly kind: 'unsure'; readonly reason: Reason };

/** Is this reason about the path as a whole, so that its breaker should hear of it, rather than about one message? */
export function isPathFailure(reason: Reason): boolean {
  switch (reason.class) {
    case 'connect':
    case 'tls':
    case 'auth':
    case 'throttled':
    case 'protocol':
    case 'lost-answer':
      return true;
    case 'greylist':
    case 'quota':
    case 'recipient':
    case 'policy':
    case 'content':
    case 'too-big':
    case 'route':
    case 'expired':
    case 'cancelled':
    case 'internal':
      return false;
    default:
      return assertNever(reason.class);
  }
}

export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
