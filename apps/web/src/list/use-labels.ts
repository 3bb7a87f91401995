import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useJmap } from '../shell/mail-session.tsx';
import { useWords } from '../words/use-words.ts';
import { isLabel, labelKeyword, labelName } from './labels.ts';

export interface Labels {
  /** As keywords, in the order of their names. */
  readonly keywords: readonly string[];
  readonly nameOf: (keyword: string) => string;
  /** Undefined: no label can be called so. */
  readonly keywordOf: (name: string) => string | undefined;
  /** There is one more from now on. */
  readonly add: (keyword: string) => void;
}

const KEY = ['labels'];

export function useLabels(): Labels {
  const jmap = useJmap();
  const client = useQueryClient();
  const { known } = useWords().labels;
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => (await jmap.call('Keyword/list', { accountId: jmap.accountId }, signal)).list.filter(isLabel),
    staleTime: 30_000,
  });
  return useMemo(() => {
    const nameOf = (keyword: string): string => labelName(keyword, known);
    const keywords = (data ?? []).toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));
    return {
      keywords,
      nameOf,
      keywordOf: (name) => labelKeyword(name, keywords, known),
      add: (keyword) => client.setQueryData<readonly string[]>(KEY, (before = []) => [...new Set([...before, keyword])]),
    };
  }, [data, known, client]);
}
