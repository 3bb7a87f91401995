import { isIP } from 'node:net';
import { z } from 'zod';
import { parseAddress } from '@stopgap/core';
import { parseDuration } from './duration.ts';
import { isHost, parseHostPort, type HostPort } from './host-port.ts';
import { parseSize } from './size.ts';

/** What an operator reads of a wrong value; longer ones are cut. */
const LONGEST_SHOWN = 60;

/**
 * One value of the file. What is wrong with it is said in one form for all: "must be EXPECTED, is VALUE".
 * `read` answers undefined for everything else.
 */
function value<T>(expected: string, read: (value: unknown) => T | undefined, show = shown) {
  return z.unknown().transform((given, context): T => {
    const result = read(given);
    if (result !== undefined) return result;
    context.addIssue({
      code: 'custom',
      message: given === undefined ? `is missing; it must be ${expected}` : `must be ${expected}, is ${show(given)}`,
    });
    return z.NEVER;
  });
}

function text<T>(expected: string, read: (text: string) => T | undefined, show = shown) {
  return value(expected, (given) => (typeof given === 'string' && given !== '' ? read(given) : undefined), show);
}

export const anyText = text('a text', (given) => given);
/** Never shown back, whatever is wrong with it. */
export const secretText = text('a text in quotes', (given) => given, kindOf);
export const flag = value('true or false', (given) => (typeof given === 'boolean' ? given : undefined));
export const duration = text('a duration like 30s, 5m, 2h or 5d', parseDuration);
export const durationOrFalse = value('a duration like 4h, or false', (given) =>
  given === false ? false : typeof given === 'string' ? parseDuration(given) : undefined,
);
export const size = value('a size like 50MB, 50MiB or a number of bytes, more than nothing', (given) =>
  typeof given === 'number' || typeof given === 'string' ? parseSize(String(given)) || undefined : undefined,
);
export const sizeOrFalse = value('a size like 2GB, more than nothing, or false', (given) =>
  given === false ? false : typeof given === 'number' || typeof given === 'string' ? parseSize(String(given)) || undefined : undefined,
);
export const door = value('host:port like 127.0.0.1:2587, or false', (given): HostPort | false | undefined =>
  given === false ? false : typeof given === 'string' ? parseHostPort(given) : undefined,
);
export const host = text('a host name or IP address without a port', (given) => (isIP(given) !== 0 || isHost(given) ? given : undefined));
export const fullName = text('a full host name like relay.example.org', (given) =>
  isIP(given) === 0 && isHost(given) && given.includes('.') ? given : undefined,
);
export const domain = text('a mail domain like example.org', (given) => {
  const address = given.startsWith('[') ? undefined : parseAddress(`x@${given}`);
  return address?.domain;
});
export const mailAddress = text('a mail address like office@example.org', (given) => (parseAddress(given) ? given : undefined));
export const webAddress = text('an address that begins with https:// or http:// and holds no user name', readWebAddress, (given) =>
  String(given).includes('@') ? 'something else (not shown, it may hold a password)' : shown(given),
);
export const nameServer = text('an IP address or IP:port of a DNS server', (given) => {
  if (isIP(given) !== 0) return given;
  const server = parseHostPort(given);
  return server && isIP(server.host) !== 0 ? given : undefined;
});
export const ipAddress = text('an IP address', (given) => (isIP(given) === 0 ? undefined : given));
export const label = text('a name of letters, digits, dots and dashes', (given) => (/^[\w.-]{1,64}$/.test(given) ? given : undefined));

export function count(least: number, most: number) {
  return value(`a whole number from ${least} to ${most}`, (given) => (isCount(given, least, most) ? given : undefined));
}

export function countOrFalse(least: number, most: number) {
  return value(`a whole number from ${least} to ${most}, or false`, (given) =>
    given === false || isCount(given, least, most) ? given : undefined,
  );
}

export function decimal(least: number, most: number) {
  return value(`a number from ${least} to ${most}`, (given) =>
    typeof given === 'number' && given >= least && given <= most ? given : undefined,
  );
}

export function oneOf<const Word extends string>(...words: readonly Word[]) {
  return value(words.join(' or '), (given) => words.find((word) => word === given));
}

function isCount(given: unknown, least: number, most: number): given is number {
  return typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most;
}

function readWebAddress(given: string): string | undefined {
  const url = URL.parse(given);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  return url.username === '' && url.password === '' ? url.href : undefined;
}

function shown(given: unknown): string {
  if (given === null) return 'empty';
  const json = JSON.stringify(given);
  return json.length > LONGEST_SHOWN ? `${json.slice(0, LONGEST_SHOWN)}...` : json;
}

function kindOf(given: unknown): string {
  return given === null || given === '' ? 'empty' : Array.isArray(given) ? 'a list' : `a ${typeof given}`;
}
