import { MailError, type ReasonClass } from '@stopgap/core';

/** What can be wrong with a path. A test changes it whenever it likes; the next call feels it. */
export interface PathFaults {
  /** No connection at all; sessions that are open end. */
  isDown: boolean;
  /** The log-in is refused in clear words. */
  refusesLogIn: boolean;
  /** Each call takes so long on the provider's clock. */
  delayMs: number;
  /**
   * `empty`, `half`: listings that have lost messages and say so with a straight face. `void`: an error page, noticed by the upstream.
   * `login-page`: a page of HTML comes as the message, unnoticed. `short-body`: the octets end early, noticed. `doubled`: ids come twice.
   * `backwards`: the listing stands on its head.
   */
  lie: 'empty' | 'half' | 'void' | 'login-page' | 'short-body' | 'doubled' | 'backwards' | undefined;
  /** Listings tell sizes that are wrong by so many octets, as Exchange does. */
  sizesOff: number;
  /** The session ends after so many messages of a fetch. */
  endsAfterFetched: number | undefined;
  /** The next change loses its answer: before it was done, or after. */
  losesAnswer: 'before' | 'after' | undefined;
  /** The next changes are refused for this reason, until it is taken back. */
  refusesChanges: ReasonClass | undefined;
  /** What is marked as deleted is not shown (JMAP of Cyrus, Roundcube by choice). */
  hidesDeleted: boolean;
  /** Called around every call of a session; may throw, or never resolve, in the place of the provider. */
  onCall: ((name: string, when: 'before' | 'after') => void | Promise<void>) | undefined;
}

export function noFaults(): PathFaults {
  return {
    isDown: false,
    refusesLogIn: false,
    delayMs: 0,
    lie: undefined,
    sizesOff: 0,
    endsAfterFetched: undefined,
    losesAnswer: undefined,
    refusesChanges: undefined,
    hidesDeleted: false,
    onCall: undefined,
  };
}

export function pathDown(): MailError {
  return fault('transient', 'session-ended', 'connect', 'the provider does not answer');
}

export function callCancelled(): MailError {
  return fault('transient', 'cancelled', 'cancelled', 'the call was given up');
}

export function notANewName(): MailError {
  return fault('permanent', 'mailbox-name', 'policy', 'a mailbox can not have this name');
}

export function notEmpty(): MailError {
  return fault('permanent', 'mailbox-not-empty', 'policy', 'the mailbox holds mail');
}

export function unreadable(cause: unknown): MailError {
  return new MailError('transient', 'the message could not be read', {
    code: 'unreadable',
    reason: { class: 'internal', text: 'the message could not be read' },
    cause,
  });
}

export function sessionEnded(): MailError {
  return fault('transient', 'session-ended', 'connect', 'the provider ended the session');
}

export function logInRefused(): MailError {
  return fault('auth', 'auth-failed', 'auth', 'the provider refused the log-in');
}

export function voidAnswer(): MailError {
  return fault('protocol', 'void', 'protocol', 'the answer can not be believed');
}

export function mailboxMissing(): MailError {
  return fault('permanent', 'mailbox-missing', 'route', 'there is no such mailbox');
}

export function lostAnswer(): MailError {
  return fault('transient', 'session-ended', 'lost-answer', 'the answer was lost');
}

export function changeRefused(reason: ReasonClass): MailError {
  return fault('permanent', 'refused', reason, 'the provider refused the change');
}

function fault(kind: MailError['kind'], code: string, reason: ReasonClass, text: string): MailError {
  return new MailError(kind, text, { code, reason: { class: reason, text } });
}
