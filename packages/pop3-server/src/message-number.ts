import type { Maildrop, MaildropMessage } from './maildrop.ts';
import { replies, type Answer } from './replies.ts';

/** RFC 1939 3: a number of digits. Longer ones are no message's. */
const NUMBER = /^\d{1,10}$/;

/** The message that an argument names, or what is wrong with it. */
export function messageNamed(argument: string, maildrop: Maildrop): MaildropMessage | Answer {
  if (!NUMBER.test(argument)) return replies.noSuchMessage;
  const found = maildrop.find(Number(argument));
  if (found.kind === 'there') return found.message;
  return found.kind === 'deleted' ? replies.deletedAlready : replies.noSuchMessage;
}

/** Digits; as many lines as that, or all. */
export function lineCount(argument: string): number | undefined {
  return NUMBER.test(argument) ? Number(argument) : undefined;
}
