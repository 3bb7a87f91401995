import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, use, useEffect, useMemo, type ReactNode } from 'react';
import { isPassing } from '../api/failures.ts';
import type { Http } from '../api/http.ts';
import { createJmap, type Jmap } from '../api/jmap.ts';
import { watchChanges } from '../api/push.ts';
import type { Person } from '../offline/who-is-in.ts';
import { createAhead, type Ahead } from '../reader/ahead.ts';
import { createAskAgain, type AskAgain } from './ask-again.ts';

/** The stream of changes tells sooner; this is for when it is broken. */
const POLL_MS = 60_000;
const MOST_TRIES = 3;

const JmapContext = createContext<Jmap | undefined>(undefined);
const AskAgainContext = createContext<AskAgain | undefined>(undefined);
const AheadContext = createContext<Ahead | undefined>(undefined);

export function useJmap(): Jmap {
  const jmap = use(JmapContext);
  if (jmap === undefined) throw new Error('nobody is logged in around this component');
  return jmap;
}

export function useAskAgain(): AskAgain {
  const askAgain = use(AskAgainContext);
  if (askAgain === undefined) throw new Error('nobody is logged in around this component');
  return askAgain;
}

export function useAhead(): Ahead {
  const ahead = use(AheadContext);
  if (ahead === undefined) throw new Error('nobody is logged in around this component');
  return ahead;
}

/** What is asked again when things of a type have changed. */
const KEYS_OF: Readonly<Record<string, readonly string[]>> = {
  Mailbox: ['mailboxes'],
  Email: ['list', 'message', 'thread'],
  Thread: ['thread'],
  EmailSubmission: ['outbox'],
  OutboxEntry: ['outbox'],
  ProviderStatus: ['situation'],
};
const ALL_KEYS = [...new Set(Object.values(KEYS_OF).flat())];

interface MailSessionProps {
  readonly person: Person;
  readonly http: Http;
  readonly children: ReactNode;
}

/** One person's mail for everything inside, kept fresh by what the relay tells. */
export function MailSession({ person: { resource, store }, http, children }: MailSessionProps): ReactNode {
  const jmap = useMemo(() => {
    const made = createJmap(resource, http);
    return store?.keepBlobs(made) ?? made;
  }, [resource, http, store]);
  const client = useMemo(() => {
    const made = queryClient();
    store?.keepAnswers(made, resource.username);
    return made;
  }, [store, resource]);
  const askAgain = useMemo(() => createAskAgain(client), [client]);
  const ahead = useMemo(() => createAhead(jmap, client), [jmap, client]);
  useEffect(() => () => ahead.close(), [ahead]);
  useEffect(
    () => watchChanges(jmap, (types) => void askAgain.now(types.includes('*') ? ALL_KEYS : types.flatMap((type) => KEYS_OF[type] ?? []))),
    [jmap, askAgain],
  );
  return (
    <JmapContext value={jmap}>
      <AskAgainContext value={askAgain}>
        <AheadContext value={ahead}>
          <QueryClientProvider client={client}>{children}</QueryClientProvider>
        </AheadContext>
      </AskAgainContext>
    </JmapContext>
  );
}

function queryClient(): QueryClient {
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
