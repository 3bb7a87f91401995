/*
 * Does a message hold a text? As RFC 9051 6.4.4 asks it: a substring, in any case, of what stands in the message once transfer encodings, charsets and encoded
 * words are undone. Of bodies those of text and message parts are looked into, HTML as it is written.
 *
 * Most messages do not hold what is looked for, and many are written plainly: those are told by one look at their octets.
 */
import { isAscii } from 'node:buffer';
import { MAX_HEADER_BYTES } from '../header-block.ts';
import { BOUNDS } from './bounds.ts';
import { decodeCharset } from './charset.ts';
import { decodeWords } from './encoded-words.ts';
import { headerText, unfoldedText } from './header-values.ts';
import { MimeWalk } from './mime-walk.ts';
import { isMessage, type Part } from './part.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/** Of one part; the rest of it is not looked into. */
const MOST_OCTETS = 4 * 1024 * 1024;
/** What makes text stand in octets otherwise than it is read: encodings, encoded words, charsets that write other letters in ASCII. */
const DISGUISES = ['quoted-printable', 'base64', '=?', 'utf-16', 'utf-7', 'utf7', 'iso-2022', 'hz-gb', 'unicode'];
const IS_ASCII = /^[\x00-\x7f]*$/;

/** `body`: of every part, with the headers of messages that are carried. `all`: these and all header fields, those of parts included. */
export type TextPlace = 'body' | 'all';

/** @param value not empty */
export function messageHolds(message: Buffer, value: string, place: TextPlace): boolean {
  const wanted = folded(value);
  if (!mayHold(message, wanted)) return false;
  const finder = createTextFinder(value, place);
  finder.write(message);
  return finder.finish();
}

export interface TextFinder {
  /** What comes next makes no difference any more. */
  readonly isFound: boolean;
  /** The memory must stay as it is until `finish`. */
  write(chunk: Buffer): void;
  /** Once, after the last chunk. */
  finish(): boolean;
}

/** For a message that comes in pieces. */
export function createTextFinder(value: string, place: TextPlace): TextFinder {
  const wanted = folded(value);
  let isFound = false;
  let held: Buffer[] = [];
  let octets = 0;
  const look = (text: string): void => {
    isFound ||= folded(text, wanted).includes(wanted);
  };
  const walk = new MimeWalk(
    {
      headerRead(part, block) {
        if (!isFound && (place === 'all' || isCarried(part))) look(decodeWords(unfoldedText(headerText(block))));
      },
      partOpened: ({ head }) => !isFound && (head.type === 'text' || head.type === 'message' || isUndivided(head)),
      bodyBytes(_, bytes) {
        const piece = bytes.subarray(0, MOST_OCTETS - octets);
        octets += piece.length;
        if (piece.length > 0) held.push(piece);
      },
      partClosed({ head }) {
        if (octets === 0) return;
        const bytes = Buffer.concat(held);
        held = [];
        octets = 0;
        if (isFound) return;
        look(decodeCharset(decodeTransfer(bytes, head.encoding), head.parameters.charset));
      },
    },
    BOUNDS,
  );
  let left: Buffer = Buffer.alloc(0);
  const push = (chunk: Buffer, isLast: boolean): void => {
    const bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    left = bytes.subarray(walk.push(bytes, isLast));
  };
  return {
    get isFound() {
      return isFound;
    },
    write: (chunk) => push(chunk, false),
    finish() {
      push(Buffer.alloc(0), true);
      return isFound;
    },
  };
}

/**
 * Does a header have such a field (its name in lower case) that holds this? '' is in every field.
 * @param block may go on behind the header
 */
export function headerFieldHolds(block: Buffer, name: string, value: string): boolean {
  const wanted = folded(value);
  const end = Math.min(headerEndOf(block), MAX_HEADER_BYTES);
  return unfoldedText(headerText(block.subarray(0, end)))
    .split('\n')
    .some((line) => {
      const colon = line.indexOf(':');
      return line.slice(0, colon).trimEnd().toLowerCase() === name && folded(decodeWords(line.slice(colon + 1)), wanted).includes(wanted);
    });
}

/** For what is looked for and what it is looked for in. What is plain ASCII stands alike in every normal form. */
function folded(text: string, wanted?: string): string {
  const lower = text.toLowerCase();
  return wanted !== undefined && IS_ASCII.test(wanted) ? lower : lower.normalize();
}

/** False: surely not. */
function mayHold(message: Buffer, wanted: string): boolean {
  const octets = message.toString('latin1').toLowerCase();
  if (DISGUISES.some((disguise) => octets.includes(disguise))) return true;
  if (!IS_ASCII.test(wanted)) return !isAscii(message);
  return octets.includes(wanted) || (/\s/.test(wanted) && unfoldedText(octets).includes(wanted));
}

/** All that is there of a part that can not be taken apart. */
function isUndivided({ type, parameters }: Part['head']): boolean {
  return type === 'multipart' && parameters.boundary === undefined;
}

function isCarried({ parent }: Part): boolean {
  return parent !== undefined && isMessage(parent.head);
}

/** Any line ends will do. */
function headerEndOf(block: Buffer): number {
  for (let at = block.indexOf('\n'); at >= 0; at = block.indexOf('\n', at + 1)) {
    if (block[at + 1] === 0x0a || (block[at + 1] === 0x0d && block[at + 2] === 0x0a)) return at + 1;
  }
  return block.length;
}
