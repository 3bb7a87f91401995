import type { DigestBounds } from './bounds.ts';
import { decodeCharset } from './charset.ts';
import { foldedText } from './folded-text.ts';
import { htmlToText } from './html-text.ts';
import type { Part } from './part.ts';
import { decodeTransfer } from './transfer-encoding.ts';

const PREVIEW_CHARS = 256;
/** One text of the message, in its order. */
interface Passage {
  readonly text: string;
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
    const decoded = decodeCharset(decodeTransfer(whole, encoding), parameters.charset);
    const isHtml = subtype === 'html';
    const full = isHtml ? htmlToText(decoded, left + 1) : decoded.trim();
    if (full === '') return;
    const text = full.length > left ? cutTo(full, left) : full;
    if (text !== full) this.isCut = true;
    this.#chars += text.length;
    const alternative = alternativeOf(part);
    if (!isHtml && alternative !== undefined) this.#plain.add(alternative);
    this.#passages.push({ text, isHtml, alternative, isOwn: isOwn(part) });
  }

  finish(): { readonly text: string; readonly preview: string } {
    const read = this.#passages.filter(({ isHtml, alternative }) => !isHtml || alternative === undefined || !this.#plain.has(alternative));
    const first = read.find((passage) => passage.isOwn) ?? read[0];
    // A database may end a text at a NUL.
    const text = read.map((passage) => passage.text).join('\n\n');
    return { text: text.includes('\0') ? text.replaceAll('\0', ' ') : text, preview: previewOf(first?.text ?? '') };
  }
}

function previewOf(text: string): string {
  return cutTo(foldedText(text, PREVIEW_CHARS), PREVIEW_CHARS).trimEnd().toWellFormed();
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
