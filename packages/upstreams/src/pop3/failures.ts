import { MailError, type Reason } from '@stopgap/core';

/** The connection is gone; a new log-in may work. */
export function sessionEnded(reason: Reason, cause?: unknown): MailError {
  return new MailError('transient', reason.text, { code: 'session-ended', reason, cause });
}

/** What the server said can not be believed, and nothing may follow from it. */
export function voidAnswer(host: string, what: string): MailError {
  const text = `${host} ${what}`;
  return new MailError('transient', text, { code: 'void', reason: { class: 'protocol', text, host } });
}
