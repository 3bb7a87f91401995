const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const ONE_DOT = Buffer.from('.');

/** The message had a CR or an LF alone: it must not leave, for another server may read it as the end of the message (smuggling). */
export class BareLineEnd extends Error {
  override readonly name = 'BareLineEnd';
}

/**
 * RFC 5321 4.5.2: doubles each dot at the start of a line, without a copy where there is none. The message must have CRLF line ends only:
 * a bare CR or LF throws.
 */
export class DotStuffing {
  /** The last octet seen; the first line starts as if after a line end. */
  #previous = LF;

  /** The chunk in the pieces to write, in order. */
  stuff(chunk: Buffer): readonly Buffer[] {
    if (chunk.length === 0) return [];
    if (this.#previous === CR && chunk[0] !== LF) throw new BareLineEnd('a CR without LF');
    const pieces: Buffer[] = [];
    let taken = 0;
    if (this.#previous === LF && chunk[0] === DOT) pieces.push(ONE_DOT);
    // Each turn takes one line: its CR must be right before its LF, and no other CR may stand before that one.
    let lineStart = 0;
    for (;;) {
      const lf = chunk.indexOf(LF, lineStart);
      const cr = chunk.indexOf(CR, lineStart);
      if (lf === -1) {
        if (cr !== -1 && cr !== chunk.length - 1) throw new BareLineEnd('a CR without LF');
        break;
      }
      if (lf === 0 ? this.#previous !== CR : cr !== lf - 1)
        throw new BareLineEnd(lf > 0 && cr !== -1 && cr < lf ? 'a CR without LF' : 'an LF without CR');
      lineStart = lf + 1;
      if (chunk[lineStart] === DOT) {
        pieces.push(chunk.subarray(taken, lineStart), ONE_DOT);
        taken = lineStart;
      }
    }
    this.#previous = chunk[chunk.length - 1] ?? this.#previous;
    pieces.push(taken === 0 ? chunk : chunk.subarray(taken));
    return pieces;
  }

  /** What ends the message: the dot on a line of its own. A message without a last line end is given one. */
  end(): string {
    if (this.#previous === CR) throw new BareLineEnd('a CR without LF');
    return this.#previous === LF ? '.\r\n' : '\r\n.\r\n';
  }
}
