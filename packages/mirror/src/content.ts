import { createHash } from 'node:crypto';
import { findHeaderEnd, LONGEST_PREAMBLE_BYTES, MAX_HEADER_BYTES, parseHeader, withoutPreamble } from '@stopgap/message';

/*
 * Some carriers change a message a little: Roundcube 1.6 trims the white space at its end on import; POP3 can not but end a message with a line end; IMAP
 * without BINARY can not carry a NUL (Dovecot 2.3 puts 0x80 there); a webmail's Sent copy of what left through us has our `Received` on top, and may have a
 * line of preamble. Two messages are the same for us if they are equal but for that.
 */

export interface LooseRules {
  /** Leave out the trace fields on top (RFC 5322 3.6.7, and what Resent adds) and a preamble: in Sent only, for elsewhere they tell two deliveries apart. */
  readonly isBelowTrace: boolean;
  /**
   * Leave out Date and Bcc, too: programs like mutt 2.2 date what they send and what they store a second apart, and some store who was sent it blindly. Only
   * where a Message-ID and a trace of ours tell the rest.
   */
  readonly isAsStored?: boolean;
}

const TRACE = /^(?:received|return-path|resent-.*|x-sender)$/;
const NUL_STAND_IN = 0x80;
const WHITE = new Set([0x20, 0x09, 0x0d, 0x0a, 0x0b, 0x00]);

export function isTrace(fieldName: string): boolean {
  return TRACE.test(fieldName);
}

/** A hash of the content without what carriers change. */
export async function looseHash(bytes: AsyncIterable<Buffer> | Iterable<Buffer>, rules: LooseRules): Promise<string> {
  const hash = createHash('sha256');
  let heldBack: Buffer[] = [];
  for await (const given of rules.isBelowTrace ? withoutTrace(bytes, rules) : bytes) {
    const chunk = withoutStandIns(given);
    let end = chunk.length;
    while (end > 0 && WHITE.has(chunk[end - 1] ?? -1)) end -= 1;
    if (end === 0) {
      heldBack.push(chunk);
      continue;
    }
    for (const white of heldBack) hash.update(white);
    hash.update(chunk.subarray(0, end));
    heldBack = [chunk.subarray(end)];
  }
  return hash.digest('hex');
}

/** The same octet where one path has NUL and another its stand-in. */
function withoutStandIns(chunk: Buffer): Buffer {
  let at = chunk.indexOf(NUL_STAND_IN);
  if (at < 0) return chunk;
  const copy = Buffer.from(chunk);
  for (; at >= 0; at = copy.indexOf(NUL_STAND_IN, at + 1)) copy[at] = 0;
  return copy;
}

/** Cuts the first trace fields, and the preamble; a header that is too long to be one goes through as it is. */
async function* withoutTrace(bytes: AsyncIterable<Buffer> | Iterable<Buffer>, rules: LooseRules): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let isHead = true;
  for await (const chunk of bytes) {
    if (!isHead) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = findHeaderEnd(head);
    const wanted = end < 0 ? MAX_HEADER_BYTES + 1 : end + 2 + LONGEST_PREAMBLE_BYTES;
    if (head.length < wanted) continue;
    isHead = false;
    yield belowTrace(head, rules);
  }
  if (isHead) yield belowTrace(head, rules);
}

function belowTrace(head: Buffer, { isAsStored = false }: LooseRules): Buffer {
  const end = findHeaderEnd(head);
  if (end > MAX_HEADER_BYTES || (end < 0 && head.length > MAX_HEADER_BYTES)) return head;
  const fields = parseHeader(head.subarray(0, end < 0 ? head.length : end));
  const first = fields.findIndex(({ name }) => !isTrace(name));
  const kept = first < 0 ? [] : fields.slice(first);
  const rest = withoutPreamble(head.subarray(fields.reduce((sum, { raw }) => sum + raw.length, 0)));
  const text = kept.flatMap(({ name, raw }) => (isAsStored && (name === 'date' || name === 'bcc') ? [] : raw)).join('');
  return Buffer.concat([Buffer.from(text, 'latin1'), rest]);
}

/** A page of a web server where a message should be: no header field begins with `<`. */
export function looksLikeWebPage(start: Buffer): boolean {
  return /^\s*<(?:!doctype\s+html|html|head|body)\b/i.test(start.subarray(0, 256).toString('latin1'));
}
