import { parseAddress } from '@stopgap/core';
import { route, type App, type AppContext } from '../app-env.ts';
import { bodyBytes, payloadTooLarge } from '../bounded-body.ts';
import type { HttpApiDeps } from '../deps.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { appleProfile, PROFILE_TYPE } from './apple-profile.ts';
import { autoconfigXml } from './autoconfig.ts';
import { autodiscoverErrorXml, autodiscoverXml, readAutodiscover } from './autodiscover.ts';

/** Of a question by Autodiscover. */
const MOST_BYTES = 16 * 1024;
const XML = 'text/xml; charset=utf-8';
/** Outlook writes the path as it likes. */
const AUTODISCOVER = `/:folder{${inAnyCase('autodiscover')}}/:file{${inAnyCase('autodiscover')}\\.${inAnyCase('xml')}}`;

type SetupDeps = Pick<HttpApiDeps, 'clientServers' | 'hostname' | 'providers' | 'clock' | 'isSelfSigned'>;

/**
 * How a mail program learns what to use here: Mozilla's autoconfig, Microsoft's Autodiscover (POX), a profile for Apple's Mail, and JSON for the web client. Without a
 * log-in, as all of them ask before there is one; so whoever asks learns what this relay is open for, and never whether an address has an account here.
 */
export function clientSetupRoutes(app: App, deps: SetupDeps): void {
  const { clientServers: servers, hostname } = deps;
  const autoconfig = (c: AppContext): Response => {
    const given = c.req.query('emailaddress');
    const domains = given === undefined ? deps.providers.flatMap((one) => one.domains) : [known(given, deps).domain];
    if (servers.length === 0 || domains.length === 0) throw notFound();
    return c.body(autoconfigXml({ servers, hostname, domains }), 200, { 'content-type': XML });
  };
  route(app, '/.well-known/autoconfig/mail/config-v1.1.xml', { GET: autoconfig });
  route(app, '/mail/config-v1.1.xml', { GET: autoconfig });
  route(app, AUTODISCOVER, {
    POST: async (c) => {
      const body = await bodyBytes(c, MOST_BYTES, () => payloadTooLarge(MOST_BYTES));
      return c.body(answerAutodiscover(body.toString('utf8'), deps), 200, { 'content-type': XML });
    },
  });
  route(app, '/apple.mobileconfig', {
    GET: (c) => {
      const { address } = known(c.req.query('email') ?? '', deps);
      const profile = appleProfile({ servers, hostname, address });
      if (profile === undefined) throw new HttpProblem(404, 'This relay has no door for reading, or none for sending');
      return c.body(profile, 200, { 'content-type': PROFILE_TYPE, 'content-disposition': 'attachment; filename="stopgap.mobileconfig"' });
    },
  });
  route(app, '/api/client-setup', { GET: (c) => c.json({ hostname, servers, isSelfSigned: deps.isSelfSigned }) });
}

/** @throws HttpProblem 400, 404 */
function known(text: string, { providers }: SetupDeps): { readonly address: string; readonly domain: string } {
  const address = text.trim();
  const domain = parseAddress(address)?.domain;
  if (domain === undefined) throw new HttpProblem(400, 'This is not a mail address');
  if (!isOurs(domain, providers)) throw new HttpProblem(404, 'This relay is not for addresses of this domain');
  return { address, domain };
}

function isOurs(domain: string, providers: SetupDeps['providers']): boolean {
  return providers.some((provider) => provider.domains.includes(domain));
}

function answerAutodiscover(body: string, { clientServers, providers, clock }: SetupDeps): string {
  const now = new Date(clock.nowMs());
  const asked = readAutodiscover(body);
  if ('error' in asked) return autodiscoverErrorXml(asked.error, now);
  const domain = parseAddress(asked.address)?.domain;
  const isKnown = domain !== undefined && isOurs(domain, providers) && clientServers.length > 0;
  return isKnown ? autodiscoverXml(clientServers, asked.address) : autodiscoverErrorXml('unknown-address', now);
}

function inAnyCase(word: string): string {
  return word.replaceAll(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}
