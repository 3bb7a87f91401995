import { Resolver } from 'node:dns/promises';
import type { NewPath } from '@stopgap/config';

const TIMEOUT_MS = 4000;
const TRIES = 2;
const MOST_RECORDS = 10;

/** As `node:dns/promises` answers; rejects where there is no such record. */
export interface Dns {
  resolveSrv(
    name: string,
  ): Promise<readonly { readonly name: string; readonly port: number; readonly priority: number; readonly weight: number }[]>;
  resolveMx(name: string): Promise<readonly { readonly exchange: string; readonly priority: number }[]>;
}

/** @param servers empty: the system's */
export function createDns(servers: readonly string[]): Dns {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  return { resolveSrv: (name) => resolver.resolveSrv(name), resolveMx: (name) => resolver.resolveMx(name) };
}

/** Names of the mail servers of a domain, best first; none where that is not known. */
export async function mailServers(domain: string, dns: Dns): Promise<readonly string[]> {
  const records = await dns.resolveMx(domain).catch(() => []);
  return records
    .toSorted((a, b) => a.priority - b.priority)
    .slice(0, MOST_RECORDS)
    .map(({ exchange }) => plainName(exchange))
    .filter((name) => name !== '');
}

type Service = readonly [service: string, pathTo: (host: string, port: number) => NewPath];

/** RFC 6186, RFC 8314 and RFC 8620 2.2; what is without TLS from the start has STARTTLS. */
const INCOMING: readonly Service[] = [
  ['_imaps', (host, port) => ({ kind: 'imap', host, port, security: 'tls' })],
  ['_imap', (host, port) => ({ kind: 'imap', host, port, security: 'starttls' })],
  ['_pop3s', (host, port) => ({ kind: 'pop3', host, port, security: 'tls' })],
  ['_jmap', (host, port) => ({ kind: 'jmap', url: `https://${host}${port === 443 ? '' : `:${port}`}/.well-known/jmap` })],
];
const OUTGOING: readonly Service[] = [
  ['_submissions', (host, port) => ({ kind: 'smtp', host, port, security: 'tls' })],
  ['_submission', (host, port) => ({ kind: 'smtp', host, port, security: 'starttls' })],
];

export interface FoundPaths {
  readonly incoming: readonly NewPath[];
  readonly outgoing: readonly NewPath[];
}

export async function srvPaths(domain: string, dns: Dns): Promise<FoundPaths> {
  const find = async ([service, pathTo]: Service): Promise<NewPath[]> => {
    const records = await dns.resolveSrv(`${service}._tcp.${domain}`).catch(() => []);
    return (
      records
        .toSorted((a, b) => a.priority - b.priority || b.weight - a.weight)
        .slice(0, 1)
        // RFC 2782: a target of "." says that there is no such service.
        .flatMap(({ name, port }) => (plainName(name) === '' || port === 0 ? [] : [pathTo(plainName(name), port)]))
    );
  };
  const [incoming, outgoing] = await Promise.all([Promise.all(INCOMING.map(find)), Promise.all(OUTGOING.map(find))]);
  return { incoming: incoming.flat(), outgoing: outgoing.flat() };
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
