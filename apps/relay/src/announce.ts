import { formatHostPort, isWildcard, type Config, type HostPort } from '@stopgap/config';
import type { Log } from '@stopgap/log';
import { leftOut, type Role } from './roles.ts';
import { print } from './table.ts';

export type Doors = Readonly<Partial<Record<'submission' | 'submissions' | 'imap' | 'imaps' | 'pop3' | 'pop3s' | 'http', HostPort>>>;

const CALLED = {
  submission: 'sending, STARTTLS',
  submissions: 'sending, TLS',
  imap: 'reading: IMAP, STARTTLS',
  imaps: 'reading: IMAP, TLS',
  pop3: 'fetching: POP3, STARTTLS',
  pop3s: 'fetching: POP3, TLS',
  http: 'health and status',
} as const satisfies Record<keyof Doors, string>;

export interface Announcement {
  readonly config: Config;
  readonly doors: Doors;
  readonly roles: ReadonlySet<Role>;
  readonly isSelfSigned: boolean;
  /** How the person who started it runs a command: `stopgap`, or by way of npm. */
  readonly called: string;
  /** There is a page on which the relay can be set up; from another machine it asks for this. */
  readonly setupCode?: string;
}

/** Once, when every door is open: where they are, what is odd, what to do next. Into the log; in plain lines where a person sits at a terminal. */
export function announce(announcement: Announcement, log: Log): void {
  const { config, doors, roles, isSelfSigned } = announcement;
  const parts = leftOut(roles);
  for (const warning of config.warnings) log.warn(warning);
  if (config.log.format !== 'json' && process.stdout.isTTY) {
    log.flush();
    return print(plainWords(announcement));
  }
  if (parts !== undefined) log.warn(`this relay runs ${parts}`);
  if (isSelfSigned) log.warn('the certificate is self-signed: mail programs will ask; set tls: in stopgap.yaml');
  for (const [door, address] of Object.entries(doors)) log.info('door open', { door, address: formatHostPort(address) });
  for (const step of nextSteps(announcement)) log.info(step);
}

export function plainWords(announcement: Announcement): string {
  const { config, doors, roles, isSelfSigned } = announcement;
  const parts = leftOut(roles);
  const line = (name: string, text: string) => `  ${name.padEnd(24)} ${text}`;
  const placeOf = (door: keyof Doors, at: HostPort) => (door === 'http' ? `http://${formatHostPort(at)}/status.json` : formatHostPort(at));
  return [
    `\nStopgap runs as ${config.hostname}.`,
    ...(Object.keys(CALLED) as (keyof Doors)[]).flatMap((door) => {
      const at = doors[door];
      return at ? [line(CALLED[door], placeOf(door, at))] : [];
    }),
    ...(parts === undefined ? [] : [line('parts', parts)]),
    line('data', config.dataDir),
    line('configuration', config.file ?? 'defaults, no file'),
    ...(isSelfSigned ? [line('certificate', 'self-signed: mail programs will ask; "tls:" in stopgap.yaml names a real one')] : []),
    '',
    ...nextSteps(announcement).map((step, index) => `${index === 0 ? 'Next:' : '     '} ${step}`),
    '      Ctrl-C stops it.\n',
  ].join('\n');
}

function nextSteps({ config, doors, called, setupCode }: Announcement): string[] {
  if (setupCode !== undefined && doors.http) {
    const { port, host } = doors.http;
    // Listening everywhere, it is asked here.
    const here = formatHostPort({ port, host: isWildcard(host) ? 'localhost' : host });
    return [
      `Open http://${here}/ in a browser on this machine: it asks for your mail address, and sets everything up.`,
      `From another machine that page asks for this code: ${setupCode}`,
      `Or write a stopgap.yaml ("${called} config example" prints one) and start again. To see it work first: "${called} demo".`,
    ];
  }
  if (config.providers.length === 0) {
    return [
      'No provider is configured yet: write a stopgap.yaml and start again.',
      `"${called} config example" prints one to begin with, "${called} config" the manual of every key.`,
      `To see it work first: "${called} demo".`,
    ];
  }
  const door = doors.submission ?? doors.submissions;
  const reading = doors.imap ?? doors.imaps;
  const domains = config.providers.flatMap((provider) => provider.domains);
  const who =
    config.enrolment === 'open'
      ? `anyone at ${listed(domains)} logs in with address and password`
      : 'accounts come from "stopgap account add"';
  return [
    ...(door ? [`Set the outgoing server of a mail program to ${formatHostPort(door)}; ${who}.`] : []),
    ...(reading ? [`Set the incoming server (IMAP) to ${formatHostPort(reading)}.`] : []),
    `"${called} status" shows what is up and down, "${called} queue list" what waits.`,
  ];
}

function listed(domains: readonly string[]): string {
  const shown = domains.slice(0, 3).join(', ');
  return domains.length > 3 ? `${shown} and ${domains.length - 3} more domains` : shown;
}
