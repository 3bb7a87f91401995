import { isIPv6 } from 'node:net';

export interface HostPort {
  /** A name or an IP address, IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:2587`, `localhost:0`, `[::1]:2587`. Undefined: not both a host and a port, or a port over 65535. */
export function parseHostPort(text: string): HostPort | undefined {
  const [, inBrackets, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) return undefined;
  if (inBrackets !== undefined) return isIPv6(inBrackets) ? { host: inBrackets, port } : undefined;
  return plain !== undefined && isHost(plain) ? { host: plain, port } : undefined;
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A DNS name (RFC 1123 2.1, underscores tolerated) or an IPv4 address. */
export function isHost(text: string): boolean {
  if (text.length > 253) return false;
  return text.split('.').every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/i.test(label));
}

/** Reaches this machine only. */
export function isLoopback(host: string): boolean {
  return host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host) || /(?:^|\.)localhost$/i.test(host);
}

/** Listens on every address. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
