import { isAscii, type Envelope, type EnvelopeRecipient, type JobRecipient, type Outcome } from '@stopgap/core';
import { encodeXtext } from '@stopgap/message';
import { domainToASCII } from 'node:url';
import type { Capabilities } from './capabilities.ts';

/** RFC 5321 4.5.3.1.3 allows 256 octets; UTF-8 needs more room. */
const LONGEST_PATH = 1000;

type Refused = Extract<Outcome, { kind: 'deferred' }>;
export type CommandText = { readonly line: string } | { readonly refused: Refused };

/** What of a message the MAIL command tells. */
export type MailEnvelope = Omit<Envelope, 'recipients'> & { readonly sizeBytes: number };

export function mailCommand(envelope: MailEnvelope, offers: Capabilities): CommandText {
  const path = pathFor(envelope.from, offers);
  if (typeof path !== 'string') return path;
  if (offers.longestBytes > 0 && envelope.sizeBytes > offers.longestBytes)
    return refused('too-big', `the message has ${envelope.sizeBytes} bytes; this way takes ${offers.longestBytes}`);
  let line = `MAIL FROM:<${path}>`;
  if (offers.size) line += ` SIZE=${envelope.sizeBytes}`;
  // A server without 8BITMIME is sent the octets all the same, as nearly every client does: all servers in use are 8-bit clean, while
  // recoding would break signatures. It is only not told what it would not understand.
  if (envelope.eightBitMime && offers.eightBitMime) line += ' BODY=8BITMIME';
  if (offers.smtpUtf8 && (envelope.smtpUtf8 || !isAscii(path))) line += ' SMTPUTF8';
  if (offers.dsn && envelope.ret !== undefined) line += ` RET=${envelope.ret.toUpperCase()}`;
  if (offers.dsn && envelope.envid !== undefined) line += ` ENVID=${encodeXtext(envelope.envid)}`;
  return { line: `${line}\r\n` };
}

export function rcptCommand(recipient: JobRecipient | EnvelopeRecipient, offers: Capabilities): CommandText {
  const path = pathFor(recipient.address, offers);
  if (typeof path !== 'string') return path;
  let line = `RCPT TO:<${path}>`;
  if (offers.dsn && recipient.notify !== undefined)
    line += ` NOTIFY=${recipient.notify.length === 0 ? 'NEVER' : recipient.notify.join(',').toUpperCase()}`;
  if (offers.dsn && recipient.orcpt !== undefined) line += originalRecipient(recipient.orcpt);
  return { line: `${line}\r\n` };
}

/** RFC 3461 4.2: the type stays as it is, only the address is xtext. One without a type is left out: it can not be said rightly. */
function originalRecipient(orcpt: string): string {
  const match = /^([A-Za-z0-9-]+);(.+)$/s.exec(orcpt);
  return match === null ? '' : ` ORCPT=${match[1]};${encodeXtext(match[2] ?? '')}`;
}

/** The address as it may stand between the angle brackets; a refusal when this server can not be told it. */
function pathFor(address: string, offers: Capabilities): string | { readonly refused: Refused } {
  // CR, LF, NUL, blank or an angle bracket would end the path and begin a parameter or a command of somebody's choice.
  if (/[\x00-\x20\x7f<>]/.test(address) || Buffer.byteLength(address) > LONGEST_PATH)
    return refused('route', 'an address in the envelope has characters that can not be sent');
  if (isAscii(address) || offers.smtpUtf8) return address;
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  // RFC 6531 3.2: without the extension only a name that has an ASCII form can be said.
  if (domain !== '' && isAscii(address.slice(0, at))) return `${address.slice(0, at)}@${domain}`;
  return refused('route', 'this way does not take addresses beyond ASCII (no SMTPUTF8)');
}

function refused(reasonClass: 'route' | 'too-big', text: string): { readonly refused: Refused } {
  return { refused: { kind: 'deferred', reason: { class: reasonClass, text } } };
}
