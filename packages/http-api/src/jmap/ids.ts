/*
 * How our ids look on the wire: a letter that says what it is and the number of the row (RFC 8620 1.2: letters, digits, `-`, `_`; not a digit first).
 *   account  a + 22 characters of a hash of the address, which would have an @
 *   mailbox  m12    thread  t12    email  e12    submission  s + its id    identity  i + hash of the address
 *   change   x12: the intent, once it has failed
 *   blob     b12_34: message 12 as it is with blob 34 (another one when its content is), b12_34_2-1: section 2.1 of it; u...: an upload; s...: a submission
 */
import { createHash } from 'node:crypto';
import { asId, type AccountId, type IntentId, type MailboxId, type MessageId, type SubmissionId, type ThreadId } from '@stopgap/core';

export const wire = {
  account: (account: AccountId): string => `a${shortHash(account)}`,
  mailbox: (id: MailboxId): string => `m${id}`,
  thread: (id: ThreadId): string => `t${id}`,
  email: (id: MessageId): string => `e${id}`,
  submission: (id: SubmissionId): string => `s${id}`,
  change: (id: IntentId): string => `x${id}`,
  identity: (address: string): string => `i${shortHash(address.toLowerCase())}`,
};

/** Undefined: no id of that kind was ever written so. */
export const unwire = {
  mailbox: (text: string): MailboxId | undefined => numbered(text, 'm', asId.mailbox),
  thread: (text: string): ThreadId | undefined => numbered(text, 't', asId.thread),
  email: (text: string): MessageId | undefined => numbered(text, 'e', asId.message),
  change: (text: string): IntentId | undefined => numbered(text, 'x', asId.intent),
  submission: (text: string): SubmissionId | undefined => (/^s[0-9a-v]{26}$/.test(text) ? asId.submission(text.slice(1)) : undefined),
};

/** Only the one spelling that we write. */
function numbered<T>(text: string, letter: string, as: (value: number) => T): T | undefined {
  return text.startsWith(letter) && /^[1-9]\d{0,15}$/.test(text.slice(1)) ? as(Number(text.slice(1))) : undefined;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
