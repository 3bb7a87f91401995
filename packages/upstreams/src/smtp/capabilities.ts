import type { SmtpReply } from './reply.ts';

/** What the server offered in its answer to EHLO. */
export interface Capabilities {
  readonly pipelining: boolean;
  readonly startTls: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly dsn: boolean;
  /** SIZE was offered, so MAIL may say how much comes. */
  readonly size: boolean;
  /** RFC 1870 4: 0 or absent is no stated limit. */
  readonly longestBytes: number;
  /** Upper case. */
  readonly authMechanisms: ReadonlySet<string>;
}

export const NO_CAPABILITIES: Capabilities = {
  pipelining: false,
  startTls: false,
  eightBitMime: false,
  smtpUtf8: false,
  dsn: false,
  size: false,
  longestBytes: 0,
  authMechanisms: new Set(),
};

/** The first line is the greeting (RFC 5321 4.1.1.1); CHUNKING and what else we do not use is passed over. */
export function parseCapabilities(reply: SmtpReply): Capabilities {
  const words = reply.lines.slice(1).map((line) => line.trim().toUpperCase().split(/\s+/));
  const offers = new Set(words.map(([keyword = '']) => keyword));
  const size = words.find(([keyword]) => keyword === 'SIZE')?.[1] ?? '';
  return {
    pipelining: offers.has('PIPELINING'),
    startTls: offers.has('STARTTLS'),
    eightBitMime: offers.has('8BITMIME'),
    smtpUtf8: offers.has('SMTPUTF8'),
    dsn: offers.has('DSN'),
    size: offers.has('SIZE'),
    longestBytes: /^\d{1,15}$/.test(size) ? Number(size) : 0,
    authMechanisms: new Set(words.flatMap(mechanismsIn)),
  };
}

/** `AUTH PLAIN LOGIN` (RFC 4954 3), and `AUTH=PLAIN LOGIN` as servers said before it. */
function mechanismsIn([keyword = '', ...rest]: readonly string[]): string[] {
  if (keyword === 'AUTH') return rest;
  return keyword.startsWith('AUTH=') ? [keyword.slice(5), ...rest].filter((word) => word !== '') : [];
}
