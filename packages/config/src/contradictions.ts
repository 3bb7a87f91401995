import type { Path, Provider } from '@stopgap/core';
import { MAIL_DOORS } from './clients.ts';
import type { Findings } from './findings.ts';
import { formatHostPort, isLoopback, isWildcard, type HostPort } from './host-port.ts';
import type { KeyPath } from './problem.ts';
import type { FileConfig } from './schema.ts';

/** Ports on which the other kind of TLS can only fail. */
const IMPLICIT_TLS_PORTS: readonly number[] = [465, 993, 995];
const STARTTLS_PORTS: readonly number[] = [25, 110, 143, 587];

/** Values that are right one by one, but not together. */
export function checkTogether(raw: FileConfig, findings: Findings): void {
  checkListen(raw.listen, findings);
  checkClients(raw, findings);
  checkPlaintext(raw, findings);
  checkTls(raw.tls, findings);
  const { retry, unsure } = raw;
  const positive = {
    'retry.first': retry.first,
    'retry.longest': retry.longest,
    'retry.delayNoticeAfter': retry.delayNoticeAfter,
    'unsure.settle': unsure.settle,
    'mirror.pollEvery': raw.mirror.pollEvery,
    'mirror.keepExpunged': raw.mirror.keepExpunged,
    'limits.loginFailures.within': raw.limits.loginFailures.within,
  };
  for (const [name, ms] of Object.entries(positive))
    if (ms === 0) findings.problem(name.split('.'), 'must be longer than nothing; write 1s or more');
  if (retry.longest < retry.first) findings.problem(['retry', 'longest'], 'is shorter than retry.first; make it at least as long');
  if (retry.expireAfter <= retry.first)
    findings.problem(['retry', 'expireAfter'], 'is not longer than retry.first, so nothing would ever be tried again; make it longer');
}

export function checkProviders(providers: readonly Provider[], allowPrivate: boolean, findings: Findings): void {
  checkNamesAndDomains(providers, findings);
  for (const [index, provider] of providers.entries()) {
    const at = ['providers', index];
    if (provider.incoming.length + provider.outgoing.length === 0)
      findings.problem(at, `provider ${provider.name} has no path; add one under incoming or outgoing`);
    else if (provider.outgoing.length === 0)
      findings.warning(at, `provider ${provider.name} has nothing under outgoing: its mail is taken and waits`);
    if (provider.probe.timeoutMs === 0 || provider.probe.everyMs === 0)
      findings.problem([...at, 'probe'], 'needs every and timeout longer than nothing; write 1s or more');
    for (const direction of ['incoming', 'outgoing'] as const) {
      checkPaths(provider[direction], [...at, direction], { allowPrivate, findings });
    }
  }
}

function checkListen(listen: FileConfig['listen'], findings: Findings): void {
  const doors = Object.entries(listen).filter((entry): entry is [string, HostPort] => entry[1] !== false);
  if (doors.length === 0) findings.problem(['listen'], 'has every door shut; open at least one');
  for (const [index, [name, at]] of doors.entries()) {
    const [other] = doors.slice(0, index).find(([, taken]) => collide(taken, at)) ?? [];
    if (other !== undefined)
      findings.problem(['listen', name], `is ${formatHostPort(at)}, which listen.${other} has already; give it another port`);
  }
}

function checkClients({ clients, listen }: FileConfig, findings: Findings): void {
  for (const door of MAIL_DOORS)
    if (typeof clients[door] === 'number' && listen[door] === false)
      findings.warning(
        ['clients', door],
        `is a port, but listen.${door} is false, so nobody is told of it; open that door, or leave the key out`,
      );
}

/** Port 0 asks the system for a free one. */
function collide(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.port !== 0 && (a.host === b.host || isWildcard(a.host) || isWildcard(b.host));
}

function checkPlaintext({ plaintextAuth, listen }: FileConfig, findings: Findings): void {
  const open = Object.entries(listen).filter(([, at]) => at !== false && !isLoopback(at.host));
  if (plaintextAuth === 'always' && open.length > 0) {
    const names = open.map(([name]) => `listen.${name}`).join(', ');
    findings.warning(
      ['plaintextAuth'],
      `is always, and ${names} can be reached from other machines: passwords may cross the network in clear`,
    );
  }
}

function checkTls(tls: FileConfig['tls'], findings: Findings): void {
  if (tls === undefined) return;
  if (tls.certificate === undefined)
    findings.problem(['tls'], 'has no certificate; name its PEM file, or leave tls out for a self-signed one');
  if (tls.key === undefined) findings.problem(['tls'], 'has no key; name its PEM file, or leave tls out for a self-signed one');
}

function checkNamesAndDomains(providers: readonly Provider[], findings: Findings): void {
  const names = new Set<string>();
  const owners = new Map<string, string>();
  for (const [index, provider] of providers.entries()) {
    if (names.has(provider.name))
      findings.problem(['providers', index, 'name'], `${provider.name} is the name of two providers; rename one`);
    names.add(provider.name);
    for (const [place, domain] of provider.domains.entries()) {
      const at = ['providers', index, 'domains', place];
      const owner = owners.get(domain);
      if (owner !== undefined) findings.problem(at, `${domain} belongs to provider ${owner} already; a domain has one provider`);
      else if (!domain.includes('.')) findings.warning(at, `${domain} has no dot; is its end missing?`);
      owners.set(domain, provider.name);
    }
  }
}

function checkPaths(paths: readonly Path[], at: KeyPath, { allowPrivate, findings }: { allowPrivate: boolean; findings: Findings }): void {
  const seen = new Set<string>();
  for (const [index, path] of paths.entries()) {
    const here = [...at, index];
    if (seen.has(path.id)) findings.problem(here, `is the same path as one above it (${path.id}); remove one`);
    seen.add(path.id);
    const host = 'url' in path ? new URL(path.url).hostname.replaceAll(/[[\]]/g, '') : path.host;
    if (!allowPrivate && isLoopback(host))
      findings.warning(here, `${host} is this machine; set allowPrivateUpstreams: true, or it will not be used`);
    if ('security' in path) checkSecurity(path, here, findings);
    else if (path.url.startsWith('http:') && !isLoopback(host))
      findings.warning([...here, 'url'], 'is http: passwords cross the network in clear; use https');
  }
}

function checkSecurity(path: Extract<Path, { port: number }>, at: KeyPath, findings: Findings): void {
  if (path.security === 'none' && !isLoopback(path.host)) {
    findings.warning([...at, 'security'], 'is none: passwords cross the network in clear; use tls or starttls');
  }
  const isMismatch =
    path.security === 'starttls' ? IMPLICIT_TLS_PORTS.includes(path.port) : path.security === 'tls' && STARTTLS_PORTS.includes(path.port);
  if (isMismatch)
    findings.warning(
      at,
      `port ${path.port} with security ${path.security} is unusual; servers there speak ${path.security === 'tls' ? 'starttls' : 'tls'}`,
    );
}
