import { randomUUID } from 'node:crypto';
import { addressField, messageIdField, rfc5322Date, textField } from '@stopgap/message';

/** What somebody finds in the inbox who wrote to a person that is not at the practice provider. */
export function noticeOf({ to, about, subject }: { readonly to: string; readonly about: string; readonly subject: string }): Buffer {
  const text = [
    `This is a practice provider, and nothing leaves this machine. Your message "${subject}"`,
    `to ${about} has reached it, and goes no further.`,
    '',
    'Write to the other account of the practice provider to see a message arrive.',
  ];
  const alone = (name: string, address: string) => [{ name: null, addresses: [{ name, address }] }];
  const head = [
    addressField('From', alone('Practice provider', 'postmaster@demo.test')),
    addressField('To', alone('', to)),
    textField('Subject', `Not delivered further: ${subject}`),
    `Date: ${rfc5322Date(Date.now())}\r\n`,
    messageIdField('Message-ID', [`${randomUUID()}@demo.test`]),
    'Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n',
  ];
  return Buffer.from(`${head.join('')}${text.join('\r\n')}\r\n`);
}
