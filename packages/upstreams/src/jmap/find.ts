import { asId, type RemoteMailboxId, type RemoteMessageId } from '@stopgap/core';
import { getEmails, queryEmails, resultOf, valueOf } from '@stopgap/jmap';
import { isJmapId, type MailAccount } from './account.ts';

/** A mailbox with more copies of one Message-ID than this is nothing we can judge. */
const MOST_COPIES = 100;
/** RFC 5322 lines are shorter. */
const LONGEST = 998;
const SAYABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** By the header, then compared: what a server's text search finds may be a part of it. */
export async function findMessages(
  { client, accountId }: MailAccount,
  mailbox: RemoteMailboxId,
  messageId: string,
  signal: AbortSignal,
): Promise<readonly RemoteMessageId[]> {
  if (messageId.length > LONGEST || !SAYABLE.test(messageId) || messageId === '<>' || !isJmapId(mailbox)) return [];
  const calls = [
    queryEmails(accountId, { filter: { inMailbox: mailbox, header: ['Message-ID', messageId] }, limit: MOST_COPIES }),
    getEmails(accountId, resultOf(0, 'Email/query', '/ids'), ['headers']),
  ] as const;
  const [query, got] = await client.batch(calls, signal);
  valueOf(query);
  const named = valueOf(got).list.filter(({ headers }) =>
    headers.some(({ name, value }) => name.toLowerCase() === 'message-id' && value.replaceAll(/\r?\n/g, '').trim() === messageId),
  );
  return named.map((email) => asId.remoteMessage(email.id));
}
