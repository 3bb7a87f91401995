/*
 * Labels are keywords (RFC 9051 2.3.2, RFC 8621 4.1.1): what other programs and the provider see, too. A keyword knows no capitals and only some of
 * ASCII: of a name, a blank becomes `_`, and octets of UTF-8 that have no place in it `=hh`. What is no such encoding is shown as it stands, so that
 * every keyword there is has a name, and the keyword alone says which label it is.
 */
const LONGEST_KEYWORD = 100;
export const COLOURS = 8;

/** Thunderbird's own five, and others of its kind. */
const NUMBERED = /^\$label([1-9]\d?)$/;
/** Marks that programs leave for themselves. */
const MARKS = new Set('junk nonjunk notjunk junkrecorded forwarded redirected replied receipthandled unsubscribed'.split(' '));

/** The names of Thunderbird's five, in the reader's language. */
export type KnownNames = readonly string[];

export function isLabel(keyword: string): boolean {
  return keyword.startsWith('$') ? NUMBERED.test(keyword) : !MARKS.has(keyword);
}

/** Those of a message or of several, each once. */
export function labelsOf(messages: readonly { readonly keywords: Readonly<Record<string, boolean>> }[]): readonly string[] {
  return [...new Set(messages.flatMap(({ keywords }) => Object.keys(keywords)))].filter(isLabel).toSorted();
}

export function labelName(keyword: string, known: KnownNames): string {
  const number = NUMBERED.exec(keyword)?.[1];
  if (number !== undefined) return known[Number(number) - 1] ?? `Label ${number}`;
  const name = decoded(keyword);
  return name !== undefined && encoded(name) === keyword ? name : keyword;
}

/** Undefined: no keyword can be made of it. @param labels those that are there; the one that is called so, if it is among them */
export function labelKeyword(name: string, labels: readonly string[], known: KnownNames): string | undefined {
  const wanted = normal(name);
  if (wanted === '') return undefined;
  const numbered = known.findIndex((one) => normal(one) === wanted);
  if (numbered !== -1) return `$label${numbered + 1}`;
  const found = labels.find((keyword) => keyword === wanted || normal(labelName(keyword, known)) === wanted);
  if (found !== undefined) return found;
  const keyword = encoded(wanted);
  return keyword.length <= LONGEST_KEYWORD && isLabel(keyword) ? keyword : undefined;
}

/** The same for a label wherever it is shown; Thunderbird's five have the colours that they have there. */
export function labelColour(keyword: string): number {
  const number = NUMBERED.exec(keyword)?.[1];
  if (number !== undefined) return (Number(number) - 1) % COLOURS;
  let sum = 0;
  for (const char of keyword) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return sum % COLOURS;
}

function normal(name: string): string {
  return name.normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

/** What RFC 8621 4.1.1 leaves out, what this encoding needs, and a `$` at the beginning, which names marks of programs. */
const ENCODED = /^\$|[^!-~]|[(){%*"\\\]=_]/gu;

function encoded(name: string): string {
  return name.replaceAll(ENCODED, (char) => (char === ' ' ? '_' : [...new TextEncoder().encode(char)].map(octet).join('')));
}

function octet(value: number): string {
  return `=${value.toString(16).padStart(2, '0')}`;
}

function decoded(keyword: string): string | undefined {
  const octets: number[] = [];
  for (const [piece, hex] of keyword.matchAll(/=([0-9a-f]{2})|[^]/g))
    octets.push(hex === undefined ? (piece === '_' ? 0x20 : piece.charCodeAt(0)) : Number.parseInt(hex, 16));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(octets));
  } catch {
    return undefined;
  }
}
