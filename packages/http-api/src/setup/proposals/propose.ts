import { domainToASCII } from 'node:url';
import { presetFor, type NewPath, type PresetHint } from '@stopgap/config';
import { parseAddress } from '@stopgap/core';
import type { Guard } from '@stopgap/upstreams';
import { mailServers, srvPaths, type Dns } from './dns.ts';

/** Where a proposal comes from. A guess is worth something only when the server answers. */
export type Source = 'preset' | 'provider' | 'dns' | 'guess';
export type ProposedPath = NewPath & { readonly source: Source };

export interface Proposal {
  /** Of the provider, for logs and status. */
  readonly name: string;
  readonly domain: string;
  readonly login: 'address' | 'localpart';
  readonly hint?: PresetHint;
  /** Best first. */
  readonly incoming: readonly ProposedPath[];
  readonly outgoing: readonly ProposedPath[];
}

const MOST_PATHS = 8;
const LONGEST_NAME = 64;

/** What is known of the provider of an address: here, by its own file for mail programs, in the DNS; and else what is usual. */
export async function propose(
  address: string,
  { guard, dns, signal }: { readonly guard: Guard; readonly dns: Dns; readonly signal: AbortSignal },
): Promise<Proposal> {
  const domain = parseAddress(address)?.domain ?? '';
  /** As the DNS and servers' names have it. */
  const zone = domainToASCII(domain);
  const [mx, srv] = await Promise.all([mailServers(zone, dns), srvPaths(zone, dns)]);
  const preset = presetFor(domain, mx);
  // It brings an HTTP client and a parser of XML along, for this one time.
  const { providerFile } = await import('./provider-autoconfig.ts');
  const file = await providerFile(address, [...new Set([zone, ...mx.slice(0, 1).map(zoneOf)])], { guard, signal });
  const sourced = (source: Source, paths: readonly NewPath[] = []): ProposedPath[] => paths.map((path) => ({ ...path, source }));
  const webmails = sourced('guess', [...(file?.webmails ?? []), `https://webmail.${zone}/`].map(roundcubeAt));
  const ways = (direction: 'incoming' | 'outgoing'): ProposedPath[] => {
    const told = [...sourced('preset', preset?.[direction]), ...sourced('provider', file?.[direction]), ...sourced('dns', srv[direction])];
    const all = told.length > 0 ? told : sourced('guess', GUESSES[direction](zone));
    return distinct(preset === undefined ? [...all, ...webmails] : all).slice(0, MOST_PATHS);
  };
  return {
    name: preset?.name ?? nameOf(zone),
    domain,
    login: preset?.login ?? file?.login ?? 'address',
    ...(preset?.hint === undefined ? {} : { hint: preset.hint }),
    incoming: ways('incoming'),
    outgoing: ways('outgoing'),
  };
}

const GUESSES: Readonly<Record<'incoming' | 'outgoing', (domain: string) => readonly NewPath[]>> = {
  incoming: (domain) => ['imap', 'mail'].map((name) => ({ kind: 'imap', host: `${name}.${domain}`, port: 993, security: 'tls' })),
  outgoing: (domain) => ['smtp', 'mail'].map((name) => ({ kind: 'smtp', host: `${name}.${domain}`, port: 587, security: 'starttls' })),
};

function roundcubeAt(url: string): NewPath {
  return { kind: 'roundcube', url };
}

/** The same place twice: the source that is trusted more stays. */
function distinct(paths: readonly ProposedPath[]): ProposedPath[] {
  const placeOf = (path: NewPath): string => ('url' in path ? `${path.kind} ${path.url}` : `${path.kind} ${path.host}:${path.port}`);
  const places = paths.map(placeOf);
  return paths.filter((_path, index) => places.indexOf(places[index] ?? '') === index);
}

/** `mx1.mail.example.org` -> `example.org`: near enough to ask there for a file, which TLS proves to be theirs. */
function zoneOf(host: string): string {
  return host.split('.').slice(-2).join('.');
}

function nameOf(domain: string): string {
  return domain.replaceAll(/[^\w.-]/g, '-').slice(0, LONGEST_NAME);
}
