import { remoteAddressOf, route, type App } from '../app-env.ts';
import type { HttpApiDeps } from '../deps.ts';
import type { Authenticate, Person } from '../sessions/authenticate.ts';
import { Busy } from './busy.ts';
import { downloadRoute } from './blobs/download.ts';
import { uploadRoute } from './blobs/upload.ts';
import { wire } from './ids.ts';
import { BaseLists } from './email/base-lists.ts';
import { QueryLists } from './query-lists.ts';
import { LIMITS } from './limits.ts';
import type { RememberedQueries } from './method.ts';
import { readRequest } from './read-request.ts';
import { requestProblems } from './request-problems.ts';
import { runCalls } from './run-calls.ts';
import { SubmissionStates } from './submission/submission-states.ts';
import { eventSourceRoute } from './push/event-source.ts';
import type { News } from './push/news.ts';
import { sessionResource, sessionStateOf } from './session-resource.ts';

export interface JmapRoutes {
  readonly deps: HttpApiDeps;
  readonly authenticate: Authenticate;
  readonly isAlive: (person: Person) => boolean;
  readonly news: News;
  /** Ends the streams. */
  readonly closing: AbortSignal;
}

export function jmapRoutes(app: App, { deps, authenticate, isAlive, news, closing }: JmapRoutes): void {
  const bases = new BaseLists();
  const queries: RememberedQueries = { emails: new QueryLists(), mailboxes: new QueryLists(), submissions: new QueryLists() };
  const submissions = new SubmissionStates(deps.store);
  const requests = new Busy(LIMITS.maxConcurrentRequests);
  route(app, '/.well-known/jmap', { GET: async (c) => c.json(sessionResource(c, await authenticate(c), deps)) });
  route(app, '/jmap/session', { GET: async (c) => c.json(sessionResource(c, await authenticate(c), deps)) });
  route(app, '/jmap/api', {
    POST: async (c) => {
      const person = await authenticate(c);
      using _slot = requests.take(person.account, () => requestProblems.limit('maxConcurrentRequests', 429));
      const request = await readRequest(c);
      const createdIds = new Map(Object.entries(request.createdIds ?? {}));
      const texts = await runCalls(request.methodCalls, {
        deps,
        person,
        account: person.account,
        accountId: wire.account(person.account),
        remoteAddress: remoteAddressOf(c),
        using: new Set(request.using),
        createdIds,
        bases,
        queries,
        submissions,
        signal: c.req.raw.signal,
      });
      const created = request.createdIds ? `,"createdIds":${JSON.stringify(Object.fromEntries(createdIds))}` : '';
      const state = JSON.stringify(sessionStateOf(person, deps));
      const body = `{"methodResponses":[${texts.join(',')}],"sessionState":${state}${created}}`;
      // With its length, so that a short one is not compressed.
      return c.body(body, 200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) });
    },
  });
  eventSourceRoute(app, { deps, authenticate, isAlive, submissions, news, closing });
  uploadRoute(app, { deps, authenticate });
  downloadRoute(app, { deps, authenticate });
}
