import { futureReleaseLimits } from '@stopgap/outbox';
import type { Client } from '../client.ts';
import type { Settings } from '../settings.ts';

/** RFC 1035 2.3.4; a literal is shorter. */
const LONGEST_NAME = 255;

/** RFC 5321 4.1.1.1: one word. What is in it is not believed, only kept for the trace. */
export function nameOfHelo(line: string): string | undefined {
  const [, name = '', ...more] = line.trim().split(/[ \t]+/);
  return name !== '' && more.length === 0 && Buffer.byteLength(name) <= LONGEST_NAME ? name : undefined;
}

/** What is offered is what works on this connection now: no AUTH in clear where it would be refused, none after a log-in. */
export function ehloLines(client: Client, settings: Settings): string[] {
  const lines = [
    settings.hostname,
    'PIPELINING',
    `SIZE ${settings.limits.messageBytes}`,
    '8BITMIME',
    'SMTPUTF8',
    'DSN',
    `FUTURERELEASE ${futureReleaseLimits(settings.clock.nowMs()).join(' ')}`,
    'ENHANCEDSTATUSCODES',
  ];
  if (client.mayLogIn && !client.login) lines.push('AUTH PLAIN LOGIN');
  if (!client.isSecure) lines.push('STARTTLS');
  return lines;
}
