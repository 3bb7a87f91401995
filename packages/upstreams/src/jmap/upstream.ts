import {
  MailError,
  type Clock,
  type IncomingSession,
  type LoginCredential,
  type LoginVerdict,
  type Path,
  type ProbeResult,
  type Upstream,
} from '@stopgap/core';
import { accountFor, hasJmapCode, jmapError, MAIL, reasonOfJmapError } from '@stopgap/jmap';
import { guardedDispatcher } from '../net/dispatcher.ts';
import type { Guard } from '../net/guard.ts';
import { connectJmap } from './connect.ts';
import { incomingError } from './failures.ts';
import { incomingSession } from './incoming.ts';
import { jmapTransport } from './transport.ts';

const ANSWER_MS = 30_000;
/** RFC 8620 2.2: the well-known address may redirect, within one origin here. */
const MOST_HOPS = 3;
/** Of one session: some downloads side by side. */
const CONNECTIONS = 5;

export interface JmapUpstreamOptions {
  readonly guard: Guard;
  readonly clock: Clock;
  /** How often a server without a stream of events is asked; undefined: as the client thinks best. */
  readonly pollMs?: number;
}

/** Probes, log-ins and incoming sessions of JMAP servers. */
export function createJmapUpstream({ guard, clock, pollMs }: JmapUpstreamOptions): Required<Upstream> {
  return {
    async probe(path: Path, signal: AbortSignal): Promise<ProbeResult> {
      const startedMs = performance.now();
      const dispatcher = guardedDispatcher({ guard, ca: path.ca, connections: 1 });
      try {
        const status = await statusOf(urlOf(path), dispatcher, signal);
        // 401 is the right answer to nobody.
        if (status < 500 && status !== 404) return { kind: 'answered', elapsedMs: performance.now() - startedMs };
        return { kind: 'failed', reason: { class: 'connect', text: `the session resource answers ${status}` } };
      } catch (error) {
        return { kind: 'failed', reason: reasonOfJmapError(error) };
      } finally {
        await dispatcher.destroy();
      }
    },
    async verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict> {
      const dispatcher = guardedDispatcher({ guard, ca: path.ca, connections: 1 });
      const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
      try {
        await connectJmap({ path: { url: urlOf(path).href }, dispatcher, credential, signal: limited });
        return { kind: 'accepted' };
      } catch (error) {
        return { kind: hasJmapCode(error, 'refused') ? 'refused' : 'undecided', reason: reasonOfJmapError(error) };
      } finally {
        await dispatcher.destroy();
      }
    },
    async open(path: Path, credential, signal: AbortSignal): Promise<IncomingSession> {
      const dispatcher = guardedDispatcher({ guard, ca: path.ca, connections: CONNECTIONS });
      try {
        const opened = await credential();
        if (opened === undefined) throw jmapError('unavailable', 'The account has no password here.', { class: 'auth' });
        const client = await connectJmap({ path: { url: urlOf(path).href }, dispatcher, credential: opened, signal });
        const accountId = accountFor(client.session, MAIL);
        if (accountId === undefined)
          throw jmapError('unavailable', `${client.host} shows no mail of this person now.`, { host: client.host });
        const account = { client, accountId, host: client.host };
        return incomingSession({ account, clock, ...(pollMs === undefined ? {} : { pollMs }), end: () => dispatcher.destroy() });
      } catch (error) {
        await dispatcher.destroy();
        throw hasJmapCode(error, 'refused') ? error : loginError(error, signal);
      }
    },
  };
}

/** A session that never began has not ended. */
function loginError(error: unknown, signal: AbortSignal): MailError {
  if (error instanceof MailError && error.reason !== undefined && !signal.aborted) return error;
  return incomingError(error, signal);
}

async function statusOf(first: URL, dispatcher: ReturnType<typeof guardedDispatcher>, signal: AbortSignal): Promise<number> {
  const transport = jmapTransport({ dispatcher, origin: first.origin, credential: undefined });
  let url = first;
  for (let hop = 0; hop <= MOST_HOPS; hop++) {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const reply = await transport({ method: 'GET', url, headers: { accept: 'application/json' }, signal: limited });
    reply.discard();
    const location = reply.header('location');
    if (reply.status < 300 || reply.status > 399 || location === undefined) return reply.status;
    if (!URL.canParse(location, url.href)) break;
    url = new URL(location, url);
  }
  throw jmapError('protocol', `${first.host} redirects without end.`, { host: first.host });
}

function urlOf(path: Path): URL {
  if (path.kind !== 'jmap') throw jmapError('protocol', `${path.id} is not spoken in JMAP`, { class: 'internal' });
  return new URL(path.url);
}
