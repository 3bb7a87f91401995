import type { Maildrop, MaildropMessage } from '../maildrop.ts';
import { messageNamed } from '../message-number.ts';
import { replies, type Answer } from '../replies.ts';

/** RFC 1939 5: how many, and their octets. */
export function stat(maildrop: Maildrop): Answer {
  const { messages, sizeBytes } = maildrop.totals();
  return replies.ok(`${messages} ${sizeBytes}`);
}

/** RFC 1939 5. */
export function list(argument: string, maildrop: Maildrop): Answer {
  const { messages, sizeBytes } = maildrop.totals();
  return listed(argument, maildrop, { text: `${messages} messages (${sizeBytes} octets)`, of: ({ sizeBytes }) => String(sizeBytes) });
}

/** RFC 1939 7. */
export function uidl(argument: string, maildrop: Maildrop): Answer {
  return listed(argument, maildrop, { text: 'Unique ids follow', of: (message) => message.uidl });
}

function listed(
  argument: string,
  maildrop: Maildrop,
  { text, of }: { readonly text: string; readonly of: (message: MaildropMessage) => string },
): Answer {
  if (argument === '') return { kind: 'lines', text, lines: linesOf(maildrop, of) };
  const named = messageNamed(argument, maildrop);
  return 'kind' in named ? named : replies.ok(`${named.number} ${of(named)}`);
}

function* linesOf(maildrop: Maildrop, of: (message: MaildropMessage) => string): Generator<string> {
  for (const message of maildrop.messages()) yield `${message.number} ${of(message)}`;
}
