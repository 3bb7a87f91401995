import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listMailboxes } from '../api/mailboxes.ts';
import { filedMailboxes } from '../offline/filing.ts';
import { useWaitingFilings } from '../offline/post-around.tsx';
import { useWords } from '../words/use-words.ts';
import { useJmap } from './mail-session.tsx';
import { treeOf, type MailboxTree } from './mailbox-tree.ts';

/** Undefined: not known yet. */
export function useMailboxes(): MailboxTree | undefined {
  const jmap = useJmap();
  const words = useWords();
  const { data } = useQuery({ queryKey: ['mailboxes'], queryFn: ({ signal }) => listMailboxes(jmap, signal) });
  const filings = useWaitingFilings();
  return useMemo(() => (data === undefined ? undefined : treeOf(filedMailboxes(data, filings), words)), [data, filings, words]);
}
