import type { Client } from './client.ts';
import { commands } from './commands.ts';

/** Known before the log-in, too. */
const ALWAYS = ['IMAP4rev1', 'IMAP4rev2', 'LITERAL+'];
/** What is not one command but part of several: see the table in the README for where. */
const LOGGED_IN = [
  'UIDPLUS',
  'CONDSTORE',
  'QRESYNC',
  'ESEARCH',
  'SEARCHRES',
  'WITHIN',
  'BINARY',
  'PREVIEW',
  'OBJECTID',
  'SAVEDATE',
  'UTF8=ACCEPT',
  'CHILDREN',
  'SPECIAL-USE',
  'CREATE-SPECIAL-USE',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'STATUS=SIZE',
  'MULTIAPPEND',
];

/** RFC 9051 7.2.2. What is advertised is what can be done on this connection now; the rest is told with the OK of the log-in. */
export function capabilitiesOf(client: Client, door: { readonly hasStartTls: boolean }): readonly string[] {
  const { session } = client;
  if (session === undefined) return [...ALWAYS, 'SASL-IR', 'ID', 'ENABLE', ...logInCapabilities(client, door.hasStartTls)];
  const ofCommands = [...commands.values()].flatMap((command) =>
    command.isThere === undefined || command.isThere(client) ? (command.provides ?? []) : [],
  );
  return [...ALWAYS, ...new Set(ofCommands), ...LOGGED_IN, `APPENDLIMIT=${session.appendLimitBytes}`];
}

function logInCapabilities(client: Client, hasStartTls: boolean): string[] {
  const startTls = hasStartTls && !client.isSecure ? ['STARTTLS'] : [];
  // RFC 9051 11.1: offered exactly where it would be taken.
  return client.mayLogIn ? [...startTls, 'AUTH=PLAIN', 'AUTH=LOGIN'] : [...startTls, 'LOGINDISABLED'];
}
