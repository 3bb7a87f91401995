import type { MailDoor } from '@stopgap/config';
import { asciiName, type ClientServer } from './servers.ts';

const TTL_S = 3600;
const WEB_PORT = 443;

/** RFC 8314 5.1 and RFC 6186 3: TLS from the first byte is preferred, and IMAP before POP3. */
const SERVICES: readonly (readonly [service: string, door: MailDoor, priority: number])[] = [
  ['_submissions', 'submissions', 0],
  ['_submission', 'submission', 10],
  ['_imaps', 'imaps', 0],
  ['_imap', 'imap', 10],
  ['_pop3s', 'pop3s', 20],
  ['_pop3', 'pop3', 30],
];

/** Lines for the zones of the domains, by which mail programs find this relay. Only who runs a domain can add them. */
export function srvRecords(
  servers: readonly ClientServer[],
  { hostname, domains }: { readonly hostname: string; readonly domains: readonly string[] },
): string {
  const zones = domains.map((domain) =>
    [
      `; ${domain}`,
      ...SERVICES.map(([service, door, priority]) => {
        const server = servers.find((one) => one.door === door);
        // RFC 2782: a target of "." says that there is no such service.
        const value = server === undefined ? '0 0 0 .' : `${priority} 1 ${server.port} ${inZone(server.host)}`;
        return record(`${service}._tcp.${inZone(domain)}`, 'SRV', value);
      }),
      record(`_autodiscover._tcp.${inZone(domain)}`, 'SRV', `0 0 ${WEB_PORT} ${inZone(hostname)}`),
      record(`autoconfig.${inZone(domain)}`, 'CNAME', inZone(hostname)),
    ].join('\n'),
  );
  return `${zones.join('\n\n')}\n`;
}

function record(name: string, type: 'SRV' | 'CNAME', value: string): string {
  return `${name} ${TTL_S} IN ${type} ${value}`;
}

function inZone(name: string): string {
  return `${asciiName(name)}.`;
}
