import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Summary } from '../api/methods.ts';
import { filed } from '../offline/filing.ts';
import { useSteps } from '../offline/post-around.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { threadQuery } from './message-query.ts';

/** What belongs to a conversation, oldest first; to '' nothing. Undefined: not known yet. */
export function useThread(threadId: string): readonly Summary[] | undefined {
  const jmap = useJmap();
  const steps = useSteps();
  const { data } = useQuery({ ...threadQuery(jmap, threadId), enabled: threadId !== '' });
  return useMemo(() => data?.map((one) => filed(one, steps)), [data, steps]);
}
