import type { LoginCredential, LoginVerdict, Path, ProbeResult, Reason, Upstream } from '@stopgap/core';
import { request } from 'undici';
import { guardedDispatcher } from '../net/dispatcher.ts';
import type { Guard } from '../net/guard.ts';
import { reasonOfNetworkError } from '../net/network-reason.ts';

const ANSWER_MS = 30_000;
/** RFC 8620 2.2: the well-known address may redirect, within one origin here: the credential goes nowhere else. */
const MOST_HOPS = 3;

/** Probes and log-in checks of JMAP servers, by their session resource (RFC 8620 2). */
export function createJmapUpstream({ guard }: { readonly guard: Guard }): Upstream {
  const statusOf = async (path: Path, authorization: string | undefined, signal: AbortSignal): Promise<number | Reason> => {
    if (path.kind !== 'jmap') return { class: 'internal', text: `${path.id} is not spoken in JMAP` };
    const dispatcher = guardedDispatcher({ guard, ca: path.ca, connections: 1 });
    let url = new URL(path.url);
    try {
      for (let hop = 0; hop < MOST_HOPS; hop++) {
        const answer = await request(url, {
          dispatcher,
          signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
          headers: { accept: 'application/json', ...(authorization === undefined ? {} : { authorization }) },
        });
        await answer.body.dump();
        const { location } = answer.headers;
        if (answer.statusCode < 300 || answer.statusCode > 399 || typeof location !== 'string') return answer.statusCode;
        const next = new URL(location, url);
        if (next.origin !== url.origin) return { class: 'protocol', text: `${url.host} redirects to another host`, host: url.host };
        url = next;
      }
      return { class: 'protocol', text: `${url.host} redirects without end`, host: url.host };
    } catch (error) {
      return reasonOfNetworkError(error, url.host);
    } finally {
      await dispatcher.destroy();
    }
  };
  return {
    async probe(path: Path, signal: AbortSignal): Promise<ProbeResult> {
      const startedMs = performance.now();
      const status = await statusOf(path, undefined, signal);
      if (typeof status !== 'number') return { kind: 'failed', reason: status };
      // 401 is the right answer to nobody.
      if (status < 500 && status !== 404) return { kind: 'answered', elapsedMs: performance.now() - startedMs };
      return { kind: 'failed', reason: { class: 'connect', text: `the session resource answers ${status}` } };
    },
    async verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict> {
      const basic = Buffer.from(`${credential.username}:${credential.password.open()}`).toString('base64');
      const status = await statusOf(path, `Basic ${basic}`, signal);
      if (status === 200) return { kind: 'accepted' };
      if (status === 401) return { kind: 'refused', reason: { class: 'auth', text: 'the JMAP server refuses the log-in' } };
      return {
        kind: 'undecided',
        reason: typeof status === 'number' ? { class: 'connect', text: `the JMAP server answers ${status}` } : status,
      };
    },
  };
}
