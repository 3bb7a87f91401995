import { useQuery, useQueryClient } from '@tanstack/react-query';
import { isFinished, listOutbox, type OutboxEntry } from '../api/outbox.ts';
import { useWaiting } from '../offline/post-around.tsx';
import { useJmap } from '../shell/mail-session.tsx';

const KEY = ['outbox'];
const POLL_MS = 20_000;

export interface KnownOutbox {
  /** Undefined: not known yet. */
  readonly entries: readonly OutboxEntry[] | undefined;
  /** Something has changed, and what is not told yet. */
  readonly isOld: boolean;
  readonly isFailed: boolean;
  readonly retry: () => void;
}

export function useOutbox(): KnownOutbox {
  const jmap = useJmap();
  const client = useQueryClient();
  const { data, isError, isFetching, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => listOutbox(jmap, signal),
    refetchInterval: POLL_MS,
  });
  const isOld = isFetching && client.getQueryState(KEY)?.isInvalidated === true;
  return { entries: data, isOld, isFailed: isError && data === undefined, retry: () => void refetch() };
}

/** Messages that have not left, and those of them of which nobody knows. */
export function useOutboxCount(): { readonly waiting: number; readonly unsure: number } {
  const waiting = (useOutbox().entries ?? []).filter((entry) => !isFinished(entry));
  const unsure = waiting.filter(({ state }) => state === 'unsure');
  const here = useWaiting().letters;
  const doubtful = here.filter(({ problem }) => problem !== undefined);
  return { waiting: waiting.length + here.length, unsure: unsure.length + doubtful.length };
}
