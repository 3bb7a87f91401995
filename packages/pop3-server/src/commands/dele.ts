import type { Maildrop } from '../maildrop.ts';
import { messageNamed } from '../message-number.ts';
import { replies, type Answer } from '../replies.ts';

/** RFC 1939 5: it goes at QUIT, and only then. */
export function dele(argument: string, maildrop: Maildrop): Answer {
  const message = messageNamed(argument, maildrop);
  if ('kind' in message) return message;
  maildrop.delete(message);
  return replies.ok(`Message ${message.number} goes at QUIT`);
}

/** RFC 1939 5: nothing goes. */
export function rset(maildrop: Maildrop): Answer {
  maildrop.reset();
  const { messages, sizeBytes } = maildrop.totals();
  return replies.ok(`${messages} messages, ${sizeBytes} octets`);
}
