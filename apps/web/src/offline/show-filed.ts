import type { QueryClient } from '@tanstack/react-query';
import type { Page } from '../api/lists.ts';
import type { Mailbox, Message, Summary } from '../api/methods.ts';
import { filed, filedLine, filedMailboxes, stepsOf, type Filing } from './filing.ts';

const SHOWN = new Set<unknown>(['list', 'thread', 'message', 'mailboxes']);

/** Puts it into the answers that are held and concerned, those on no screen too: they say it until the relay is asked again. */
export async function showFiled(client: QueryClient, filing: Filing): Promise<void> {
  const steps = stepsOf([filing]);
  // An answer that is on its way may be from before.
  await client.cancelQueries({ predicate: ({ queryKey, state }) => SHOWN.has(queryKey[0]) && state.data !== undefined });
  client.setQueriesData<Page>(
    { queryKey: ['list'] },
    (page) =>
      page &&
      changed(
        page.messages,
        (one) => filedLine(one, steps),
        (messages) => ({ ...page, messages }),
      ),
  );
  client.setQueriesData<readonly Summary[]>(
    { queryKey: ['thread'] },
    (members) =>
      members &&
      changed(
        members,
        (one) => filed(one, steps),
        (now) => now,
      ),
  );
  for (const id of steps.keys()) client.setQueryData<Message | null>(['message', id], (message) => message && filed(message, steps));
  client.setQueriesData<readonly Mailbox[]>({ queryKey: ['mailboxes'] }, (mailboxes) => mailboxes && filedMailboxes(mailboxes, [filing]));
}

/** Undefined: nothing of it is, and it stays as old as it was. */
function changed<T, All>(items: readonly T[], change: (item: T) => T, all: (items: readonly T[]) => All): All | undefined {
  const now = items.map(change);
  return now.some((one, index) => one !== items[index]) ? all(now) : undefined;
}
