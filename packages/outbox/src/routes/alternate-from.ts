import { formatAddress, isAscii, MailError } from '@stopgap/core';
import { findHeaderEnd, MAX_HEADER_BYTES, parseAddressList, parseHeader, utf8Value, type HeaderField } from '@stopgap/message';

export interface Head {
  readonly fields: readonly HeaderField[];
  /** What follows the header fields: the empty line and what of the body came with it. */
  readonly rest: Buffer;
  /** The chunks after those. */
  readonly more: AsyncIterator<Buffer>;
}

/** Reads a message up to the end of its header. @throws MailError `header-too-long` */
export async function readHead(message: AsyncIterable<Buffer>): Promise<Head> {
  const more = message[Symbol.asyncIterator]();
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const { value, done } = await more.next();
    if (!done) bytes = Buffer.concat([bytes, value]);
    const end = findHeaderEnd(bytes);
    if (end >= 0 || done) {
      const length = end >= 0 ? end : bytes.length;
      return { fields: parseHeader(bytes.subarray(0, length)), rest: bytes.subarray(length), more };
    }
    if (bytes.length > MAX_HEADER_BYTES) {
      await more.return?.();
      throw new MailError('permanent', 'The header of the message is too long.', { code: 'header-too-long' });
    }
  }
}

/** The author's address, in lower-case domain; undefined when From has none, or several, or can be read in two ways. */
export function authorOf(fields: readonly HeaderField[]): string | undefined {
  const lists = fields.filter((field) => field.name === 'from').map((field) => parseAddressList(utf8Value(field) ?? ''));
  const [address, ...others] = lists.flatMap((list) => list.addresses);
  return address && others.length === 0 && lists.every((list) => list.isClean) ? formatAddress(address) : undefined;
}

/**
 * The message with From set to the operator's address and the author in Reply-To (unless one is there), as a mailing list does for domains that forbid
 * other servers. Everything else stays byte for byte.
 */
export async function* withAlternateFrom(head: Head, alternateFrom: string): AsyncIterable<Buffer> {
  const hasReplyTo = head.fields.some((field) => field.name === 'reply-to');
  const lines = head.fields.map((field) => {
    if (field.name !== 'from') return field.raw;
    const author = authorOf([field]);
    // An address beyond ASCII would need an encoded word; it stands in Reply-To anyway.
    const who = author !== undefined && isAscii(author) ? author : 'sender';
    const name = JSON.stringify(`${who} via ${alternateFrom.slice(alternateFrom.lastIndexOf('@') + 1)}`);
    // With its folding: unfolded it might be longer than a line may be.
    return `From: ${name}\r\n <${alternateFrom}>\r\n${hasReplyTo ? '' : `Reply-To:${field.raw.slice(field.raw.indexOf(':') + 1)}`}`;
  });
  yield Buffer.from(lines.join(''), 'latin1');
  if (head.rest.length > 0) yield head.rest;
  for (let next = await head.more.next(); !next.done; next = await head.more.next()) yield next.value;
}
