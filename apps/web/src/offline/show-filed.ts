import type { QueryClient } from '@tanstack/react-query';
import type { Page } from '../api/lists.ts';
import type { Mailbox, Message, Summary } from '../api/methods.ts';
import { filed, filedLine, filedMailboxes, stepsOf, type Filing } from './filing.ts';

const SHOWN = new Set<unknown>(['list', 'thread', 'message', 'mailboxes']);

/** Puts it into the answers that are held, those on no screen too: they say it until the relay is asked again. */
export async function showFiled(client: QueryClient, filing: Filing): Promise<void> {
  const steps = stepsOf([filing]);
  // An answer that is on its way may be from before.
  await client.cancelQueries({ predicate: ({ queryKey, state }) => SHOWN.has(queryKey[0]) && state.data !== undefined });
  client.setQueriesData<Page>(
    { queryKey: ['list'] },
    (page) => page && { ...page, messages: page.messages.map((one) => filedLine(one, steps)) },
  );
  client.setQueriesData<readonly Summary[]>({ queryKey: ['thread'] }, (members) => members?.map((one) => filed(one, steps)));
  client.setQueriesData<Message | null>({ queryKey: ['message'] }, (message) => message && filed(message, steps));
  client.setQueriesData<readonly Mailbox[]>({ queryKey: ['mailboxes'] }, (mailboxes) => mailboxes && filedMailboxes(mailboxes, [filing]));
}
