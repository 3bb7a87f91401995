/*
 * Turns the text of a column into what FTS5 is given of it, and finds the words in it that were not met before.
 *
 * The text is gone through by its codes, and words are remembered by 64 bits of hash: to make a string of each word takes half as long as all that FTS5 does with
 * it, and V8 keeps a part of a text as a view on all of it. Should two words have one hash, the later one is not found by a part of it.
 */
import { Beginnings } from './beginnings.ts';
import { WORD_CHARACTERS, wordsOf } from './words.ts';

/** Places in the table of hashes, 12 octets each and half of them used: at first, and from how many on all is forgotten before the next column. */
const FEWEST_PLACES = 2 ** 12;
const MOST_PLACES = 2 ** 17;
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
    let start = -1;
    let one = 0;
    let other = 0;
    for (let at = 0; at <= text.length; at += 1) {
      const code = at < text.length ? text.charCodeAt(at) : 0;
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

  #remember(one: number, other: number, value: number): void {
    if (this.#hashes.isFull) this.#hashes = this.#hashes.doubled();
    this.#hashes.add(one, other, value);
  }
}

/** A number for each pair of hashes: open addressing. */
class Hashes {
  readonly places: number;
  readonly #one: Int32Array;
  readonly #other: Int32Array;
  /** One more than the value; 0: the place is free. */
  readonly #value: Int32Array;
  #used = 0;

  constructor(places: number) {
    this.places = places;
    this.#one = new Int32Array(places);
    this.#other = new Int32Array(places);
    this.#value = new Int32Array(places);
  }

  get isFull(): boolean {
    return this.#used * 2 >= this.places;
  }

  find(one: number, other: number): number | undefined {
    const value = this.#value[this.#placeOf(one, other)] ?? 0;
    return value === 0 ? undefined : value - 1;
  }

  add(one: number, other: number, value: number): void {
    const place = this.#placeOf(one, other);
    this.#one[place] = one;
    this.#other[place] = other;
    this.#value[place] = value + 1;
    this.#used += 1;
  }

  doubled(): Hashes {
    const hashes = new Hashes(this.places * 2);
    for (const [place, value] of this.#value.entries()) {
      if (value !== 0) hashes.add(this.#one[place] ?? 0, this.#other[place] ?? 0, value - 1);
    }
    return hashes;
  }

  #placeOf(one: number, other: number): number {
    let place = (one ^ (one >>> 15)) & (this.places - 1);
    while (this.#value[place] !== 0 && (this.#one[place] !== one || this.#other[place] !== other)) place = (place + 1) & (this.places - 1);
    return place;
  }
}
