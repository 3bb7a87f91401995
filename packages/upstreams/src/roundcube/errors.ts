import { MailError, messageOf, type Reason, type ReasonClass } from '@stopgap/core';

/**
 * `unreachable`: no connection, so nothing was asked. `lost`: asked, and the answer never came whole. `session-lost`, `token-refused`:
 * Roundcube turned the request away before doing anything. `void`: an answer that carries an error and so says nothing about the mail.
 * `unintelligible`: not Roundcube's grammar. `unavailable`: this webmail can not do that, and did not. `busy`: it, or what stands before it, asks to come
 * back later; whether anything was done is not known.
 */
export type RoundcubeErrorCode =
  | 'unreachable'
  | 'lost'
  | 'session-lost'
  | 'token-refused'
  | 'login-refused'
  | 'login-undecided'
  | 'login-paused'
  | 'void'
  | 'unintelligible'
  | 'too-big'
  | 'redirect-refused'
  | 'unavailable'
  | 'busy';

/** The other side's words are quoted at most this far. */
const LONGEST_QUOTE = 300;

export interface RoundcubeErrorDetail {
  readonly class?: ReasonClass;
  readonly host?: string;
  /** Retry-After. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

export function roundcubeError(code: RoundcubeErrorCode, text: string, detail: RoundcubeErrorDetail = {}): MailError {
  const reason: Reason = {
    class: detail.class ?? CLASSES[code],
    text: text.slice(0, LONGEST_QUOTE),
    ...(detail.host === undefined ? {} : { host: detail.host }),
  };
  const kind = code === 'login-refused' ? 'auth' : code === 'unintelligible' ? 'protocol' : 'transient';
  return new MailError(kind, reason.text, {
    code: `roundcube-${code}`,
    reason,
    retryAfterMs: detail.retryAfterMs,
    ...(detail.cause === undefined ? {} : { cause: detail.cause }),
  });
}

export function hasCode(error: unknown, ...codes: readonly RoundcubeErrorCode[]): boolean {
  return error instanceof MailError && codes.some((code) => error.code === `roundcube-${code}`);
}

/** May the request be made again without doing anything twice? */
export function provesNothingDone(error: unknown): boolean {
  return hasCode(error, 'unreachable', 'session-lost', 'token-refused', 'login-refused', 'login-undecided', 'login-paused', 'unavailable');
}

export function reasonOf(error: unknown): Reason {
  if (error instanceof MailError && error.reason !== undefined) return error.reason;
  return { class: 'internal', text: messageOf(error).slice(0, LONGEST_QUOTE) };
}

const CLASSES: Record<RoundcubeErrorCode, ReasonClass> = {
  unreachable: 'connect',
  lost: 'lost-answer',
  'session-lost': 'auth',
  'token-refused': 'protocol',
  'login-refused': 'auth',
  'login-undecided': 'connect',
  'login-paused': 'auth',
  void: 'protocol',
  unintelligible: 'protocol',
  'too-big': 'too-big',
  'redirect-refused': 'policy',
  unavailable: 'route',
  busy: 'throttled',
};
