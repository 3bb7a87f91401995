import { useQuery } from '@tanstack/react-query';
import { readSituation, type Situation } from '../api/outbox.ts';
import { useJmap } from './mail-session.tsx';

const POLL_MS = 15_000;

export interface KnownSituation {
  /** Undefined: not known yet. */
  readonly situation: Situation | undefined;
  /** The relay itself does not answer. */
  readonly isOffline: boolean;
}

export function useSituation(): KnownSituation {
  const jmap = useJmap();
  const { data, isError } = useQuery({
    queryKey: ['situation'],
    queryFn: ({ signal }) => readSituation(jmap, signal),
    refetchInterval: POLL_MS,
  });
  return { situation: data, isOffline: isError };
}
