import { z } from 'zod';
import { Secret } from '@stopgap/core';
import { remoteAddressOf, route, type App, type AppContext } from '../app-env.ts';
import { bodyBytes, payloadTooLarge } from '../bounded-body.ts';
import type { HttpApiDeps } from '../deps.ts';
import { sessionResource } from '../jmap/session-resource.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { personOf, refusalOf, type Authenticate } from './authenticate.ts';
import { clearSessionCookies, refreshCookie, sessionCookie, setSessionCookies } from './cookies.ts';
import { isJson, refuseCrossSite } from './cross-site.ts';
import type { Sessions } from './sessions.ts';

const MOST_BYTES = 8 * 1024;
const logInSchema = z.strictObject({ address: z.string().max(500), password: z.string().max(2000) });

export interface SessionRoutes {
  readonly deps: Pick<HttpApiDeps, 'store' | 'accounts' | 'plaintextAuth' | 'limits' | 'clock'>;
  readonly sessions: Sessions;
  readonly authenticate: Authenticate;
}

/**
 * `/api/session`: log in, who am I, log out; `/api/session/refresh`; `/api/sessions`: where one is logged in, log out
 * everywhere or in one place. The OpenAPI document says it in full.
 */
export function sessionRoutes(app: App, { deps, sessions, authenticate }: SessionRoutes): void {
  route(app, '/api/session', {
    POST: async (c) => {
      refuseCrossSite(c);
      const { address, password } = await readLogIn(c);
      const result = await deps.accounts.logIn(
        { address, password: new Secret(password), door: 'http', remoteAddress: remoteAddressOf(c) },
        c.req.raw.signal,
      );
      if (result.kind !== 'accepted') throw refusalOf(result, c);
      const person = personOf(deps, result.account);
      // It was removed at this moment.
      if (person === undefined) throw refusalOf({ kind: 'refused' }, c);
      // Whatever session came along ends: nobody can plant one.
      await endWhatIsThere(c, { deps, sessions, authenticate });
      const opened = await sessions.open(result.account, c.req.header('user-agent') ?? '');
      setSessionCookies(c, opened, deps.plaintextAuth);
      // With what a client would ask for next: on a bad line that is a trip saved.
      return c.json({ account: result.account, address: result.address, jmap: sessionResource(c, person, deps) });
    },
    GET: async (c) => {
      const { account, address, addresses } = await authenticate(c);
      return c.json({ account, address, addresses });
    },
    DELETE: async (c) => {
      refuseCrossSite(c);
      await endWhatIsThere(c, { deps, sessions, authenticate });
      return loggedOut(c, deps);
    },
  });
  route(app, '/api/session/refresh', {
    POST: async (c) => {
      refuseCrossSite(c);
      const refresh = refreshCookie(c, deps.plaintextAuth);
      const opened = refresh === undefined ? undefined : await sessions.renew(refresh);
      if (opened === undefined) throw new HttpProblem(401, 'Log in again');
      setSessionCookies(c, opened, deps.plaintextAuth);
      return c.body(null, 204);
    },
  });
  route(app, '/api/sessions', {
    GET: async (c) => {
      const { account } = await authenticate(c);
      const token = sessionCookie(c, deps.plaintextAuth);
      const own = token === undefined ? undefined : await sessions.read(token);
      const list = sessions.list(account).map(({ id, handle, agent, createdAtMs, renewedAtMs }) => ({
        id: handle,
        agent,
        createdAt: new Date(createdAtMs).toISOString(),
        renewedAt: new Date(renewedAtMs).toISOString(),
        isThis: id === own?.id,
      }));
      return c.json({ sessions: list });
    },
    DELETE: async (c) => {
      refuseCrossSite(c);
      const { account } = await authenticate(c);
      await sessions.endAll(account);
      return loggedOut(c, deps);
    },
  });
  route(app, '/api/sessions/:id', {
    DELETE: async (c) => {
      refuseCrossSite(c);
      const { account } = await authenticate(c);
      if (!(await sessions.endByHandle(account, c.req.param('id') ?? ''))) throw notFound();
      return c.body(null, 204);
    },
  });
}

async function readLogIn(c: AppContext): Promise<z.infer<typeof logInSchema>> {
  if (!isJson(c)) throw new HttpProblem(415, 'Send application/json');
  const bytes = await bodyBytes(c, MOST_BYTES, () => payloadTooLarge(MOST_BYTES));
  try {
    return logInSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw new HttpProblem(400, 'Send {"address": "...", "password": "..."}');
  }
}

/** By either cookie: the token may be too old while the refresh token is good. */
async function endWhatIsThere(c: AppContext, { deps, sessions }: SessionRoutes): Promise<void> {
  const token = sessionCookie(c, deps.plaintextAuth);
  const refresh = refreshCookie(c, deps.plaintextAuth);
  const session = token === undefined ? undefined : await sessions.read(token);
  const ids = new Set([session?.id, refresh === undefined ? undefined : sessions.idOfRefresh(refresh)]);
  for (const id of ids) if (id !== undefined) await sessions.end(id);
}

function loggedOut(c: AppContext, { plaintextAuth }: Pick<HttpApiDeps, 'plaintextAuth'>): Response {
  clearSessionCookies(c, plaintextAuth);
  // Not storage: what was written without a connection waits there, and only the client knows whether it has left.
  c.header('clear-site-data', '"cache"');
  return c.body(null, 204);
}
