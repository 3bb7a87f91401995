import { isAscii } from '@stopgap/core';
import type { DsnOptions, DsnRecipient } from './dsn.ts';
import { rfc5322Date } from './rfc5322-date.ts';

/** Replies of other servers can be of any length; a person reads one sentence. */
const MAX_VALUE_CHARS = 1000;
const WANTED_LINE = 76;
/** A word without blanks is broken here rather than above the 998 octets of RFC 5322 2.1.1 (an UTF-8 character has up to 4). */
const MAX_WORD_CHARS = 240;

/** The fields of RFC 3464 2.2 and 2.3. `isGlobal`: UTF-8 may stand in it (RFC 6533 4). */
export function deliveryStatus(options: DsnOptions, isGlobal: boolean): string {
  const message =
    foldedField('Reporting-MTA', `dns; ${asciiOf(options.reportingMta)}`) +
    (options.envid === undefined ? '' : foldedField('Original-Envelope-Id', asciiOf(options.envid))) +
    foldedField('Arrival-Date', rfc5322Date(options.arrivalMs));
  return [message, ...options.recipients.map((recipient) => recipientFields(recipient, isGlobal))].join('\r\n');
}

function recipientFields(recipient: DsnRecipient, isGlobal: boolean): string {
  const { orcpt, remoteMta, diagnostic, lastAttemptMs, willRetryUntilMs } = recipient;
  const allowed = (text: string) => (isGlobal ? text : asciiOf(text));
  let fields = '';
  if (orcpt !== undefined) fields += foldedField('Original-Recipient', typedAddress(orcpt));
  fields += foldedField('Final-Recipient', typedAddress(recipient.address));
  fields += foldedField('Action', recipient.action);
  fields += foldedField('Status', recipient.status);
  if (remoteMta !== undefined) fields += foldedField('Remote-MTA', `dns; ${asciiOf(remoteMta)}`);
  if (diagnostic !== undefined) fields += foldedField('Diagnostic-Code', `${diagnosticType(diagnostic)}; ${allowed(diagnostic)}`);
  if (lastAttemptMs !== undefined) fields += foldedField('Last-Attempt-Date', rfc5322Date(lastAttemptMs));
  if (willRetryUntilMs !== undefined && recipient.action === 'delayed')
    fields += foldedField('Will-Retry-Until', rfc5322Date(willRetryUntilMs));
  return fields;
}

/** `rfc822; addr`, `utf-8; addr` beyond ASCII (RFC 6533 3). A type that is there already stays, unless it promises ASCII wrongly. */
function typedAddress(text: string): string {
  const [, type, address] = /^([a-zA-Z0-9-]+);\s*(.*)$/s.exec(text) ?? ['', 'rfc822', text];
  return isAscii(text) ? `${type}; ${address}` : `utf-8; ${address}`;
}

/** RFC 3464 2.3.6: `smtp` only for what an SMTP server replied. */
function diagnosticType(diagnostic: string): string {
  return /^[245]\d\d[ -]/.test(diagnostic) ? 'smtp' : 'x-stopgap';
}

/** One header field, CRLF at its end, folded at blanks. */
export function foldedField(name: string, value: string): string {
  let line = `${name}:`;
  let text = '';
  for (const word of oneLine(value).split(' ').flatMap(pieces)) {
    if (line.length + 1 + word.length > WANTED_LINE && line !== `${name}:`) {
      text += `${line}\r\n`;
      line = '';
    }
    line += ` ${word}`;
  }
  return `${text}${line}\r\n`;
}

/** Every kind of line break and control character becomes a blank: nothing can end the line it stands on. */
export function oneLine(text: string): string {
  return text
    .slice(0, MAX_VALUE_CHARS)
    .replaceAll(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .trim();
}

function pieces(word: string): string[] {
  return word.length <= MAX_WORD_CHARS ? [word] : (word.match(new RegExp(`.{1,${MAX_WORD_CHARS}}`, 'gsu')) ?? []);
}

function asciiOf(text: string): string {
  return text.replaceAll(/[^\p{ASCII}]/gu, '?');
}
