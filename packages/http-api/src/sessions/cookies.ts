import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { hostNameOf, isLoopbackHost, type AppContext } from '../app-env.ts';
import { IDLE_MS, type OpenedSession } from './sessions.ts';
import { TOKEN_MS } from './tokens.ts';

const SESSION = 'stopgap-session';
const REFRESH = 'stopgap-refresh';
const REFRESH_PATH = '/api/session';
/** No secret, and for scripts to read: the page of somebody without it has nobody to ask about. */
const MARK = 'stopgap-logged-in';

/** A browser keeps a Secure cookie over TLS alone; what is on this machine, or is allowed to be in clear by the operator, does without. */
export type PlaintextAuth = 'never' | 'loopback' | 'always';

export function setSessionCookies(c: AppContext, { token, refresh }: OpenedSession, plaintextAuth: PlaintextAuth): void {
  const secure = isSecure(c, plaintextAuth);
  const shared = { httpOnly: true, sameSite: 'Strict', secure } as const;
  setCookie(c, nameOf(SESSION, secure), token, { ...shared, path: '/', maxAge: TOKEN_MS / 1000 });
  if (refresh !== undefined)
    setCookie(c, nameOf(REFRESH, secure, '__Secure-'), refresh, { ...shared, path: REFRESH_PATH, maxAge: IDLE_MS / 1000 });
  setCookie(c, nameOf(MARK, secure), '1', { ...shared, httpOnly: false, path: '/', maxAge: IDLE_MS / 1000 });
}

export function clearSessionCookies(c: AppContext, plaintextAuth: PlaintextAuth): void {
  const secure = isSecure(c, plaintextAuth);
  deleteCookie(c, nameOf(SESSION, secure), { path: '/', secure });
  deleteCookie(c, nameOf(REFRESH, secure, '__Secure-'), { path: REFRESH_PATH, secure });
  deleteCookie(c, nameOf(MARK, secure), { path: '/', secure });
}

export function sessionCookie(c: AppContext, plaintextAuth: PlaintextAuth): string | undefined {
  return getCookie(c, nameOf(SESSION, isSecure(c, plaintextAuth)));
}

export function refreshCookie(c: AppContext, plaintextAuth: PlaintextAuth): string | undefined {
  return getCookie(c, nameOf(REFRESH, isSecure(c, plaintextAuth), '__Secure-'));
}

/** RFC 6265bis 4.1.3: with the prefix no other host and no plain connection can have set it. */
function nameOf(name: string, secure: boolean, prefix = '__Host-'): string {
  return secure ? `${prefix}${name}` : name;
}

function isSecure(c: AppContext, plaintextAuth: PlaintextAuth): boolean {
  return !isLoopbackHost(hostNameOf(c)) && plaintextAuth !== 'always';
}
