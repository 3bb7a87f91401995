import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { MailError, messageOf } from '@stopgap/core';
import type { HostPort } from '@stopgap/config';
import { rememberRemoteAddress, type App, type AppEnv } from './app-env.ts';
import { isStaying } from '@stopgap/store';
import { clientSetupRoutes } from './client-setup/routes.ts';
import { demoRoutes } from './demo/routes.ts';
import type { HttpApiDeps } from './deps.ts';
import { jmapRoutes } from './jmap/routes.ts';
import { openApiRoute } from './openapi/route.ts';
import { operatorRoutes } from './operator/routes.ts';
import { HttpProblem, notFound, problemResponse } from './problem.ts';
import { securityHeaders } from './security-headers.ts';
import { listen, type HttpServer } from './server.ts';
import { createAuthenticate, type Person } from './sessions/authenticate.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { openSessionKeys } from './sessions/session-keys.ts';
import { createSessions } from './sessions/sessions.ts';
import { createTokens } from './sessions/tokens.ts';
import { setupRoutes } from './setup/routes.ts';
import { statusRoutes } from './status/routes.ts';

/** Smaller answers gain nothing by it. */
const COMPRESSED_BYTES = 1024;

export interface HttpApi {
  /** To be asked without a server (tests), or to be given further routes. */
  readonly app: App;
  /** @throws MailError `listen` */
  listen(at: HostPort): Promise<HttpServer>;
  /** Ends event streams; the servers are closed by who opened them. */
  close(): void;
}

/** @throws MailError `session-keys` */
export async function createHttpApi(deps: HttpApiDeps): Promise<HttpApi> {
  const { store, clock } = deps;
  const tokens = createTokens(await openSessionKeys(deps.dataDir, clock), clock);
  const sessions = createSessions({ store, clock, tokens });
  const authenticate = createAuthenticate(deps, sessions);
  const closing = new AbortController();

  const app = new Hono<AppEnv>();
  app.use(rememberRemoteAddress(deps.proxies));
  app.use(securityHeaders);
  // Streams of events are not held back; bytes of others (no-transform) go as they are.
  app.use(
    compress({
      encoding: 'gzip',
      threshold: COMPRESSED_BYTES,
      contentTypeFilter: /^(?:application\/(?:problem\+)?json|text\/(?:html|plain))/,
    }),
  );
  app.notFound(() => problemResponse(notFound()));
  app.onError((error) => problemResponse(problemOf(error, deps)));
  operatorRoutes(app, deps.operator);
  statusRoutes(app, deps);
  openApiRoute(app, { isDemo: deps.demo !== undefined, isSetup: deps.setup !== undefined });
  clientSetupRoutes(app, deps);
  if (deps.setup !== undefined) setupRoutes(app, deps.setup);
  demoRoutes(app, deps.demo);
  sessionRoutes(app, { deps, sessions, authenticate });
  const isAlive = ({ session, account }: Person): boolean =>
    session === undefined ? store.read((reader) => isStaying(reader, account)) : sessions.isAlive(session);
  jmapRoutes(app, { deps, authenticate, isAlive, news: deps.news, closing: closing.signal });
  return {
    app,
    async listen(at) {
      const server = await listen(app, at);
      return {
        ...server,
        close() {
          closing.abort();
          return server.close();
        },
      };
    },
    close: () => closing.abort(),
  };
}

/** Nothing of an error that nobody expected is told to the client. */
function problemOf(error: Error, { log }: Pick<HttpApiDeps, 'log'>): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof MailError && error.kind === 'transient') {
    log.warn('a request could not be served now', { error: error.message });
    return new HttpProblem(503, error.reply ?? 'Try again in a moment', { headers: { 'retry-after': '5' } });
  }
  log.error('a request failed', { error: messageOf(error) });
  return new HttpProblem(500, 'Internal error');
}
