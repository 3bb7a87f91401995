import { formatHostPort, type HostPort } from '@stopgap/config';

/** On one machine; a relay that takes longer is in trouble. */
const ANSWER_MS = 1000;

/** Does a `serve` answer at its HTTP door? Null: that door is shut by the configuration, so nobody can tell. */
export async function isServing(http: HostPort | false): Promise<boolean | null> {
  if (http === false) return null;
  // Listening everywhere, it is asked here.
  const at = http.host === '0.0.0.0' || http.host === '::' ? { ...http, host: 'localhost' } : http;
  try {
    const answer = await fetch(`http://${formatHostPort(at)}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' });
    return answer.ok && (await answer.text()) === 'alive\n';
  } catch {
    return false;
  }
}
