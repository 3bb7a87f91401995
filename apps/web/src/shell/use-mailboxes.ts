import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listMailboxes } from '../api/mailboxes.ts';
import { useWords } from '../words/use-words.ts';
import { useJmap } from './mail-session.tsx';
import { treeOf, type MailboxTree } from './mailbox-tree.ts';

/** Undefined: not known yet. */
export function useMailboxes(): MailboxTree | undefined {
  const jmap = useJmap();
  const words = useWords();
  const { data } = useQuery({ queryKey: ['mailboxes'], queryFn: ({ signal }) => listMailboxes(jmap, signal) });
  return useMemo(() => (data === undefined ? undefined : treeOf(data, words)), [data, words]);
}
