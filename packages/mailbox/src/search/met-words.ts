/*
 * Turns the text of a column into what FTS5 is given of it, and finds the words in it that were not met before.
 *
 * The text is gone through by its codes, and words are remembered by 64 bits of hash: to make a string of each word takes half as long as all that FTS5 does with
 * it, and V8 keeps a part of a text as a view on all of it. Should two words have one hash, the later one is not found by a part of it.
 */
import { Beginnings } from './beginnings.ts';
import { WORD_CHARACTERS, wordsOf } from './words.ts';

/** Places in the table of hashes, 16 octets each and half of them used: at first, and from how many on all is forgotten before the next column. */
const FEWEST_PLACES = 2 ** 12;
const MOST_PLACES = 2 ** 17;
/** Of a text, made room for: mostly enough for all that come. */
const FEWEST_CODES = 2 ** 14;
const ASCII = /^[\x00-\x7f]*$/;
/** By code: the small letter, or 0 for what is between words. */
const SMALL = Uint8Array.from({ length: 128 }, (_, code) => {
  const small = String.fromCharCode(code).toLowerCase();
  return /[a-z0-9]/.test(small) ? small.charCodeAt(0) : 0;
});

export interface IndexedColumn {
  /** Its words, with anything between them that is no word to FTS5's ascii tokenizer either, and their beginnings behind. */
  readonly text: string;
  /** Words that may never have been met before. */
  readonly unmet: readonly string[];
}

export class MetWords {
  #beginnings = new Beginnings();
  #hashes = new Hashes(FEWEST_PLACES);
  #columns = 0;
  /** Of the text that is gone through; used again for the next one. */
  #codes = new Uint16Array(0);

  column(text: string): IndexedColumn {
    return this.#read(ASCII.test(text) ? text : wordsOf(text).join(' '));
  }

  forget(): void {
    this.#beginnings = new Beginnings();
    this.#hashes = new Hashes(FEWEST_PLACES);
  }

  #read(text: string): IndexedColumn {
    if (this.#hashes.places > MOST_PLACES) this.forget();
    this.#columns += 1;
    const column = { number: this.#columns, beginnings: [] as string[] };
    const unmet: string[] = [];
    const codes = this.#codesOf(text);
    let start = -1;
    let one = 0;
    let other = 0;
    for (let at = 0; at <= text.length; at += 1) {
      const code = codes[at] ?? 0;
      const letter = code < 128 ? (SMALL[code] ?? 0) : code;
      if (letter !== 0) {
        if (start < 0) start = at;
        one = Math.imul(one ^ letter, 0x0100_0193);
        other = Math.imul(other + letter, 0x85eb_ca6b) ^ (other >>> 13);
      } else if (start >= 0) {
        if (at - start > WORD_CHARACTERS) return this.#read(wordsOf(text).join(' '));
        let longest = this.#hashes.find(one, other);
        if (longest === undefined) {
          const word = text.slice(start, at).toLowerCase();
          unmet.push(word);
          longest = this.#beginnings.longestOf(word);
          this.#remember(one, other, longest);
        }
        this.#beginnings.addTo(column, longest);
        start = -1;
        one = 0;
        other = 0;
      }
    }
    return { text: `${text} ${column.beginnings.join(' ')}`, unmet };
  }

  /** Its codes, and a 0 behind: to go through these takes half as long as to ask the string for each. */
  #codesOf(text: string): Uint16Array {
    if (text.length >= this.#codes.length) this.#codes = new Uint16Array(text.length * 2 + FEWEST_CODES);
    Buffer.from(this.#codes.buffer).write(text, 'utf16le');
    this.#codes[text.length] = 0;
    return this.#codes;
  }

  #remember(one: number, other: number, value: number): void {
    if (this.#hashes.isFull) this.#hashes = this.#hashes.doubled();
    this.#hashes.add(one, other, value);
  }
}

/** What is kept of one: two hashes and a number, side by side, so that the processor fetches them together; a fourth place stays free. */
const CELL_BITS = 2;
const CELL = 2 ** CELL_BITS;

/** A number for each pair of hashes: open addressing. */
class Hashes {
  readonly places: number;
  /** The number is one more than the value; 0: the place is free. */
  readonly #cells: Int32Array;
  #used = 0;

  constructor(places: number) {
    this.places = places;
    this.#cells = new Int32Array(places * CELL);
  }

  get isFull(): boolean {
    return this.#used * 2 >= this.places;
  }

  find(one: number, other: number): number | undefined {
    const value = this.#cells[this.#cellOf(one, other) + 2] ?? 0;
    return value === 0 ? undefined : value - 1;
  }

  add(one: number, other: number, value: number): void {
    this.#cells.set([one, other, value + 1], this.#cellOf(one, other));
    this.#used += 1;
  }

  doubled(): Hashes {
    const hashes = new Hashes(this.places * 2);
    for (let cell = 0; cell < this.#cells.length; cell += CELL) {
      const [one = 0, other = 0, value = 0] = this.#cells.subarray(cell, cell + CELL);
      if (value !== 0) hashes.add(one, other, value - 1);
    }
    return hashes;
  }

  #cellOf(one: number, other: number): number {
    const cells = this.#cells;
    const last = cells.length - CELL;
    let cell = ((one ^ (one >>> 15)) << CELL_BITS) & last;
    while (cells[cell + 2] !== 0 && (cells[cell] !== one || cells[cell + 1] !== other)) cell = (cell + CELL) & last;
    return cell;
  }
}
