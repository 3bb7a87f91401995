import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { PAGE, type Line } from '../api/lists.ts';
import type { Filter, Snippet } from '../api/methods.ts';
import { useJmap } from '../shell/mail-session.tsx';

/** Where in the messages stands what is looked for, by the message's id. It comes after the list, which does not wait for it. */
export function useSnippets(filter: Filter | undefined, lines: readonly Line[]): ReadonlyMap<string, Snippet> {
  const jmap = useJmap();
  const ids = lines.map(({ id }) => id);
  const pages =
    filter === undefined
      ? []
      : Array.from({ length: Math.ceil(ids.length / PAGE) }, (_, page) => ids.slice(page * PAGE, (page + 1) * PAGE));
  const found = useQueries({
    queries: pages.map((emailIds) => ({
      queryKey: ['snippets', filter, emailIds],
      queryFn: async ({ signal }: { readonly signal: AbortSignal }) =>
        (await jmap.call('SearchSnippet/get', { accountId: jmap.accountId, filter: filter ?? {}, emailIds }, signal)).list,
      staleTime: Infinity,
      refetchInterval: false as const,
    })),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });
  return useMemo(() => new Map(found.map((snippet) => [snippet.emailId, snippet])), [found]);
}
