import type { DigestPart } from './digest-types.ts';
import { decodeCharset, isKnownCharset } from './digest/charset.ts';
import { decodeTransfer } from './digest/transfer-encoding.ts';

/** The part's octets, its transfer encoding undone. @param message from its first octet on, at least as far as the part goes */
export function partBytes(part: DigestPart, message: Buffer): Buffer {
  return decodeTransfer(message.subarray(part.bodyStart, part.bodyStart + part.sizeBytes), part.encoding);
}

export interface PartText {
  readonly text: string;
  /** Its charset or transfer encoding is none that is known, or there was what is no character in it. */
  readonly isDoubtful: boolean;
}

export function partText(part: DigestPart, message: Buffer): PartText {
  const { charset } = part.parameters;
  const text = decodeCharset(partBytes(part, message), charset).toWellFormed();
  const isDoubtful = !ENCODINGS.has(part.encoding) || (charset !== undefined && !isKnownCharset(charset)) || text.includes('\u{fffd}');
  return { text, isDoubtful };
}

const ENCODINGS: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable']);
