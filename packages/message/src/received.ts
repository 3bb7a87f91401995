import { rfc5322Date } from './rfc5322-date.ts';

/** RFC 3848 and RFC 6531 4.3: S for TLS, A for AUTH. */
export type WithProtocol =
  | 'SMTP'
  | 'ESMTP'
  | 'ESMTPA'
  | 'ESMTPS'
  | 'ESMTPSA'
  | 'UTF8SMTP'
  | 'UTF8SMTPA'
  | 'UTF8SMTPS'
  | 'UTF8SMTPSA'
  | 'HTTP';

export interface ReceivedOptions {
  /** What the client said in EHLO; undefined for a door without one. */
  readonly helo: string | undefined;
  readonly byHost: string;
  readonly withProtocol: WithProtocol;
  /** Of [A-Za-z0-9.-]: a route's witness, or the submission's id. */
  readonly id: string;
  readonly dateMs: number;
}

/** RFC 5322 2.1.1 */
const WANTED_LINE = 78;
/** RFC 5321 4.5.3.1.2 */
const MAX_DOMAIN = 255;

export function withProtocolOf(session: {
  readonly isTls: boolean;
  readonly isAuthenticated: boolean;
  readonly isUtf8: boolean;
}): WithProtocol {
  const letters = session.isTls ? (session.isAuthenticated ? 'SA' : 'S') : session.isAuthenticated ? 'A' : '';
  return session.isUtf8 ? `UTF8SMTP${letters}` : `ESMTP${letters}`;
}

/**
 * The trace field of RFC 5321 4.4, ending in CRLF. By design it has no address of the client: who sends from where is nobody's business after
 * authentication. Mail programs say `[192.168.1.5]` in EHLO, so literals are left out too.
 */
export function receivedHeader(options: ReceivedOptions): string {
  const clauses = [
    `from ${traceName(options.helo ?? '')}`,
    `by ${traceName(options.byHost)}`,
    `with ${options.withProtocol}`,
    `id ${idText(options.id)};`,
    rfc5322Date(options.dateMs),
  ];
  let line = 'Received:';
  let text = '';
  for (const clause of clauses) {
    if (line.length + 1 + clause.length > WANTED_LINE) {
      text += `${line}\r\n`;
      line = '';
    }
    line += ` ${clause}`;
  }
  return `${text}${line}\r\n`;
}

/** Has a Received field with this unfolded value been written by the host? Only the first `by` outside comments counts. */
export function isReceivedBy(value: string, hostname: string): boolean {
  const words = withoutComments(value).split(/[ \t;]+/);
  const by = words.findIndex((word) => word.toLowerCase() === 'by');
  return by >= 0 && words[by + 1]?.toLowerCase() === hostname.toLowerCase();
}

/** Labels of letters, digits, `-`, `_` and UTF-8; `unknown` for everything else, IP addresses among it. */
function traceName(name: string): string {
  const isName = /^[A-Za-z0-9_\u00a0-\u{10ffff}-]+(?:\.[A-Za-z0-9_\u00a0-\u{10ffff}-]+)*\.?$/u.test(name) && name.length <= MAX_DOMAIN;
  return isName && !/^[\d.]+$/.test(name) ? name : 'unknown';
}

function idText(id: string): string {
  const text = id.replaceAll(/[^A-Za-z0-9.-]/g, '');
  return text === '' ? 'unknown' : text;
}

function withoutComments(text: string): string {
  let depth = 0;
  let plain = '';
  for (const char of text) {
    if (char === '(') depth++;
    if (depth === 0) plain += char;
    if (char === ')' && depth > 0) depth--;
  }
  return plain;
}
