import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { isAscii, MailError, parseAddress } from '@stopgap/core';
import { deliveryStatus, foldedField, oneLine } from './dsn-status.ts';
import { dsnSubject, dsnText } from './dsn-text.ts';
import { LineScan } from './line-scan.ts';
import { encodeQuotedPrintable } from './quoted-printable.ts';
import { rfc5322Date } from './rfc5322-date.ts';

/*
 * Delivery status notifications: multipart/report (RFC 6522) of a text for people, a status for machines (RFC 3464) and the original's header, or
 * the original itself. Composed 7-bit clean wherever the format allows, so that any next hop takes it; RFC 6533 forms where an address is not ASCII.
 */

/** RFC 3461 6.2 lets us leave the body out however it was asked for; a returned body is a favour with a limit, and is held in memory. */
export const MAX_RETURNED_BYTES = 256 * 1024;
/** RFC 5322 2.1.1; an 8bit part has no way to break a longer line. */
const LONGEST_LINE = 998;

/** RFC 3464 2.3.3 */
export type DsnAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

export interface DsnRecipient {
  readonly address: string;
  /** RFC 3461 4.2, decoded: `rfc822;addr`. */
  readonly orcpt?: string;
  readonly action: DsnAction;
  /** RFC 3463, `5.1.1`. */
  readonly status: string;
  /** The other side's words, `550 5.1.1 No such user`. */
  readonly diagnostic?: string;
  /** The host that said so. */
  readonly remoteMta?: string;
  readonly lastAttemptMs?: number;
  /** Only where it is known; never a guess about an outage. */
  readonly willRetryUntilMs?: number;
  /** One sentence for the person who wrote the message. */
  readonly reasonText?: string;
}

export interface DsnOptions {
  /** Of the notice as a whole: its subject and text. */
  readonly kind: DsnAction;
  readonly reportingMta: string;
  /** The original's envelope sender. The envelope of the notice itself is from '' (RFC 3464 2). */
  readonly to: string;
  /** `MAILER-DAEMON@relay.example.org` */
  readonly from: string;
  /** Of the notice, with angle brackets. */
  readonly messageId: string;
  readonly dateMs: number;
  /** When the original was accepted. */
  readonly arrivalMs: number;
  readonly envid?: string;
  /** Left out of the header when it is not ASCII. */
  readonly originalMessageId?: string;
  readonly recipients: readonly DsnRecipient[];
  /** `full` only for RET=FULL; read to its end or until it is clear that it is too large. */
  readonly original: { readonly headers: Buffer; readonly full?: AsyncIterable<Buffer> };
}

export interface ComposedDsn {
  readonly bytes: Buffer;
  /** What the envelope of the notice has to say: BODY=8BITMIME, SMTPUTF8. */
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
}

/** No value can bring in a line of its own: control characters become blanks. Throws a MailError of kind `bug` for a `to` or `from` that is no address. */
export async function composeDsn(options: DsnOptions): Promise<ComposedDsn> {
  for (const address of [options.to, options.from]) {
    if (parseAddress(address) === undefined)
      throw new MailError('bug', 'a DSN needs plain addresses to come from and go to', { code: 'dsn-address' });
  }
  const returned = (await fullPart(options.original)) ?? headerPart(options.original.headers);
  const parts = [textPart(options), statusPart(options), returned];
  const boundary = boundaryFor(options.messageId, parts);
  const eightBitMime = returned.encoding === '8bit';
  const head = [
    foldedField('Date', rfc5322Date(options.dateMs)),
    foldedField('From', `Mail Delivery System <${options.from}>`),
    foldedField('To', `<${options.to}>`),
    foldedField('Subject', dsnSubject(options.kind)),
    foldedField('Message-ID', options.messageId),
    ...(isThreadable(options.originalMessageId) ? [foldedField('In-Reply-To', options.originalMessageId)] : []),
    // RFC 3834 5: written because of another message; keeps vacation programs quiet.
    foldedField('Auto-Submitted', 'auto-replied'),
    foldedField('MIME-Version', '1.0'),
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"\r\n`,
    ...(eightBitMime ? [foldedField('Content-Transfer-Encoding', '8bit')] : []),
    '\r\nThis is a delivery status notification in MIME format.\r\n',
  ].join('');
  const chunks = parts.flatMap((part) => [Buffer.from(`\r\n--${boundary}\r\n${partHead(part)}\r\n`), part.body]);
  return {
    bytes: Buffer.concat([Buffer.from(head), ...chunks, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    eightBitMime,
    smtpUtf8: !isAscii(head),
  };
}

function isThreadable(messageId: string | undefined): messageId is string {
  return messageId !== undefined && messageId !== '' && isAscii(messageId);
}

interface Part {
  readonly type: string;
  readonly description: string;
  readonly encoding: '7bit' | '8bit' | 'quoted-printable';
  readonly body: Buffer;
}

function textPart(options: DsnOptions): Part {
  return quoted('text/plain; charset=utf-8', 'Notification', Buffer.from(dsnText(options)));
}

/** RFC 6533 4: an address beyond ASCII makes it global-delivery-status; quoted-printable takes it over 7-bit hops (RFC 6533 6.1). */
function statusPart(options: DsnOptions): Part {
  const isGlobal = options.recipients.some((recipient) => !isAscii(recipient.address) || !isAscii(recipient.orcpt ?? ''));
  const body = Buffer.from(deliveryStatus(options, isGlobal));
  if (isGlobal) return quoted('message/global-delivery-status', 'Delivery report', body);
  return { type: 'message/delivery-status', description: 'Delivery report', encoding: '7bit', body };
}

function headerPart(headers: Buffer): Part {
  const description = 'Header of the message';
  const { isSevenBit, isShort } = look(headers);
  if (isSevenBit && isShort) return { type: 'text/rfc822-headers', description, encoding: '7bit', body: headers };
  return quoted(!isSevenBit && isUtf8(headers) ? 'message/global-headers' : 'text/rfc822-headers', description, headers);
}

/** Undefined: not wanted, too large, or nothing that message/rfc822 can hold (an 8-bit header, over-long lines). */
async function fullPart(original: DsnOptions['original']): Promise<Part | undefined> {
  if (original.full === undefined || !look(original.headers).isSevenBit) return undefined;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of original.full) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_RETURNED_BYTES) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks, sizeBytes);
  const { isSevenBit, isShort } = look(body);
  return isShort ? { type: 'message/rfc822', description: 'The message', encoding: isSevenBit ? '7bit' : '8bit', body } : undefined;
}

function look(bytes: Buffer): { readonly isSevenBit: boolean; readonly isShort: boolean } {
  const scan = new LineScan();
  const violation = scan.push(bytes) ?? scan.end().violation;
  return { isSevenBit: isAscii(bytes.toString('latin1')), isShort: violation === undefined && scan.longestLine <= LONGEST_LINE };
}

function quoted(type: string, description: string, bytes: Buffer): Part {
  return { type, description, encoding: 'quoted-printable', body: Buffer.from(encodeQuotedPrintable(bytes), 'latin1') };
}

function partHead(part: Part): string {
  return `Content-Type: ${part.type}\r\nContent-Description: ${part.description}\r\nContent-Transfer-Encoding: ${part.encoding}\r\n`;
}

/** A hash of what it separates can not stand in it. */
function boundaryFor(messageId: string, parts: readonly Part[]): string {
  const hash = createHash('sha256').update(oneLine(messageId));
  for (const part of parts) hash.update(part.body);
  return `=_dsn_${hash.digest('hex').slice(0, 40)}`;
}
