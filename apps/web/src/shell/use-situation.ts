import { useQuery } from '@tanstack/react-query';
import { isPassing } from '../api/failures.ts';
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
  const { data, error } = useQuery({
    queryKey: ['situation'],
    // A query has no way to say "undefined".
    queryFn: async ({ signal }) => (await readSituation(jmap, signal)) ?? null,
    refetchInterval: POLL_MS,
  });
  return { situation: data ?? undefined, isOffline: error !== null && isPassing(error) };
}
