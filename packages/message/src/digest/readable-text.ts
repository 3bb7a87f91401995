import type { DigestBounds } from './bounds.ts';
import { decodeCharset, isPlainAscii } from './charset.ts';
import { foldedText } from './folded-text.ts';
import { htmlToText } from './html-text.ts';
import type { Part } from './part.ts';
import { decodeTransfer } from './transfer-encoding.ts';

const PREVIEW_CHARS = 256;
/** Of a text, looked at for its preview; all of it where that is not enough. */
const PREVIEW_OCTETS = 4096;
const GAP = Buffer.from('\n\n');

/** One text of the message, in its order. */
interface Passage {
  /** UTF-8; where it stands in the message as it is, the message's own memory. */
  readonly text: Buffer;
  readonly isHtml: boolean;
  /** The multipart/alternative it is a version in. */
  readonly alternative: Part | undefined;
  /** Of the message itself, and not of one that it carries. */
  readonly isOwn: boolean;
}

/** Gathers what of a message can be read: of alternatives the plain one. */
export class ReadableText {
  isCut = false;
  readonly #bounds: DigestBounds;
  readonly #passages: Passage[] = [];
  /** The alternatives that have something to read in plain text. */
  readonly #plain = new Set<Part>();
  #chars = 0;
  #octets = 0;
  #bytes: Buffer[] = [];

  constructor(bounds: DigestBounds) {
    this.#bounds = bounds;
  }

  wants(part: Part): boolean {
    const { type, subtype, disposition } = part.head;
    // A multipart that can not be taken apart is all that people get to see.
    if (type === 'multipart') return part.head.parameters.boundary === undefined;
    if (type !== 'text' || disposition?.type === 'attachment') return false;
    if (subtype === 'html') {
      const alternative = alternativeOf(part);
      return alternative === undefined || !this.#plain.has(alternative);
    }
    return subtype === 'plain' || subtype === 'enriched' || subtype === 'markdown';
  }

  add(bytes: Buffer): void {
    const left = this.#bounds.textOctets - this.#octets;
    if (bytes.length > left) this.isCut = true;
    if (left <= 0) return;
    const piece = bytes.length > left ? bytes.subarray(0, left) : bytes;
    this.#octets += piece.length;
    this.#bytes.push(piece);
  }

  close(part: Part): void {
    const pieces = this.#bytes;
    this.#bytes = [];
    if (pieces.length === 0) return;
    const [first] = pieces;
    const whole = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
    const left = this.#bounds.textChars - this.#chars;
    if (left <= 0) {
      this.isCut = true;
      return;
    }
    const { encoding, parameters, subtype } = part.head;
    const isHtml = subtype === 'html';
    const { text, chars, isCut } = readText(decodeTransfer(whole, encoding), { charset: parameters.charset, isHtml, mostChars: left });
    if (isCut) this.isCut = true;
    if (chars === 0) return;
    this.#chars += chars;
    const alternative = alternativeOf(part);
    if (!isHtml && alternative !== undefined) this.#plain.add(alternative);
    this.#passages.push({ text, isHtml, alternative, isOwn: isOwn(part) });
  }

  finish(): { readonly text: Buffer; readonly preview: string } {
    const read = this.#passages.filter(({ isHtml, alternative }) => !isHtml || alternative === undefined || !this.#plain.has(alternative));
    const first = read.find((passage) => passage.isOwn) ?? read[0];
    const texts = read.flatMap((passage, index) => (index === 0 ? [passage.text] : [GAP, passage.text]));
    const [only = Buffer.alloc(0)] = texts;
    return { text: texts.length > 1 ? Buffer.concat(texts) : only, preview: first === undefined ? '' : previewOf(first.text) };
  }
}

interface HowRead {
  readonly charset: string | undefined;
  readonly isHtml: boolean;
  readonly mostChars: number;
}

/** ASCII is not made a string of: most texts are, and a string of each would be most of what the garbage collector has to carry. */
function readText(bytes: Buffer, how: HowRead): { readonly text: Buffer; readonly chars: number; readonly isCut: boolean } {
  const { charset, isHtml, mostChars } = how;
  if (!isHtml && isPlainAscii(bytes, charset)) {
    const full = trimmed(bytes);
    const text = full.subarray(0, mostChars);
    return { text, chars: text.length, isCut: text.length < full.length };
  }
  const decoded = decodeCharset(bytes, charset);
  const full = isHtml ? htmlToText(decoded, mostChars + 1) : decoded.trim();
  const text = cutTo(full, mostChars);
  return { text: Buffer.from(text), chars: text.length, isCut: text.length < full.length };
}

function trimmed(ascii: Buffer): Buffer {
  let start = 0;
  let end = ascii.length;
  while (start < end && isBlank(ascii[start])) start += 1;
  while (end > start && isBlank(ascii[end - 1])) end -= 1;
  return ascii.subarray(start, end);
}

/** As `trim` has it, of ASCII. */
function isBlank(octet: number | undefined): boolean {
  return octet === 0x20 || (octet !== undefined && octet >= 0x09 && octet <= 0x0d);
}

function previewOf(text: Buffer): string {
  const short = foldedText(text.toString('utf8', 0, PREVIEW_OCTETS), PREVIEW_CHARS);
  // The last character of a part may be broken.
  const folded = short.length > PREVIEW_CHARS + 1 || text.length <= PREVIEW_OCTETS ? short : foldedText(text.toString(), PREVIEW_CHARS);
  return cutTo(folded, PREVIEW_CHARS).trimEnd().toWellFormed();
}

/** Never between the halves of a character. */
function cutTo(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const isHalf = (text.charCodeAt(chars - 1) & 0xfc00) === 0xd800;
  return text.slice(0, isHalf ? chars - 1 : chars);
}

function alternativeOf(part: Part): Part | undefined {
  for (let above = part.parent; above !== undefined && above.head.type === 'multipart'; above = above.parent) {
    if (above.head.subtype === 'alternative') return above;
  }
  return undefined;
}

function isOwn(part: Part): boolean {
  for (let above = part.parent; above !== undefined; above = above.parent) if (above.head.type !== 'multipart') return false;
  return true;
}
