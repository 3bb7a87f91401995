import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useMemo } from 'react';
import type { Message } from '../api/methods.ts';
import { filed } from '../offline/filing.ts';
import { useSteps } from '../offline/post-around.tsx';
import { useMessageActions } from '../list/use-message-actions.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { messageQuery } from './message-query.ts';

export interface KnownMessage {
  /** Undefined: not known yet. Null: it is not there any more. */
  readonly message: Message | null | undefined;
  readonly isFailed: boolean;
  readonly retry: () => void;
}

export function useMessage(id: string): KnownMessage {
  const jmap = useJmap();
  const client = useQueryClient();
  const { data, isError, refetch } = useQuery(messageQuery(jmap, client, id));
  const steps = useSteps();
  const message = useMemo(() => data && filed(data, steps), [data, steps]);
  return { message, isFailed: isError && data === undefined, retry: () => void refetch() };
}

/** Once, when it opens: who marks it as unread afterwards means it. */
export function useReadMark(message: Message | null | undefined): void {
  const { setKeyword } = useMessageActions();
  const mark = useEffectEvent(() => {
    if (message === undefined || message === null || Object.hasOwn(message.keywords, '$seen')) return;
    // First it is to be seen.
    setTimeout(() => void setKeyword([message], '$seen', true));
  });
  const id = message?.id;
  useEffect(() => {
    if (id !== undefined) mark();
  }, [id]);
}
