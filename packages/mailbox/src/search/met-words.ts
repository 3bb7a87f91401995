/*
 * Turns the texts of a message into what FTS5 is given of them, and finds the words in them that were not met before.
 *
 * The text stays octets, is gone through by them, and words are remembered by 64 bits of hash: to make a string of each word takes half as long as all that FTS5
 * does with it, and V8 keeps a part of a text as a view on all of it. Should two words have one hash, the later one is not found by a part of it.
 */
import { isAscii } from 'node:buffer';
import { Beginnings } from './beginnings.ts';
import { WORD_CHARACTERS, wordsOf } from './words.ts';

/** Places in the table of hashes, 16 octets each and half of them used: at first, and from how many on all is forgotten before the next column. */
const FEWEST_PLACES = 2 ** 12;
const MOST_PLACES = 2 ** 17;
/** What the beginnings behind a text take at most, in its own length: four letters and a blank have three beginnings, of 18 octets. */
const ROOM_BEHIND = 4;
/** Memory for columns: mostly enough for all that come. */
const FEWEST_OCTETS = 2 ** 17;
const BLANK = 0x20;
/** By octet: the small letter, or 0 for what is between words. What is not ASCII is a letter, in words that are cut already. */
const SMALL = Uint8Array.from({ length: 256 }, (_, code) => {
  const small = String.fromCharCode(code).toLowerCase();
  return code >= 128 ? code : /[a-z0-9]/.test(small) ? small.charCodeAt(0) : 0;
});

export interface IndexedDocument {
  /** Of each text its words, with anything between them that is no word to FTS5's ascii tokenizer either, and their beginnings behind. Used again by the next one. */
  readonly columns: readonly Buffer[];
  /** Words that may never have been met before. */
  readonly unmet: readonly string[];
}

export class MetWords {
  #beginnings = new Beginnings();
  #hashes = new Hashes(FEWEST_PLACES);
  #columns = 0;
  #memory = Buffer.alloc(0);
  #used = 0;

  /** @param texts in UTF-8 */
  document(texts: readonly Uint8Array[]): IndexedDocument {
    this.#used = 0;
    const unmet: string[] = [];
    const columns = texts.map((text) =>
      isAscii(text) ? this.#column(text, 'as it is', unmet) : this.#column(cutWords(text), 'cut', unmet),
    );
    return { columns, unmet };
  }

  forget(): void {
    this.#beginnings = new Beginnings();
    this.#hashes = new Hashes(FEWEST_PLACES);
  }

  #column(text: Uint8Array, words: 'as it is' | 'cut', unmet: string[]): Buffer {
    if (this.#hashes.places > MOST_PLACES) this.forget();
    this.#columns += 1;
    const memory = this.#memoryFor(text.length);
    const first = this.#used;
    const last = first + text.length;
    memory.set(text, first);
    // Ends the last word, too.
    memory[last] = BLANK;
    const to = { column: this.#columns, memory, end: last + 1 };
    let start = -1;
    let one = 0;
    let other = 0;
    for (let at = first; at <= last; at += 1) {
      const letter = SMALL[memory[at] ?? 0] ?? 0;
      if (letter !== 0) {
        if (start < 0) start = at;
        one = Math.imul(one ^ letter, 0x0100_0193);
        other = Math.imul(other + letter, 0x85eb_ca6b) ^ (other >>> 13);
      } else if (start >= 0) {
        if (words === 'as it is' && at - start > WORD_CHARACTERS) return this.#column(cutWords(text), 'cut', unmet);
        let longest = this.#hashes.find(one, other);
        if (longest === undefined) {
          const word = memory.toString('utf8', start, at).toLowerCase();
          unmet.push(word);
          longest = this.#beginnings.longestOf(word);
          this.#remember(one, other, longest);
        }
        to.end = this.#beginnings.write(to, longest);
        start = -1;
        one = 0;
        other = 0;
      }
    }
    this.#used = to.end;
    return memory.subarray(first, to.end);
  }

  /** Columns that are in the memory before stay there. */
  #memoryFor(octets: number): Buffer {
    const room = octets * (1 + ROOM_BEHIND) + 1;
    if (this.#used + room > this.#memory.length) {
      this.#memory = Buffer.alloc(Math.max(FEWEST_OCTETS, room));
      this.#used = 0;
    }
    return this.#memory;
  }

  #remember(one: number, other: number, value: number): void {
    if (this.#hashes.isFull) this.#hashes = this.#hashes.doubled();
    this.#hashes.add(one, other, value);
  }
}

function cutWords(text: Uint8Array): Buffer {
  return Buffer.from(wordsOf(Buffer.from(text.buffer, text.byteOffset, text.length).toString()).join(' '));
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
