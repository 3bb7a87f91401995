/*
 * The bytes between DATA and the final dot (RFC 5321 4.5.2), by chunks. A line begins after CRLF and nowhere else, so a dot after a bare LF or CR
 * neither ends the message nor is taken away: whoever smuggles with those sends us one message, and that one is refused for its line ends.
 */
const CRLF_DOT = Buffer.from('\r\n.');
const NOTHING = Buffer.alloc(0);
const DOT = 0x2e;
const CR = 0x0d;
const LF = 0x0a;

export type Decoded =
  | { readonly kind: 'more'; readonly content: Buffer }
  /** `rest`: what the client sent behind the end. */
  | { readonly kind: 'end'; readonly content: Buffer; readonly rest: Buffer };

export class DotDecoder {
  /** Undecided yet: the beginning of a `CRLF.CRLF` at the end of what came; for the first line the CRLF is thought. */
  #held: Buffer = NOTHING;
  #isFirstLine = true;

  /** The content is a view of `chunk` where it can be; stuffed dots are squeezed out in place. */
  push(chunk: Buffer): Decoded {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    let start = 0;
    if (this.#isFirstLine) {
      const end = endAt(bytes, 0);
      if (end === 'unknown') return this.#hold(bytes, 0, 0);
      if (end !== 'no') return { kind: 'end', content: NOTHING, rest: bytes.subarray(end) };
      this.#isFirstLine = false;
      if (bytes[0] === DOT) start = 1;
    }
    return this.#scan(bytes, start);
  }

  #scan(bytes: Buffer, start: number): Decoded {
    /** Content is [start, written); what is still to be looked at begins at `from`. Both are equal until a dot is squeezed out. */
    let written = start;
    let from = start;
    const keep = (until: number): void => {
      if (written !== from) bytes.copyWithin(written, from, until);
      written += until - from;
      from = until;
    };
    for (let at = bytes.indexOf(CRLF_DOT, from); at >= 0; at = bytes.indexOf(CRLF_DOT, from)) {
      const end = endAt(bytes, at + 2);
      if (end === 'unknown') {
        keep(at);
        return this.#hold(bytes, start, written, at);
      }
      keep(at + 2);
      if (end !== 'no') return { kind: 'end', content: bytes.subarray(start, written), rest: bytes.subarray(end) };
      from = at + 3;
    }
    const open = bytes.length - openLineEnd(bytes, from);
    keep(open);
    return this.#hold(bytes, start, written, open);
  }

  #hold(bytes: Buffer, start: number, written: number, heldFrom = 0): Decoded {
    this.#held = bytes.subarray(heldFrom);
    return { kind: 'more', content: bytes.subarray(start, written) };
  }
}

/** A line begins at `lineStart`: where the message's end ends, or that it is not one, or that more bytes are needed to tell. */
function endAt(bytes: Buffer, lineStart: number): number | 'no' | 'unknown' {
  const [dot, cr, lf] = [bytes[lineStart], bytes[lineStart + 1], bytes[lineStart + 2]];
  if (dot === undefined) return 'unknown';
  if (dot !== DOT) return 'no';
  if (cr === undefined) return 'unknown';
  if (cr !== CR) return 'no';
  if (lf === undefined) return 'unknown';
  return lf === LF ? lineStart + 3 : 'no';
}

/** How many bytes at the end may be the beginning of CRLF and a dot: `CR` or `CRLF`. */
function openLineEnd(bytes: Buffer, from: number): number {
  const last = bytes.length - 1;
  if (last >= from && bytes[last] === CR) return 1;
  return last - 1 >= from && bytes[last] === LF && bytes[last - 1] === CR ? 2 : 0;
}
