import { isUtf8 } from 'node:buffer';
import { replies, type Reply } from './replies.ts';

/** RFC 5321 4.5.3.1.4 says 512, extensions add to it (RFC 3461 5.1: ORCPT 500, ENVID 100; RFC 6531: non-ASCII addresses). */
const LONGEST_COMMAND_BYTES = 2048;

/** What smtp-server has a handler for and a client may use; XCLIENT, XFORWARD and the jokes of old sendmails are not among them. */
const KNOWN_COMMANDS = new Set(['EHLO', 'HELO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'RSET', 'NOOP', 'QUIT', 'HELP', 'VRFY']);

/** Strict base64 with padding; `=` is the empty response (RFC 4954 4), `*` cancels. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export interface LinePlace {
  /** Nothing has been understood on this connection yet. */
  readonly isFirst: boolean;
  /** An answer within AUTH, not a command. */
  readonly isAuthAnswer: boolean;
}

/** What is wrong with a line whatever it means. */
export function faultOfLine(line: Buffer, place: LinePlace): Reply | undefined {
  if (hasControl(line)) return replies.controlCharacter;
  if (place.isAuthAnswer) return isBase64Answer(line.toString('latin1').trim()) ? undefined : replies.badBase64;
  const verb = verbOf(line);
  if (place.isFirst && !KNOWN_COMMANDS.has(verb)) return replies.notSmtp;
  if (verb !== 'AUTH' && line.length > LONGEST_COMMAND_BYTES) return replies.lineTooLong;
  return isUtf8(line) ? undefined : replies.notUtf8;
}

export function isBase64Answer(text: string): boolean {
  return text === '*' || text === '=' || BASE64.test(text);
}

function verbOf(line: Buffer): string {
  const space = line.indexOf(0x20);
  return line.toString('latin1', 0, Math.min(space < 0 ? line.length : space, 10)).toUpperCase();
}

/** Also a CR inside: it would end a line for others. A tab between words is harmless. */
function hasControl(line: Buffer): boolean {
  for (const byte of line) if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) return true;
  return false;
}
