import { MailError, messageOf, type MailErrorKind, type Reason, type ReasonClass } from '@stopgap/core';

/**
 * `unreachable`: nothing was asked. `lost`: asked, and the answer never came whole. `refused`: 401. `throttled`: asked to come back later.
 * `unavailable`: another HTTP error. `turned-away`: the request as a whole was refused before any of it was done (RFC 8620 3.6.1). `protocol`: no
 * JMAP. `too-big`: more than a limit of the server's, or of ours. `elsewhere`: it points to another origin. `method`: a method refused (RFC 8620 3.6.2).
 */
export type JmapErrorCode =
  | 'unreachable'
  | 'lost'
  | 'refused'
  | 'throttled'
  | 'unavailable'
  | 'turned-away'
  | 'protocol'
  | 'too-big'
  | 'elsewhere'
  | 'method';

const CLASSES: Record<JmapErrorCode, ReasonClass> = {
  unreachable: 'connect',
  lost: 'lost-answer',
  refused: 'auth',
  throttled: 'throttled',
  unavailable: 'connect',
  'turned-away': 'protocol',
  protocol: 'protocol',
  'too-big': 'too-big',
  elsewhere: 'protocol',
  method: 'protocol',
};
const KINDS: Partial<Record<JmapErrorCode, MailErrorKind>> = { refused: 'auth', protocol: 'protocol' };

/** The other side's words are quoted at most this far. */
const LONGEST_QUOTE = 300;

export interface JmapErrorDetail {
  readonly class?: ReasonClass;
  readonly host?: string;
  readonly cause?: unknown;
  /** Retry-After. */
  readonly retryAfterMs?: number | undefined;
  /** RFC 8620 3.6.2: the type of a method's error. */
  readonly methodError?: string;
}

/** What is known beside the reason; the `cause` of our errors. */
class Circumstances extends Error {
  readonly methodError: string | undefined;

  constructor(text: string, detail: JmapErrorDetail) {
    super(text, { cause: detail.cause });
    this.methodError = detail.methodError;
  }
}

export function jmapError(code: JmapErrorCode, text: string, detail: JmapErrorDetail = {}): MailError {
  const reason: Reason = {
    class: detail.class ?? CLASSES[code],
    text: text.slice(0, LONGEST_QUOTE),
    ...(detail.host === undefined ? {} : { host: detail.host }),
  };
  const { retryAfterMs } = detail;
  const cause = new Circumstances(text, detail);
  return new MailError(KINDS[code] ?? 'transient', reason.text, { code: `jmap-${code}`, reason, retryAfterMs, cause });
}

export function hasJmapCode(error: unknown, ...codes: readonly JmapErrorCode[]): boolean {
  return error instanceof MailError && codes.some((code) => error.code === `jmap-${code}`);
}

/** May the request be made again without doing anything twice? Not after a 503: who said it, and when, is not known. */
export function jmapProvesNothingDone(error: unknown): boolean {
  return hasJmapCode(error, 'unreachable', 'refused', 'turned-away', 'too-big', 'elsewhere', 'method');
}

export function reasonOfJmapError(error: unknown): Reason {
  if (error instanceof MailError && error.reason !== undefined) return error.reason;
  return { class: 'internal', text: messageOf(error).slice(0, LONGEST_QUOTE) };
}

/** `cannotCalculateChanges` and the like; undefined: no method refused. */
export function methodErrorOf(error: unknown): string | undefined {
  return error instanceof MailError && error.cause instanceof Circumstances ? error.cause.methodError : undefined;
}
