import { isAscii, isUtf8 } from 'node:buffer';
import { decodeCharset } from './charset.ts';

/** Of one value; what is beyond is left out. A draft to 1000 people with their names is taken up from here. */
const MAX_VALUE_CHARS = 128 * 1024;
/** Of one name in one header: the rest is not looked at. */
const MAX_FIELDS_OF_A_NAME = 20;

/** The fields that a digest speaks of. The many others of a header are passed over without being cut out. */
const WANTED: ReadonlySet<string> = new Set(
  (
    'date subject from sender reply-to to cc bcc message-id in-reply-to references content-type content-transfer-encoding ' +
    'content-disposition content-id content-description content-language content-location content-md5'
  ).split(' '),
);
const LONGEST_NAME = 25;

/** Values by lower-case name, in their order; unfolded, trimmed, raw UTF-8 decoded (RFC 6532), encoded words left as they are. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

export interface ReadHeader {
  readonly values: HeaderValues;
  /** There was more than the bounds above allow. */
  readonly isCut: boolean;
}

/** @param block with any line ends; what is no field is passed over */
export function readHeaderValues(block: Buffer): ReadHeader {
  const values = new Map<string, string[]>();
  let isCut = false;
  const text = headerText(block);
  for (let start = 0; start < text.length;) {
    let end = lineEnd(text, start);
    while (end < text.length && isBlank(text.charCodeAt(end))) end = lineEnd(text, end);
    const colon = colonOf(text, start);
    const name = colon < 0 ? '' : text.slice(start, colon).trimEnd().toLowerCase();
    if (WANTED.has(name)) {
      const known = values.get(name);
      const value = unfolded(text, colon + 1, end);
      if (known === undefined) values.set(name, [value]);
      else if (known.length < MAX_FIELDS_OF_A_NAME) known.push(value);
      if (end - colon > MAX_VALUE_CHARS || known?.length === MAX_FIELDS_OF_A_NAME) isCut = true;
    }
    start = end;
  }
  return { values, isCut };
}

/** The first field of the name: of two that contradict each other it is the one that most programs show. */
export function firstValue(values: HeaderValues, name: string): string | undefined {
  return values.get(name)?.[0];
}

/** One value in another charset must not spoil the UTF-8 of the others: then each line is looked at for itself. */
export function headerText(block: Buffer): string {
  if (isAscii(block)) return block.toString('latin1');
  if (isUtf8(block)) return block.toString('utf8');
  return block
    .toString('latin1')
    .split('\n')
    .map((line) => decodeCharset(Buffer.from(line, 'latin1'), undefined))
    .join('\n');
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at + 1;
}

/** RFC 5322 4.5.8: blanks before the colon are an old form that is still read. -1: no field, or none whose name is so short. */
function colonOf(text: string, start: number): number {
  for (let at = start; at <= start + LONGEST_NAME + 8; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3a) return at;
    if (code === 0x0a) return -1;
  }
  return -1;
}

function unfolded(text: string, from: number, end: number): string {
  const value = text.slice(from, Math.min(end, from + MAX_VALUE_CHARS)).trim();
  // RFC 5322 2.2.3 takes away the line end alone; a tab or many blanks after it are layout, too, and nobody shows them.
  return value.includes('\n') ? value.replaceAll(/(?:\r?\n[ \t]*)+/g, ' ') : value;
}

/** All fields of a header, each on one line. RFC 5322 2.2.3 takes away the line end alone. */
export function unfoldedText(text: string): string {
  return text.replaceAll(/\r?\n(?=[ \t])/g, '');
}

export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
