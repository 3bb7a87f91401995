import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { listMailboxes } from '../api/mailboxes.ts';
import { filedMailboxes } from '../offline/filing.ts';
import { useWaitingFilings } from '../offline/post-around.tsx';
import { useWords } from '../words/use-words.ts';
import { useJmap } from './mail-session.tsx';
import { treeOf } from './mailbox-tree.ts';
import { MailboxesContext } from './use-mailboxes.ts';

/** Asks for them once for everything inside: a message that is opened would put up five that ask, each with a tree of its own. */
export function MailboxesAround({ children }: { readonly children: ReactNode }): ReactNode {
  const jmap = useJmap();
  const words = useWords();
  const { data } = useQuery({ queryKey: ['mailboxes'], queryFn: ({ signal }) => listMailboxes(jmap, signal) });
  const filings = useWaitingFilings();
  const tree = useMemo(() => (data === undefined ? undefined : treeOf(filedMailboxes(data, filings), words)), [data, filings, words]);
  return <MailboxesContext value={tree}>{children}</MailboxesContext>;
}
