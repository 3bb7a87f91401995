/*
 * What a word is, for what is indexed and for what is looked for alike. Letters are folded: compatibility forms, marks of Latin, Greek, Cyrillic, Hebrew
 * and Arabic, and case go. Scripts that are written without blanks between words become one word for each character. Everything else is a blank.
 */

/** A longer one is known by its beginning. */
export const WORD_CHARACTERS = 64;

const ASCII = /^[\x00-\x7f]*$/;
const ASCII_WORD = /[a-z0-9]+/g;
/** Latin, Greek and Cyrillic accents; Hebrew points; Arabic vowels. In other scripts a mark is part of the letter. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;
const SINGLE = /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]$/u;
const WORD =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]|[[\p{L}\p{N}\p{M}]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]]+/gv;
const LETTER = /^[\p{L}\p{N}\p{M}]$/u;

/** In their order. */
export function wordsOf(text: string): string[] {
  if (ASCII.test(text)) return (text.toLowerCase().match(ASCII_WORD) ?? []).map(cut);
  const found: string[] = [];
  for (const word of foldLetters(text).match(WORD) ?? []) {
    // What SINGLE takes may be a sign; it counts only as a letter.
    if (word.length > 2 || !isSingle(word) || LETTER.test(word)) found.push(cut(word));
  }
  return found;
}

/** It stands for itself: nothing is before or behind it in the same word. */
export function isSingle(word: string): boolean {
  return SINGLE.test(word);
}

/** So that `Éclair` is found by `eclair`: what is looked for and what it is looked for in, alike. */
export function foldLetters(text: string): string {
  return text.normalize('NFKD').replaceAll(ACCENTS, '').normalize('NFC').toLowerCase().replaceAll('ß', 'ss');
}

function cut(word: string): string {
  return word.length <= WORD_CHARACTERS ? word : word.slice(0, WORD_CHARACTERS).toWellFormed();
}
