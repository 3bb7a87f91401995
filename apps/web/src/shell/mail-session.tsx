import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useMemo, type ReactNode } from 'react';
import type { Http } from '../api/http.ts';
import { createJmap, type Jmap } from '../api/jmap.ts';
import { watchChanges } from '../api/push.ts';
import type { Person } from '../offline/who-is-in.ts';
import { createAhead, type Ahead } from '../reader/ahead.ts';
import { createAskAgain, type AskAgain } from './ask-again.ts';

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
  readonly client: QueryClient;
  readonly askedMs: number;
  readonly children: ReactNode;
}

/** One person's mail for everything inside, kept fresh by what the relay tells. */
export function MailSession({ person: { resource, store }, http, client, askedMs, children }: MailSessionProps): ReactNode {
  const jmap = useMemo(() => {
    const made = createJmap(resource, http);
    return store?.keepBlobs(made) ?? made;
  }, [resource, http, store]);
  const askAgain = useMemo(() => createAskAgain(client), [client]);
  const ahead = useMemo(() => createAhead(jmap, client), [jmap, client]);
  useEffect(() => () => ahead.close(), [ahead]);
  useEffect(
    () =>
      watchChanges(
        jmap,
        askedMs,
        (types) => void askAgain.now(types.includes('*') ? ALL_KEYS : types.flatMap((type) => KEYS_OF[type] ?? [])),
      ),
    [jmap, askedMs, askAgain],
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
