import type { MiddlewareHandler } from 'hono';
import { hostNameOf, isLoopbackHost, type AppEnv } from './app-env.ts';

/** Nothing that the API answers is a page: whatever a browser is made to think of it, it loads and runs nothing. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** On every answer, errors too. A handler that serves a page sets its own policy; what it set stays. */
export const securityHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  const { headers } = c.res;
  for (const [name, value] of Object.entries(ALWAYS)) if (!headers.has(name)) headers.set(name, value);
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', API_POLICY);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  // Browsers heed it over TLS alone, which a proxy before us ends.
  if (!isLoopbackHost(hostNameOf(c))) headers.set('strict-transport-security', 'max-age=31536000');
};
