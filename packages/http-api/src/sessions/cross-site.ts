import type { AppContext } from '../app-env.ts';
import { HttpProblem } from '../problem.ts';

/** Any value. A page of another site can not send it: it would have to ask first (CORS), and is told no. */
export const PROOF_HEADER = 'x-stopgap-request';

/**
 * Refuses what another site's page made a browser send. A browser says where a request comes from (Origin, Sec-Fetch-Site); what says nothing must be
 * something that no form can send: JSON, or with a header of our own.
 * @throws HttpProblem 403
 */
export function refuseCrossSite(c: AppContext): void {
  const origin = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  if (origin !== undefined && !isOwn(origin, c.req.header('host'))) throw crossSite();
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw crossSite();
  // A form can send nothing else; for what scripts send besides, a browser asks first.
  if (c.req.method !== 'POST') return;
  if (origin === undefined && site === undefined && !isJson(c) && c.req.header(PROOF_HEADER) === undefined) throw crossSite();
}

export function isJson(c: AppContext): boolean {
  return (c.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

/** A proxy that ends TLS changes the scheme, not the host. */
function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === normalHost(host, new URL(origin).protocol);
}

function normalHost(host: string, protocol: string): string {
  return URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`).host : '';
}

function crossSite(): HttpProblem {
  return new HttpProblem(403, 'This request comes from another site');
}
