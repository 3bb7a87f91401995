/*
 * JSON leaves these as they are, and a terminal obeys some of them: DEL and C1 (U+009B begins a colour or a cursor move), the line separators, and
 * the marks that turn the direction of text, with which an address can be made to read as another.
 */
const UNPRINTABLE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** In JSON such a character stands in a string only, where its escape means the same. */
export function withoutUnprintable(line: string): string {
  return line.replaceAll(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
