import type { ClientsConfig, ListenConfig, MailDoor } from './config.ts';
import { isLoopback } from './host-port.ts';
import type { FileConfig } from './schema.ts';

export const MAIL_DOORS = ['submission', 'submissions', 'imap', 'imaps', 'pop3', 'pop3s'] as const satisfies readonly MailDoor[];

/** @param given the relay's name as the operator has written it down; undefined: found out, so it may lead nowhere */
export function clientsOf(
  raw: FileConfig['clients'],
  listen: ListenConfig,
  hostname: { readonly given: string | undefined; readonly used: string },
): ClientsConfig {
  const { hostname: told, ...ports } = raw;
  const isHereOnly = MAIL_DOORS.every((door) => listen[door] === false || isLoopback(listen[door].host));
  const given = MAIL_DOORS.flatMap((door) => (ports[door] === undefined ? [] : [[door, ports[door]] as const]));
  return {
    hostname: told ?? hostname.given ?? (isHereOnly ? 'localhost' : hostname.used),
    ports: Object.fromEntries(given),
  };
}
