import { decodeCharset } from './charset.ts';
import { decodeWords } from './encoded-words.ts';
import { hexPair } from './transfer-encoding.ts';

/** More on one field are left out. */
const MAX_PARAMETERS = 60;

export interface ParameterizedValue {
  /** Lower case, without blanks: `text/plain`, `attachment`; '' where there is none. */
  readonly value: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** RFC 2045 5.1, RFC 2183, RFC 2231, read tolerantly: missing semicolons, blanks around `=`, unquoted values with blanks, encoded words in names. */
export function readParameterizedValue(text: string): ParameterizedValue {
  const [head, ...rest] = cutAtSemicolons(text);
  const value = withoutComments(head ?? '')
    .replaceAll(/[ \t]/g, '')
    .toLowerCase();
  return { value, parameters: rest.length === 0 ? {} : resolved(rest) };
}

/** Semicolons in quotes and in comments do not count; a quote that is never closed runs to the end. */
function cutAtSemicolons(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length && pieces.length <= MAX_PARAMETERS; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c && isQuoted) at++;
    else if (char === 0x22) isQuoted = !isQuoted;
    else if (char === 0x3b && !isQuoted) {
      pieces.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (pieces.length <= MAX_PARAMETERS) pieces.push(text.slice(start));
  return pieces;
}

/** One piece of a parameter that came in several (RFC 2231 3). */
interface Section {
  readonly index: number;
  readonly text: string;
  readonly isExtended: boolean;
}

function resolved(pieces: readonly string[]): Readonly<Record<string, string>> {
  const plain = new Map<string, string>();
  const sections = new Map<string, Section[]>();
  for (const piece of pieces) {
    const equals = piece.indexOf('=');
    if (equals < 0) continue;
    const name = withoutComments(piece.slice(0, equals)).trim().toLowerCase();
    const text = unquoted(piece.slice(equals + 1).trim());
    // RFC 2231: `name*0*=`, `name*0=`, `name*=`
    const [, base = '', index = '0', star = ''] = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(name) ?? [];
    if (base !== '') {
      const section = { index: Number(index), text, isExtended: star === '*' || name.endsWith('*') };
      const known = sections.get(base);
      if (known === undefined) sections.set(base, [section]);
      else known.push(section);
    } else if (name !== '' && !plain.has(name)) plain.set(name, decodeWords(text));
  }
  // The extended form is the better one where both are there (RFC 6266 4.3 says so of names).
  for (const [base, found] of sections) plain.set(base, joined(found));
  return Object.fromEntries(plain);
}

function joined(found: readonly Section[]): string {
  const sections = found.toSorted((a, b) => a.index - b.index);
  const first = sections[0];
  if (first === undefined) return '';
  const marks = first.isExtended ? first.text.split("'", 2) : [];
  const isMarked = marks.length === 2 && first.text.indexOf("'", (marks[0]?.length ?? 0) + 1) >= 0;
  const charset = isMarked ? marks[0] : undefined;
  const skip = isMarked ? first.text.indexOf("'", (marks[0]?.length ?? 0) + 1) + 1 : 0;
  if (!sections.some((section) => section.isExtended)) return decodeWords(sections.map((section) => section.text).join(''));
  const bytes = sections.map((section, n) => {
    const text = n === 0 ? section.text.slice(skip) : section.text;
    return section.isExtended ? percentDecoded(text) : Buffer.from(text);
  });
  return decodeCharset(Buffer.concat(bytes), charset);
}

function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    const octet = byte === 0x25 ? hexPair(bytes[at + 1], bytes[at + 2]) : -1;
    bytes[length++] = octet < 0 ? byte : octet;
    if (octet >= 0) at += 2;
  }
  return bytes.subarray(0, length);
}

/** A quoted string without its quotes and backslashes; anything else without the comment that may follow. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return withoutComments(text).trim();
  let out = '';
  for (let at = 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') break;
    // `C:\dir\name`: Windows programs forget to escape; only what must be escaped is.
    if (char === '\\' && (text.charAt(at + 1) === '"' || text.charAt(at + 1) === '\\')) at++;
    out += text.charAt(at);
  }
  return out;
}

/** RFC 5322 3.2.2. One that is never closed is none. */
export function withoutComments(text: string): string {
  if (!text.includes('(')) return text;
  let out = '';
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at++;
    else if (char === 0x28 && depth++ === 0) {
      out += text.slice(start, at);
      start = at;
    } else if (char === 0x29 && depth > 0 && --depth === 0) start = at + 1;
  }
  return out + text.slice(start);
}
