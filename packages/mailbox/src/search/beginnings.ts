/*
 * Beginnings of two to four letters stand in the index as words of their own, with a mark that no word has: behind the text of a column, each once. FTS5's
 * `prefix` does the same with each place of each word, which costs as much again as the words themselves.
 */

/** Longer ones are looked up in the table of words. A single letter is only looked for as a word. */
const SHORTEST = 2;
const LONGEST = 4;
/** A letter to FTS5, and not to us. */
const MARK = '\u0080';

export function isIndexedBeginning(part: string): boolean {
  const { length } = Array.from(part);
  return length >= SHORTEST && length <= LONGEST;
}

export function markedBeginning(part: string): string {
  return MARK + part;
}

/** The beginnings that were met, by number; 0 stands for none. */
export class Beginnings {
  readonly #numbers = new Map<string, number>();
  readonly #marked: string[] = [''];
  /** The number of the one that is a letter shorter. Where a beginning stands, that one does. */
  readonly #shorter: number[] = [0];
  /** The last column that it was written behind. */
  readonly #column: number[] = [0];

  /** The number of the word's longest beginning. */
  longestOf(word: string): number {
    const characters = Array.from(word.slice(0, 2 * LONGEST));
    let longest = 0;
    for (let length = SHORTEST; length <= Math.min(LONGEST, characters.length); length += 1) {
      longest = this.#numberOf(markedBeginning(characters.slice(0, length).join('')), longest);
    }
    return longest;
  }

  /** Adds this one and the shorter ones, unless they were added to this column before. */
  addTo(column: { readonly number: number; readonly beginnings: string[] }, longest: number): void {
    for (let one = longest; one !== 0 && this.#column[one] !== column.number; one = this.#shorter[one] ?? 0) {
      this.#column[one] = column.number;
      column.beginnings.push(this.#marked[one] ?? '');
    }
  }

  #numberOf(marked: string, shorter: number): number {
    const known = this.#numbers.get(marked);
    if (known !== undefined) return known;
    this.#shorter.push(shorter);
    this.#column.push(0);
    const number = this.#marked.push(marked) - 1;
    this.#numbers.set(marked, number);
    return number;
  }
}
