import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useMemo } from 'react';
import { findMessage } from '../api/mail.ts';
import type { Message } from '../api/methods.ts';
import { filed } from '../offline/filing.ts';
import { useSteps } from '../offline/post-around.tsx';
import { useMessageActions } from '../list/use-message-actions.ts';
import { useJmap } from '../shell/mail-session.tsx';

export interface KnownMessage {
  /** Undefined: not known yet. Null: it is not there any more. */
  readonly message: Message | null | undefined;
  readonly isFailed: boolean;
  readonly retry: () => void;
}

export function useMessage(id: string): KnownMessage {
  const jmap = useJmap();
  const { data, isError, refetch } = useQuery({
    queryKey: ['message', id],
    // A query has no way to say "undefined".
    queryFn: async ({ signal }) => (await findMessage(jmap, id, signal)) ?? null,
    staleTime: 60_000,
  });
  const steps = useSteps();
  const message = useMemo(() => data && filed(data, steps), [data, steps]);
  return { message, isFailed: isError && data === undefined, retry: () => void refetch() };
}

/** Once, when it opens: who marks it as unread afterwards means it. */
export function useReadMark(message: Message | null | undefined): void {
  const { setKeyword } = useMessageActions();
  const mark = useEffectEvent(() => {
    if (message !== undefined && message !== null && !Object.hasOwn(message.keywords, '$seen')) void setKeyword([message], '$seen', true);
  });
  const id = message?.id;
  useEffect(() => {
    if (id !== undefined) mark();
  }, [id]);
}
