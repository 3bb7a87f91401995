import { MailError, MAILBOX_SEPARATOR } from '@stopgap/core';

/** Of one part, in characters; file names and other servers end there. */
const PART_CHARACTERS = 255;
/** Of the whole name. */
const NAME_CHARACTERS = 1000;
const MOST_PARTS = 20;

/** RFC 9051 5.1: INBOX in any case is INBOX. */
export const INBOX = 'INBOX';

/**
 * The one spelling of a mailbox's name here.
 * @throws MailError `mailbox-name`
 */
export function mailboxName(text: string): string {
  const parts = text.split(MAILBOX_SEPARATOR);
  if (parts[0]?.toUpperCase() === INBOX) parts[0] = INBOX;
  const name = parts.join(MAILBOX_SEPARATOR);
  const isNameable =
    name.length <= NAME_CHARACTERS &&
    parts.length <= MOST_PARTS &&
    parts.every((part) => part !== '' && part.length <= PART_CHARACTERS && !/[\x00-\x1f\x7f]/.test(part)) &&
    name.isWellFormed();
  if (isNameable) return name;
  throw new MailError('permanent', 'A mailbox can not have this name.', {
    code: 'mailbox-name',
    reply: 'a mailbox can not have this name',
  });
}

/** The names above it, outermost first. */
export function namesAbove(name: string): string[] {
  const parts = name.split(MAILBOX_SEPARATOR);
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(MAILBOX_SEPARATOR));
}
