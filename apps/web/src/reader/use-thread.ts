import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listThread } from '../api/lists.ts';
import type { Summary } from '../api/methods.ts';
import { filed } from '../offline/filing.ts';
import { useSteps } from '../offline/post-around.tsx';
import { useJmap } from '../shell/mail-session.tsx';

/** What belongs to a conversation, oldest first; to '' nothing. Undefined: not known yet. */
export function useThread(threadId: string): readonly Summary[] | undefined {
  const jmap = useJmap();
  const steps = useSteps();
  const queryFn = ({ signal }: { readonly signal: AbortSignal }) => listThread(jmap, threadId, signal);
  const { data } = useQuery({ queryKey: ['thread', threadId], queryFn, enabled: threadId !== '' });
  return useMemo(() => data?.map((one) => filed(one, steps)), [data, steps]);
}
