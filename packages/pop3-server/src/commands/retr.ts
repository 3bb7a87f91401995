import type { Client, LoggedIn } from '../client.ts';
import type { MaildropMessage } from '../maildrop.ts';
import { lineCount, messageNamed } from '../message-number.ts';
import { messageOctets, topOf } from '../message-octets.ts';
import { replies, type Answer } from '../replies.ts';

/** RFC 1939 5. Marks nothing as read: fetching is not reading. */
export async function retr(argument: string, { login, client }: { readonly login: LoggedIn; readonly client: Client }): Promise<Answer> {
  const message = messageNamed(argument, login.maildrop);
  if ('kind' in message) return message;
  const bytes = await opened(message, { login, client });
  if (!bytes) return replies.bodyNotHere;
  const sent = (): void => {
    client.retrieved += 1;
    client.sentBytes += message.sizeBytes;
  };
  return { kind: 'message', text: `${message.sizeBytes} octets`, octets: messageOctets(bytes), sent };
}

/** RFC 1939 7. */
export async function top(argument: string, { login, client }: { readonly login: LoggedIn; readonly client: Client }): Promise<Answer> {
  const [number = '', count = '', ...more] = argument.split(' ');
  const lines = lineCount(count);
  if (lines === undefined || more.length > 0) return replies.usage('TOP, a message number and how many lines');
  const message = messageNamed(number, login.maildrop);
  if ('kind' in message) return message;
  const bytes = await opened(message, { login, client });
  return bytes ? { kind: 'message', text: 'Top of the message follows', octets: messageOctets(topOf(bytes, lines)) } : replies.bodyNotHere;
}

/** With its first octets read: once `+OK` is said, a failure can only break the connection. */
async function opened(
  message: MaildropMessage,
  { login, client }: { readonly login: LoggedIn; readonly client: Client },
): Promise<AsyncIterable<Buffer> | undefined> {
  const bytes = login.maildrop.open(message, client.settings.store)?.[Symbol.asyncIterator]();
  if (!bytes) return undefined;
  const first = await bytes.next();
  return withFirst(first, bytes);
}

async function* withFirst(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
