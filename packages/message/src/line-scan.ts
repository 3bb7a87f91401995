import type { Violation } from './refusals.ts';

/**
 * RFC 5321 4.5.3.1.6 allows 998 octets and CRLF. Real clients send more (HTML on one line), and servers pass it on; refusing would punish the
 * user for a program's fault. Past this bound it is no mail any more.
 */
export const MAX_LINE_OCTETS = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
/** One above CR: a byte below it is worth a look. */
const PLAIN = 0x0e;
const PLAIN_IN_EACH_BYTE = 0x0e0e0e0e;
const HIGH_BITS = 0x80808080 | 0;

/**
 * Looks through the chunks of one message for line ends that are no CRLF (the stuff of SMTP smuggling), NUL, and the longest line.
 * Four bytes at a time: a word in which no byte is below PLAIN is passed over with one subtraction (the classic "has a byte less than n").
 */
export class LineScan {
  /** Octets of the longest line that has ended, CRLF not counted. */
  longestLine = 0;
  #lineOctets = 0;
  #isAfterCr = false;

  /** The first violation in these bytes; do not go on after one. */
  push(chunk: Buffer): Violation | undefined {
    const skew = chunk.byteOffset & 3;
    const words = new Int32Array(chunk.buffer, chunk.byteOffset - skew, (chunk.length + skew) >> 2);
    let isAfterCr = this.#isAfterCr;
    let lineStart = -this.#lineOctets;
    for (let i = 0; i < chunk.length; i++) {
      if (((i + skew) & 3) === 0 && !isAfterCr) {
        i = nextOddByte(words, (i + skew) >> 2) - skew;
        if (i >= chunk.length) break;
      }
      const byte = chunk[i] as number;
      if (byte >= PLAIN || (byte !== LF && byte !== CR && byte !== 0)) {
        if (isAfterCr) return 'bare-cr';
        continue;
      }
      if (byte === 0) return isAfterCr ? 'bare-cr' : 'nul';
      if (byte === CR) {
        if (isAfterCr) return 'bare-cr';
        isAfterCr = true;
        continue;
      }
      if (!isAfterCr) return 'bare-lf';
      isAfterCr = false;
      const octets = i - 1 - lineStart;
      if (octets > this.longestLine) this.longestLine = octets;
      lineStart = i + 1;
    }
    this.#isAfterCr = isAfterCr;
    this.#lineOctets = chunk.length - lineStart;
    return Math.max(this.longestLine, this.#lineOctets - 1) > MAX_LINE_OCTETS ? 'line-too-long' : undefined;
  }

  /** At the end of the message. `isEnded`: its last line has its CRLF, or there is none. */
  end(): { readonly violation?: Violation; readonly isEnded: boolean } {
    if (this.#isAfterCr) return { violation: 'bare-cr', isEnded: false };
    if (this.#lineOctets > this.longestLine) this.longestLine = this.#lineOctets;
    if (this.longestLine > MAX_LINE_OCTETS) return { violation: 'line-too-long', isEnded: false };
    return { isEnded: this.#lineOctets === 0 };
  }
}

/** The offset of the first byte below PLAIN from word `index` on; past the words when there is none. */
function nextOddByte(words: Int32Array, index: number): number {
  for (let at = index; at < words.length; at++) {
    const word = words[at] as number;
    const odd = (word - PLAIN_IN_EACH_BYTE) & ~word & HIGH_BITS;
    // The lowest set bit is exact; those above it may come from the borrow. The lowest byte is the first one: little-endian, as Node's machines are.
    if (odd !== 0) return at * 4 + ((31 - Math.clz32(odd & -odd)) >> 3);
  }
  return words.length * 4;
}
