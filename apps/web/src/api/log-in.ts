import { httpFailureOf } from './failures.ts';
import type { Http } from './http.ts';

export type LogInResult =
  | { readonly kind: 'in' }
  | { readonly kind: 'wrong' }
  /** In so many seconds, if that was said. */
  | { readonly kind: 'tooOften'; readonly retryAfterS: number | undefined }
  /** The provider can not be asked now, and nothing is known of this account here. */
  | { readonly kind: 'notKnown'; readonly retryAfterS: number | undefined }
  | { readonly kind: 'refused'; readonly detail: string };

/** @throws NoAnswer */
export async function logIn(http: Http, address: string, password: string): Promise<LogInResult> {
  const response = await http.once('/api/session', { method: 'POST', body: { address, password } });
  if (response.ok) return { kind: 'in' };
  const failure = await httpFailureOf(response);
  switch (failure.status) {
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
