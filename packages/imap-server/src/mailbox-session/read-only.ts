import { MailError } from '@stopgap/core';

export function readOnlyError(): MailError {
  return new MailError('permanent', 'The mailbox is for reading only.', {
    code: 'mailbox-read-only',
    reply: 'this mailbox is for reading only',
  });
}
