import { domainToASCII } from 'node:url';
import type { ClientsConfig, HostPort, MailDoor } from '@stopgap/config';

/** One server as a mail program has to know it. */
export interface ClientServer {
  readonly door: MailDoor;
  readonly protocol: 'imap' | 'pop3' | 'smtp';
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls';
}

/** In the order of preference: IMAP before POP3, TLS from the first byte before STARTTLS (RFC 8314 3). */
const DOORS: readonly (readonly [MailDoor, ClientServer['protocol'], ClientServer['security']])[] = [
  ['imaps', 'imap', 'tls'],
  ['imap', 'imap', 'starttls'],
  ['pop3s', 'pop3', 'tls'],
  ['pop3', 'pop3', 'starttls'],
  ['submissions', 'smtp', 'tls'],
  ['submission', 'smtp', 'starttls'],
];

/** What is open, best first. @param open where the doors listen; one that is shut is not there, or false */
export function clientServers(
  open: Readonly<Partial<Record<MailDoor, HostPort | false>>>,
  { hostname: host, ports }: ClientsConfig,
): readonly ClientServer[] {
  return DOORS.flatMap(([door, protocol, security]) => {
    const at = open[door];
    const port = ports[door] ?? (at ? at.port : false);
    return !at || port === false ? [] : [{ door, protocol, host, port, security }];
  });
}

/** As DNS and programs have it (RFC 5890 2.3.2.1). */
export function asciiName(name: string): string {
  return domainToASCII(name) || name;
}

export function bestServer(servers: readonly ClientServer[], ...protocols: readonly ClientServer['protocol'][]): ClientServer | undefined {
  return servers.find(({ protocol }) => protocols.includes(protocol));
}
