import type { SessionResource } from '@stopgap/jmap';
import { HttpFailure, httpFailureOf, NoAnswer } from './failures.ts';
import type { Http } from './http.ts';

export type LogInResult =
  | { readonly kind: 'in'; readonly resource: SessionResource }
  | { readonly kind: 'wrong' }
  /** In so many seconds, if that was said. */
  | { readonly kind: 'tooOften'; readonly retryAfterS: number | undefined }
  /** The provider can not be asked now, and nothing is known of this account here. */
  | { readonly kind: 'notKnown'; readonly retryAfterS: number | undefined }
  | { readonly kind: 'refused'; readonly detail: string };

/** The session there is. Undefined: nobody is logged in. @throws HttpFailure, NoAnswer */
export async function findSession(http: Http): Promise<SessionResource | undefined> {
  const first = await http.once('/.well-known/jmap');
  const response = first.status === 401 && (await http.renew()) ? await http.once('/.well-known/jmap') : first;
  if (response.status === 401) return undefined;
  if (!response.ok) throw new HttpFailure(response.status, response.statusText);
  return (await response.json()) as SessionResource;
}

/** @throws NoAnswer */
export async function logIn(http: Http, address: string, password: string): Promise<LogInResult> {
  const response = await http.once('/api/session', { method: 'POST', body: { address, password } });
  if (response.ok) return { kind: 'in', resource: await resourceIn(response) };
  const failure = await httpFailureOf(response);
  switch (failure.status) {
    // It is no address, or longer than any.
    case 400:
    case 401:
      return { kind: 'wrong' };
    case 429:
      return { kind: 'tooOften', retryAfterS: failure.retryAfterS };
    case 503:
      return { kind: 'notKnown', retryAfterS: failure.retryAfterS };
    default:
      return { kind: 'refused', detail: failure.detail };
  }
}

async function resourceIn(response: Response): Promise<SessionResource> {
  try {
    return ((await response.json()) as { readonly jmap: SessionResource }).jmap;
  } catch (error) {
    // The line broke in the middle of it.
    throw new NoAnswer(error);
  }
}

/** False: nobody is logged in, which need not be asked. The relay says so beside its cookies, which no script can read. */
export function mayBeLoggedIn(): boolean {
  return document.cookie.includes('stopgap-logged-in=');
}

/** A place where this person is logged in. */
export interface LogInPlace {
  readonly id: string;
  /** What the browser calls itself; hostile text. */
  readonly agent: string;
  readonly createdAt: string;
  /** About when it was used last. */
  readonly renewedAt: string;
  readonly isThis: boolean;
}

export async function listLogIns(http: Http): Promise<readonly LogInPlace[]> {
  const response = await http.request('/api/sessions');
  return ((await response.json()) as { readonly sessions: readonly LogInPlace[] }).sessions;
}

export async function endLogIn(http: Http, id: string): Promise<void> {
  await http.request(`/api/sessions/${encodeURIComponent(id)}`, { method: 'DELETE', body: {} });
}

/** @param everywhere every browser and device that is logged in with this account */
export async function logOut(http: Http, everywhere: boolean): Promise<void> {
  await http.once(everywhere ? '/api/sessions' : '/api/session', { method: 'DELETE', body: {} });
}
