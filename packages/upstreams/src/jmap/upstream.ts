import type { LoginCredential, LoginVerdict, Path, ProbeResult, Reason, Upstream } from '@stopgap/core';
import { request } from 'undici';
import { guardedDispatcher } from '../net/dispatcher.ts';
import type { Guard } from '../net/guard.ts';
import { reasonOfNetworkError } from '../net/network-reason.ts';
import { isOwnedSession } from './session-resource.ts';

const ANSWER_MS = 30_000;
/** RFC 8620 2.2: the well-known address may redirect, within one origin here: the credential goes nowhere else. */
const MOST_HOPS = 3;

interface Answer {
  readonly status: number;
  /** The body is a session of the one who logged in. */
  readonly isOwned: boolean;
}

/** Probes and log-in checks of JMAP servers, by their session resource (RFC 8620 2). */
export function createJmapUpstream({ guard }: { readonly guard: Guard }): Upstream {
  const ask = async (path: Path, authorization: string | undefined, signal: AbortSignal): Promise<Answer | Reason> => {
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
        const { statusCode: status, headers } = answer;
        const isOwned = status === 200 && authorization !== undefined && (await isOwnedSession(answer.body));
        if (!answer.body.destroyed) await answer.body.dump();
        const { location } = headers;
        if (status < 300 || status > 399 || typeof location !== 'string') return { status, isOwned };
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
      const answer = await ask(path, undefined, signal);
      if (!('isOwned' in answer)) return { kind: 'failed', reason: answer };
      const { status } = answer;
      // 401 is the right answer to nobody.
      if (status < 500 && status !== 404) return { kind: 'answered', elapsedMs: performance.now() - startedMs };
      return { kind: 'failed', reason: { class: 'connect', text: `the session resource answers ${status}` } };
    },
    async verify(path: Path, credential: LoginCredential, signal: AbortSignal): Promise<LoginVerdict> {
      const basic = Buffer.from(`${credential.username}:${credential.password.open()}`).toString('base64');
      const answer = await ask(path, `Basic ${basic}`, signal);
      if (!('isOwned' in answer)) return { kind: 'undecided', reason: answer };
      const { status, isOwned } = answer;
      if (isOwned) return { kind: 'accepted' };
      if (status === 401) return { kind: 'refused', reason: { class: 'auth', text: 'the JMAP server refuses the log-in' } };
      const text = status === 200 ? 'the JMAP server answers with something that is no session' : `the JMAP server answers ${status}`;
      return { kind: 'undecided', reason: { class: status === 200 ? 'protocol' : 'connect', text } };
    },
  };
}
