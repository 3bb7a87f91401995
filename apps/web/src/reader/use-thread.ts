import { useQuery } from '@tanstack/react-query';
import { listThread } from '../api/lists.ts';
import type { Summary } from '../api/methods.ts';
import { useJmap } from '../shell/mail-session.tsx';

/** What belongs to a conversation, oldest first; to '' nothing. Undefined: not known yet. */
export function useThread(threadId: string): readonly Summary[] | undefined {
  const jmap = useJmap();
  return useQuery({ queryKey: ['thread', threadId], queryFn: ({ signal }) => listThread(jmap, threadId, signal), enabled: threadId !== '' })
    .data;
}
