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

/** Octets of one with what parts it from the next: a blank, the mark, four characters. */
const MOST_OCTETS = 1 + 2 + 4 * LONGEST;
const FEWEST_KEPT = 2 ** 10;

/** The beginnings that were met, by number; 0 stands for none. */
export class Beginnings {
  readonly #numbers = new Map<string, number>();
  /** Each in UTF-8 with a blank before it, one behind the other, and where each ends. */
  #octets = Buffer.alloc(FEWEST_KEPT * MOST_OCTETS);
  readonly #ends: number[] = [0];
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

  /**
   * Writes this one and the shorter ones, unless they were written behind this column before.
   * @returns where they end
   */
  write(to: { readonly column: number; readonly memory: Buffer; readonly end: number }, longest: number): number {
    let { end } = to;
    for (let one = longest; one !== 0 && this.#column[one] !== to.column; one = this.#shorter[one] ?? 0) {
      this.#column[one] = to.column;
      const last = this.#ends[one] ?? 0;
      for (let at = this.#ends[one - 1] ?? 0; at < last; at += 1) {
        to.memory[end] = this.#octets[at] ?? 0;
        end += 1;
      }
    }
    return end;
  }

  #numberOf(marked: string, shorter: number): number {
    const known = this.#numbers.get(marked);
    if (known !== undefined) return known;
    const number = this.#ends.length;
    const start = this.#ends[number - 1] ?? 0;
    if (start + MOST_OCTETS > this.#octets.length) this.#octets = Buffer.concat([this.#octets], this.#octets.length * 2);
    this.#ends.push(start + this.#octets.write(` ${marked}`, start));
    this.#shorter.push(shorter);
    this.#column.push(0);
    this.#numbers.set(marked, number);
    return number;
  }
}
