import { QueryClient } from '@tanstack/react-query';
import { isPassing } from '../api/failures.ts';

/** The stream of changes tells sooner; this is for when it is broken. */
const POLL_MS = 60_000;
const MOST_TRIES = 3;

/** For what the relay has answered. */
export function createCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchInterval: POLL_MS,
        retry: (count, error) => count < MOST_TRIES && isPassing(error),
        // The relay may be on this machine: the browser's idea of being online says nothing about it.
        networkMode: 'always',
        refetchOnReconnect: true,
      },
      mutations: { networkMode: 'always' },
    },
  });
}
